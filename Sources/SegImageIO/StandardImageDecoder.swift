import Foundation
public import SegCore

/// Reads PNG files as grey images and masks, as ``SegCore/ImageDecoder`` defines them.
public struct StandardImageDecoder: ImageDecoder {
    /// The largest image that is decoded, px.
    public var maximumPixels: Int

    public init(maximumPixels: Int = PNG.defaultMaximumPixels) {
        self.maximumPixels = maximumPixels
    }

    public func grayImage(at path: String) throws -> GrayImage {
        try PNG.read(URL(fileURLWithPath: path), maximumPixels: maximumPixels).gray
    }

    public func mask(at path: String, rule: MaskRule) throws -> Mask {
        try PNG.read(URL(fileURLWithPath: path), maximumPixels: maximumPixels).mask(by: rule)
    }
}
