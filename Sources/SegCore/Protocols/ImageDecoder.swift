/// Reads image files; `SegImageIO` has the implementation.
public protocol ImageDecoder: Sendable {
    /// The file as grey, intensity `0...1`: colour by the Rec. 601 luma weights, alpha ignored.
    func grayImage(at path: String) throws -> GrayImage

    /// The file as a mask, by a rule.
    func mask(at path: String, rule: MaskRule) throws -> Mask
}

extension ImageDecoder {
    /// The file as a mask by the rule ``MaskRule/bright``.
    public func mask(at path: String) throws -> Mask { try mask(at: path, rule: .bright) }
}
