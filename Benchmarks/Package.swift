// swift-tools-version: 6.2
import PackageDescription

/// Measurements, in a package of their own as yours would be: they use nothing that is not public.
let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "SegmentationKit", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        .executableTarget(
            name: "OperatorBenchmarks",
            dependencies: [.product(name: "SegmentationKit", package: "SegmentationKit")]
        ),
        .executableTarget(
            name: "MetricBenchmarks",
            dependencies: [.product(name: "SegmentationKit", package: "SegmentationKit")]
        ),
        .executableTarget(
            name: "DataBenchmarks",
            dependencies: [
                .product(name: "SegmentationKit", package: "SegmentationKit"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
