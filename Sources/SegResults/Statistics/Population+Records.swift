package import SegCore

extension Population {
    /// Of the records of a data set, with the sizes of their lesions from the rows of one training's test.
    package init(_ records: [SampleRecord], cases: [CaseResult], of dataset: String) {
        let patients = Set(records.compactMap(\.clinical.patient))
        self.init(images: records.count, patients: patients.isEmpty ? nil : patients.count)
        var ages: [String: Double] = [:]
        for record in records { if let age = record.clinical.age { ages[record.clinical.patient ?? record.id] = age } }
        age = Spread(ages.values.map { $0 })
        let lesions = cases.filter { $0.dataset == dataset && ($0.lesionFraction ?? 0) > 0 }
        diameter = Spread(lesions.compactMap(\.diameter))
        lesionFraction = Spread(lesions.compactMap(\.lesionFraction))
        categories = Self.counts(records.compactMap { $0.clinical.category?.rawValue })
        devices = Self.counts(records.compactMap(\.clinical.device))
    }

    private static func counts(_ names: [String]) -> [String: Int]? {
        names.isEmpty ? nil : Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
    }
}
