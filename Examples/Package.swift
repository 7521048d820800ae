// swift-tools-version: 6.2
import PackageDescription

/// A package of its own, as yours would be. Elsewhere the path of the dependency is that of your clone.
let kit: Target.Dependency = .product(name: "SegmentationKit", package: "SegmentationKit")

let package = Package(
    name: "Examples",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "ClinicPlugins", targets: ["ClinicPlugins"]),
        .executable(name: "clinic-segkit", targets: ["ClinicSegkit"]),
        .executable(name: "ComposeTrainAndJudge", targets: ["ComposeTrainAndJudge"]),
        .executable(name: "CustomTerm", targets: ["CustomTerm"]),
        .executable(name: "TensorBasics", targets: ["TensorBasics"]),
    ],
    dependencies: [
        .package(name: "SegmentationKit", path: "..")
    ],
    targets: [
        .target(name: "ClinicPlugins", dependencies: [kit]),
        .executableTarget(name: "ClinicSegkit", dependencies: ["ClinicPlugins", kit]),
        .executableTarget(name: "ComposeTrainAndJudge", dependencies: [kit]),
        .executableTarget(name: "CustomTerm", dependencies: ["ClinicPlugins", kit]),
        .executableTarget(name: "TensorBasics", dependencies: ["ClinicPlugins", kit]),
        .testTarget(name: "ClinicPluginsTests", dependencies: ["ClinicPlugins", "ClinicSegkit", kit]),
    ],
    swiftLanguageModes: [.v6]
)
