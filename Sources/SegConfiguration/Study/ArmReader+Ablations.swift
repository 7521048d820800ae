import SegCore
import SegSettings

extension ArmReader {
    private typealias Arm = StudyConfiguration.ArmConfiguration

    /// An arm to be made: what it is called and what it changes.
    private struct Ablation {
        /// What follows the base arm's name: `without-birads`.
        var suffix: String
        /// What follows the base arm's title: `without birads`.
        var title: String
        /// The key of the file that asks for it: `ablations.drop`.
        var path: String
        /// Laid over the base arm.
        var overlay: ConfigurationValue
    }

    /// The arms with those that ablations make of one of them, and a remark for each that is an arm already.
    ///
    /// - Parameter base: the arm to change, unless the ablations name another.
    ///
    /// - Throws: ``SegmentationError`` if there is no such arm or nothing to change in it, if a name is taken, and for
    ///   values that the arm cannot have.
    func ablated(
        _ ablations: AblationConfiguration,
        base reference: String,
        among arms: [StudyConfiguration.ArmConfiguration]
    ) throws -> (arms: [StudyConfiguration.ArmConfiguration], remarks: [String]) {
        let name = ablations.base ?? reference
        guard let base = arms.first(where: { $0.name == name }) else {
            let subject = "\(AblationConfiguration.path).base"
            throw SegmentationError.unknown("arm", called: name, at: subject, among: arms.map(\.name))
        }
        let tree = try tree(of: base.name)
        var result = arms
        var remarks: [String] = []
        for ablation in try Self.list(ablations, of: base) {
            let name = "\(base.name)-\(ablation.suffix)"
            try StudyConfiguration.requireFileName(name, subject: ablation.path)
            let arm = try arm(
                name,
                title: "\(base.title), \(ablation.title)",
                tree.overlaid(with: ModelConfiguration.writtenOut(ablation.overlay)),
                path: ablation.path
            )
            if let same = result.first(where: { $0.isTrained(as: arm) }) {
                remarks.append("the ablation `\(name)` is the arm `\(same.name)`, and is not trained twice")
                continue
            }
            guard !result.contains(where: { $0.name == name }) else {
                throw SegmentationError(
                    ablation.path,
                    "it makes an arm `\(name)`, and another arm already has that name",
                    cure: "give that arm another name, or remove one of the two"
                )
            }
            result.append(arm)
        }
        return (result, remarks)
    }

    private static func list(_ ablations: AblationConfiguration, of base: Arm) throws -> [Ablation] {
        try ablations.drop.flatMap { try parts($0, of: base, isDropped: true) }
            + ablations.only.flatMap { try parts($0, of: base, isDropped: false) }
            + ablations.sweep.flatMap { path, values in try values.map { try swept(path, $0) } }
    }

    /// One ablation for each term or feature of the base arm: without it, or with it alone.
    private static func parts(
        _ target: AblationConfiguration.Target,
        of base: Arm,
        isDropped: Bool
    ) throws -> [Ablation] {
        let path = "\(AblationConfiguration.path).\(isDropped ? "drop" : "only")"
        func ablation(_ name: String, _ overlay: ConfigurationValue) -> Ablation {
            Ablation(
                suffix: "\(isDropped ? "without" : "only")-\(name)",
                title: isDropped ? "without \(name)" : "\(name) alone",
                path: path,
                overlay: .table(["model": .table(["terms": overlay])])
            )
        }
        let terms = base.model.terms
        guard !terms.isEmpty else {
            throw SegmentationError(
                path,
                "the arm `\(base.name)` has no consistency terms",
                cure: "name an arm that has, as in `base: consistency`"
            )
        }
        switch target {
        case .terms:
            return terms.map { term in
                let off = terms.map(\.name).filter { ($0 == term.name) == isDropped }
                return ablation(term.name, .table(ConfigurationMembers(off.map { ($0, .bool(false)) })))
            }
        case .features:
            let lists = terms.compactMap { term -> (term: String, features: [ConfigurationValue])? in
                guard case .list(let features)? = term.settings.members?["features"] else { return nil }
                return (term.name, features)
            }
            guard lists.contains(where: { $0.features.count > 1 }) else {
                throw SegmentationError(
                    path,
                    "no term of the arm `\(base.name)` lists several features",
                    cure: "use `terms`, or name more features"
                )
            }
            return lists.flatMap { term, features in
                features.map { feature in
                    let left = isDropped ? features.filter { $0 != feature } : [feature]
                    let name = lists.count > 1 ? "\(term)-\(feature.brief)" : feature.brief
                    let settings = ConfigurationValue.table(["settings": .table(["features": .list(left)])])
                    return ablation(name, .table([term: settings]))
                }
            }
        }
    }

    private static func swept(_ path: String, _ value: ConfigurationValue) throws -> Ablation {
        let subject = "\(AblationConfiguration.path).sweep"
        if value.members != nil {
            throw SegmentationError(
                "\(subject).\(path)",
                "one of the values is a table",
                cure: "sweep one key with plain values, or write the arms out with `extends`"
            )
        }
        let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let overlay = parts.reversed().reduce(value) { .table([$1: $0]) }
        let grouping = ["model", "training", "backbone", "heads", "terms", "settings"]
        let label = parts.filter { !grouping.contains($0) }
        // A name becomes a file's name, which has no brackets.
        let text = if case .list(let items) = value { items.map(\.brief).joined(separator: "-") } else { value.brief }
        return Ablation(
            suffix: (label + [text]).joined(separator: "-"),
            title: (label + [value.brief]).joined(separator: " "),
            path: subject,
            overlay: overlay
        )
    }
}

extension StudyConfiguration.ArmConfiguration {
    /// Whether two arms differ in their names only.
    func isTrained(as other: Self) -> Bool {
        model.backbone == other.model.backbone && model.heads == other.model.heads && model.terms == other.model.terms
            && model.startFrom == other.model.startFrom && training == other.training
    }
}
