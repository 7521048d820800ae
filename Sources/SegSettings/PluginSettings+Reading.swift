public import SegCore

extension PluginSettings {
    /// Settings from a configuration: the defaults, overlaid with what the configuration names.
    ///
    /// - Parameter subject: where the configuration stands, for messages: `arms[0].backbone`.
    ///
    /// Throws: ``SegmentationError`` for an unknown name (with the nearest valid one), a value of the wrong kind, or a
    /// value out of range.
    public init(_ configuration: ConfigurationValue, subject: String) throws {
        let defaults = try ConfigurationValue(encoding: Self())
        let merged = try defaults.overlaid(with: configuration, subject: subject)
        do {
            self = try ConfigurationDecoder.decode(Self.self, from: merged)
        } catch let error as DecodingError {
            throw Self.explained(error, subject: subject)
        }
        do {
            try validate()
        } catch let error as SegmentationError {
            throw error.within(subject)
        }
    }

    private static func explained(_ error: DecodingError, subject: String) -> SegmentationError {
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let place), .valueNotFound(_, let place), .keyNotFound(_, let place),
            .dataCorrupted(let place):
            context = place
        @unknown default: return SegmentationError(subject, "\(error)", cure: "correct the configuration")
        }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
        return SegmentationError(
            subject + path,
            context.debugDescription,
            cure: "see `segkit plugins` for names, kinds and defaults"
        )
    }
}

extension ConfigurationValue {
    /// These defaults with a table of settings laid over them.
    ///
    /// Throws: ``SegmentationError`` for a name that the defaults lack, and for anything but a table.
    func overlaid(with configuration: ConfigurationValue, subject: String) throws -> ConfigurationValue {
        if case .null = configuration { return self }
        guard let given = configuration.members else {
            throw SegmentationError(
                subject,
                "is \(configuration.kind) where a table of settings is expected",
                cure: "write one `name: value` a line below it"
            )
        }
        var result = members ?? [:]
        for (key, value) in given.sorted(by: { $0.key < $1.key }) {
            guard let known = result[key] else {
                throw SegmentationError.unknown(key, in: subject, among: result.keys)
            }
            if known.members != nil, value.members != nil {
                result[key] = try known.overlaid(with: value, subject: "\(subject).\(key)")
            } else {
                result[key] = value
            }
        }
        return .table(result)
    }
}
