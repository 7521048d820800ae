import SegCore

extension ConfigurationMembers {
    /// These members, of which those that `others` have in another spelling are called as there: `normalisation` of an older
    /// file over the default `normalization`.
    func spelled(like others: ConfigurationMembers) -> ConfigurationMembers {
        func name(_ key: String) -> String {
            guard others[key] == nil, let other = FormerSpelling.other(key), others[other] != nil, self[other] == nil
            else { return key }
            return other
        }
        return ConfigurationMembers(map { (name($0.key), $0.value) })
    }
}

extension ConfigurationValue {
    /// The same tree with the present spelling of names among its values, such as those of features.
    var presentlySpelled: ConfigurationValue {
        switch self {
        case .text(let text): .text(FormerSpelling.presentIfUnmistakable(text))
        case .list(let items): .list(items.map(\.presentlySpelled))
        case .table(let members): .table(members.mapValues(\.presentlySpelled))
        default: self
        }
    }
}
