public import SegCore

extension PluginSettings {
    /// Settings from a configuration: the defaults, overlaid with what the configuration names.
    ///
    /// - Parameter subject: where the configuration stands, for messages: `arms[0].backbone`.
    ///
    /// - Throws: ``SegmentationError`` for an unknown name (with the nearest valid one), a name without a value, a
    ///   value of the wrong kind, or a value out of range.
    public init(_ configuration: ConfigurationValue, subject: String) throws {
        let defaults = try ConfigurationValue(encoding: Self())
        try defaults.requireKnown(configuration, subject: subject)
        do {
            let complete = defaults.overlaid(with: configuration).presentlySpelled
            self = try ConfigurationDecoder.decode(Self.self, from: complete)
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
