extension ConfigurationValue {
    /// The path of the first value in which two configurations differ; `nil` if they are equal.
    package func firstDifference(from other: ConfigurationValue, path: String = "") -> String? {
        switch (self, other) {
        case (.table(let a), .table(let b)):
            for key in Set(a.keys).union(b.keys).sorted() {
                let inner = path.isEmpty ? key : "\(path).\(key)"
                guard let first = a[key], let second = b[key] else { return inner }
                if let difference = first.firstDifference(from: second, path: inner) { return difference }
            }
            return nil
        case (.list(let a), .list(let b)):
            for (index, pair) in zip(a, b).enumerated() {
                if let difference = pair.0.firstDifference(from: pair.1, path: "\(path)[\(index)]") {
                    return difference
                }
            }
            return a.count == b.count ? nil : path
        case (.integer(let a), .number(let b)), (.number(let b), .integer(let a)):
            return Double(a) == b ? nil : path
        default:
            return self == other ? nil : path
        }
    }
}
