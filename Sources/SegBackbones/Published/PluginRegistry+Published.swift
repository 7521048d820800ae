public import SegSettings

extension PluginRegistry {
    /// Adds the encoders that the library ships. Throws if a name is taken.
    public mutating func addStandardEncoders() throws {
        for network in PublishedNetwork.allCases {
            try add(encoder: network.rawValue, summary: network.summary, settings: PublishedEncoder.Settings.self) {
                .published(network, settings: $0)
            }
        }
    }
}
