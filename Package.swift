// swift-tools-version: 6.2
import PackageDescription

/// CI sets `SEGKIT_STRICT=1`; a user's newer compiler must not fail on a new warning.
let isStrict = Context.environment["SEGKIT_STRICT"] == "1"

let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])

let cSettings: [CSetting] = isStrict ? [.treatAllWarnings(as: .error)] : []

/// A room of the house: a library target under `Sources`, named after its folder.
func room(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

/// `exclude` names what is neither source nor resource, such as the scripts that generate expected values.
func tests(
    _ name: String,
    _ dependencies: [Target.Dependency],
    exclude: [String] = [],
    resources: [Resource]? = nil
) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        exclude: exclude,
        resources: resources,
        swiftSettings: swiftSettings
    )
}

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let rooms: [Target] = [
    // From the ground up: an arrow may only point to a room above it in this list.
    room("SegTensor", ["CSegKernels", "CSegFailure"]),
    room("SegCore", ["SegTensor"]),
    room("SegSettings", ["SegCore", yams]),
    room("SegPages"),
    room("SegFiles", ["SegCore", "CZlib"]),
    room("SegLayers", ["SegTensor", "SegCore"]),
    room("SegBackbones", ["SegTensor", "SegCore", "SegLayers"]),
    room("SegLosses", ["SegTensor", "SegCore"]),
    room("SegHeads", ["SegTensor", "SegCore", "SegLayers", "SegLosses"]),
    room("SegBIRADS", ["SegTensor", "SegCore"]),
    room("SegCache", ["SegCore", "SegFiles", "CZstd"]),
    room("SegImageIO", ["SegCore", "SegFiles", "CSegPNG", "CSegTIFF"]),
    room("SegData", ["SegTensor", "SegCore", "SegFiles", "SegCache"]),
    room("SegDatasets", ["SegCore", "SegFiles", "SegImageIO"]),
    room("SegMetrics"),
    room("SegScoring", ["SegTensor", "SegCore", "SegSettings", "SegMetrics"]),
    room("SegInterop", ["SegTensor", "SegCore", "SegFiles"]),
    room(
        "SegTraining",
        ["SegTensor", "SegCore", "SegSettings", "SegCache", "SegData", "SegMetrics", "SegInterop"]
    ),
    room(
        "SegConfiguration",
        [
            "SegTensor", "SegCore", "SegSettings", "SegPages", "SegLayers", "SegBackbones", "SegHeads", "SegLosses",
            "SegBIRADS", "SegFiles", "SegData", "SegDatasets", "SegMetrics", "SegScoring", "SegTraining",
        ]
    ),
    room(
        "SegResults",
        [
            "SegTensor", "SegCore", "SegSettings", "SegPages", "SegBIRADS", "SegFiles", "SegData", "SegMetrics",
            "SegScoring", "SegInterop", "SegTraining", "SegConfiguration",
        ]
    ),
    room(
        "SegReport",
        [
            "SegTensor", "SegCore", "SegSettings", "SegPages", "SegFiles", "SegImageIO", "SegMetrics", "SegScoring",
            "SegTraining", "SegResults",
        ]
    ),
    room(
        "SegInference",
        [
            "SegTensor", "SegCore", "SegSettings", "SegPages", "SegFiles", "SegCache", "SegImageIO", "SegData",
            "SegMetrics", "SegScoring", "SegTraining", "SegConfiguration", "SegResults",
        ]
    ),
    room(
        "SegStudy",
        [
            "SegTensor", "SegCore", "SegSettings", "SegPages", "SegFiles", "SegCache", "SegImageIO", "SegData",
            "SegDatasets", "SegMetrics", "SegScoring", "SegInterop", "SegTraining", "SegConfiguration", "SegResults",
            "SegReport", "SegInference",
        ]
    ),
    room(
        "SegInspection",
        [
            "SegCore", "SegSettings", "SegPages", "SegFiles", "SegImageIO", "SegData", "SegTraining",
            "SegConfiguration",
            "SegResults", "SegReport", "SegStudy",
        ]
    ),
    room(
        "SegCommand",
        [
            "SegTensor", "SegCore", "SegSettings", "SegPages", "SegLayers", "SegBackbones", "SegHeads", "SegFiles",
            "SegCache", "SegImageIO", "SegData", "SegDatasets", "SegMetrics", "SegScoring", "SegTraining",
            "SegConfiguration", "SegResults", "SegReport", "SegInference", "SegStudy", "SegInspection", argumentParser,
        ]
    ),
    room(
        "SegTestKit",
        [
            "SegTensor", "SegCore", "SegSettings", "SegLosses", "SegFiles", "SegData", "SegImageIO", "SegMetrics",
            "SegScoring", "SegResults", "SegReport",
        ]
    ),
]

let package = Package(
    name: "SegmentationKit",
    products: [
        .library(name: "SegmentationKit", targets: rooms.map(\.name)),
        .executable(name: "segkit", targets: ["segkit"]),
        .plugin(name: "SegScaffold", targets: ["SegScaffold"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    ],
    targets: [
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"]), .brew(["libtiff"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .target(name: "CSegPNG", dependencies: ["CPNG"], cSettings: cSettings),
        .target(name: "CSegTIFF", dependencies: ["CTIFF"], cSettings: cSettings),
        .target(name: "CSegKernels", cSettings: cSettings),
        .target(name: "CSegFailure", cSettings: cSettings),
    ] + rooms + [
        .executableTarget(name: "segkit", dependencies: ["SegCommand"], swiftSettings: swiftSettings),
        .executableTarget(name: "segscaffold", dependencies: [argumentParser], swiftSettings: swiftSettings),
        .plugin(
            name: "SegScaffold",
            capability: .command(
                intent: .custom(
                    verb: "seg-scaffold",
                    description: "Write a plugin with its conformance test, or a whole package for your plugins."
                ),
                permissions: [.writeToPackageDirectory(reason: "Writes the new plugin's source and its test.")]
            ),
            dependencies: ["segscaffold"]
        ),
        // What tests share: temporary folders, archives, runs of the command.
        .target(
            name: "TestSupport",
            dependencies: ["CZlib"],
            path: "Tests/TestSupport",
            swiftSettings: swiftSettings
        ),
        tests(
            "SegTensorTests",
            ["SegTensor", "SegTestKit", "CSegKernels"],
            exclude: ["Generators"],
            resources: [.copy("Fixtures")]
        ),
        tests("SegCoreTests", ["SegCore", "SegSettings", "SegTensor"]),
        tests(
            "SegModelTests",
            [
                "SegTensor", "SegCore", "SegLayers", "SegBackbones", "SegHeads", "SegLosses", "SegBIRADS", "SegTestKit",
                "SegTraining", "SegSettings",
            ],
            exclude: ["Generators"],
            resources: [.copy("Fixtures")]
        ),
        tests(
            "SegBIRADSTests",
            [
                "SegBIRADS", "SegTensor", "SegCore", "SegSettings", "SegDatasets", "SegImageIO", "SegMetrics",
                "SegTestKit",
            ],
            exclude: ["Generators"],
            resources: [.copy("Fixtures")]
        ),
        tests("SegCacheTests", ["SegCache", "SegCore", "SegFiles", "TestSupport"], exclude: ["Generators"]),
        tests("SegFilesTests", ["SegFiles", "SegCore", "TestSupport"]),
        tests(
            "SegImageIOTests",
            ["SegImageIO", "SegCore", "TestSupport"],
            exclude: ["Generators"],
            resources: [.copy("Fixtures")]
        ),
        tests(
            "SegDataTests",
            ["SegData", "SegCache", "SegCore", "SegSettings", "SegTensor", "TestSupport"],
            exclude: ["Generators"],
            resources: [.copy("Fixtures")]
        ),
        tests(
            "SegDatasetsTests",
            ["SegDatasets", "SegCore", "SegSettings", "SegFiles", "SegImageIO", "SegTestKit", "TestSupport"],
            exclude: ["Generators"],
            resources: [.copy("Fixtures")]
        ),
        tests(
            "SegInspectionTests",
            [
                "SegInspection", "SegCore", "SegSettings", "SegData", "SegDatasets", "SegImageIO", "SegConfiguration",
                "SegStudy", "TestSupport",
            ]
        ),
        tests("SegMetricsTests", ["SegMetrics"], exclude: ["Generators"], resources: [.copy("Fixtures")]),
        tests(
            "SegTrainingTests",
            [
                "SegTraining", "SegInterop", "SegFiles", "SegTensor", "SegCore", "SegData", "SegLayers", "SegBackbones",
                "SegHeads", "SegBIRADS",
                "SegLosses", "SegMetrics", "SegSettings", "TestSupport",
            ],
            exclude: ["Generators"]
        ),
        tests(
            "SegStudyTests",
            [
                "SegStudy", "SegCore", "SegTensor", "SegData", "SegMetrics", "SegTraining", "SegImageIO", "SegDatasets",
                "SegSettings", "SegPages", "SegScoring", "SegConfiguration", "SegResults", "SegReport", "SegInference",
                "SegTestKit", "TestSupport",
            ],
            exclude: ["Generators"],
            resources: [.copy("Fixtures")]
        ),
        // A stranger's program with plugins of its own, run by the tests.
        .executableTarget(
            name: "ClinicCommand",
            dependencies: [
                "SegCommand", "SegTensor", "SegCore", "SegSettings", "SegLayers", "SegDatasets", "SegConfiguration",
            ],
            path: "Tests/ClinicCommand",
            swiftSettings: swiftSettings
        ),
        // A program with plugins of its own that break, one in each way that its argument names.
        .executableTarget(
            name: "faultyplugins",
            dependencies: [
                "SegTensor", "SegCore", "SegLayers", "SegBackbones", "SegLosses", "SegScoring", "SegTraining",
            ],
            path: "Tests/FaultyPlugins",
            swiftSettings: swiftSettings
        ),
        tests(
            "CommandTests",
            [
                "segkit", "segscaffold", "ClinicCommand", "faultyplugins", "SegCore", "SegSettings", "SegImageIO",
                "TestSupport",
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
