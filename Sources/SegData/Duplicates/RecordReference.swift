/// A record of one of several data sets, by name.
public struct RecordReference: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The data set's name.
    public var dataset: String
    /// The record's id in it.
    public var id: String

    public init(dataset: String, id: String) {
        self.dataset = dataset
        self.id = id
    }

    public var description: String { "\(dataset) \(id)" }
}
