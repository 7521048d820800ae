public import Foundation

/// Reads image files; `SegImageIO` has the implementation.
public protocol ImageDecoder: Sendable {
    /// The file as gray, intensity `0...1`: color by the Rec. 601 luma weights, alpha ignored.
    func grayImage(at path: String) throws -> GrayImage

    /// The file's colors, each as an image of intensity `0...1`: red, green and blue, alike for a gray file. Default: gray
    /// three times.
    func colorChannels(at path: String) throws -> [GrayImage]

    /// The file as a mask, by a rule.
    func mask(at path: String, rule: MaskRule) throws -> Mask

    /// What the file stores, before any rule: for a check that holds masks against what was made of them. Default: `nil`,
    /// which says that it is unknown.
    func storedMask(at path: String) throws -> StoredMask?

    /// The file whose bytes decide what a path shows: the path itself, unless it names a part of a file. Default: the path.
    func file(of path: String) -> URL

    /// The version of how files are decoded, to be raised with every change of what the same bytes give. Together with
    /// the settings that decoding depends on.
    ///
    /// Cached samples are kept apart by it. The default is `nil`: then they are kept apart by the program's own bytes.
    var decodingVersion: String? { get }
}

extension ImageDecoder {
    public func colorChannels(at path: String) throws -> [GrayImage] {
        let gray = try grayImage(at: path)
        return [gray, gray, gray]
    }

    public func storedMask(at path: String) throws -> StoredMask? { nil }

    public func file(of path: String) -> URL { URL(fileURLWithPath: path) }

    public var decodingVersion: String? { nil }

    /// The file as a mask by the rule ``MaskRule/bright``.
    public func mask(at path: String) throws -> Mask { try mask(at: path, rule: .bright) }
}
