/// Cases gathered by group (patient), so that dependent cases are resampled together; alone without groups.
struct CaseGroups: Hashable {
    /// The cases of every group, groups in the order of their first appearance.
    let members: [[Int]]

    init(_ groups: [String]?, caseCount: Int) {
        guard let groups else {
            members = (0..<caseCount).map { [$0] }
            return
        }
        var positions: [String: Int] = [:]
        var members: [[Int]] = []
        for (index, group) in groups.enumerated() {
            if let position = positions[group] {
                members[position].append(index)
            } else {
                positions[group] = members.count
                members.append([index])
            }
        }
        self.members = members
    }

    var count: Int { members.count }

    var sizes: [Int] { members.map(\.count) }

    func sums(_ values: [Double]) -> [Double] {
        members.map { cases in cases.reduce(0) { $0 + values[$1] } }
    }
}
