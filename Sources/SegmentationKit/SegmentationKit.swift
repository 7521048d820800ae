/// The library as one import: every module that a program or a plugin uses.
///
/// To import less, import the modules themselves, or use a smaller product: `SegmentationCore` for tensors and protocols,
/// `SegmentationModels` for networks, `SegmentationData` for images and data sets, `SegmentationStudy` for trainings and studies,
/// `SegmentationTesting` for the conformance suites.
@_exported public import SegAugmentation
@_exported public import SegBIRADS
@_exported public import SegBackbones
@_exported public import SegCache
@_exported public import SegConfiguration
@_exported public import SegCore
@_exported public import SegData
@_exported public import SegDatasets
@_exported public import SegHeads
@_exported public import SegImageIO
@_exported public import SegInference
@_exported public import SegInspection
@_exported public import SegLayers
@_exported public import SegLosses
@_exported public import SegManuscript
@_exported public import SegMetrics
@_exported public import SegOptimization
@_exported public import SegPhantoms
@_exported public import SegProgress
@_exported public import SegReport
@_exported public import SegResults
@_exported public import SegScoring
@_exported public import SegSettings
@_exported public import SegStudy
@_exported public import SegTables
@_exported public import SegTensor
@_exported public import SegTraining
