/// The version of SegmentationKit, written into results and model files.
public let segmentationKitVersion = "0.1.0"
