func requireConfidence(_ confidence: Double) throws {
    guard confidence > 0 && confidence < 1 else {
        throw MetricsError(
            "the confidence \(confidence) is not between 0 and 1",
            cure: "give one strictly between 0 and 1, such as 0.95"
        )
    }
}

func requireResamples(_ count: Int) throws {
    guard count > 0 else {
        throw MetricsError("\(count) resamples are not enough", cure: "ask for at least one; 10000 are usual")
    }
}

func requireGroups(_ groups: [String]?, caseCount: Int, named name: String = "cases") throws {
    if let groups { try requireEqualCounts(("groups", groups.count), (name, caseCount)) }
}
