/// Weights that somebody published, as a model that began with them records them.
public struct PublishedWeights: Codable, Hashable, Sendable {
    /// The network whose weights they are: `resnet18`.
    public var encoder: String
    /// The file's path, as the configuration names it.
    public var file: String
    /// SHA-256 of the file's bytes, as `sha256sum` prints it; `nil` until the file is read.
    public var hash: String?

    public init(encoder: String, file: String, hash: String? = nil) {
        self.encoder = encoder
        self.file = file
        self.hash = hash
    }
}
