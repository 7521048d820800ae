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

/// A library target under `Sources`, named after its folder.
func module(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
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

let modules: [Target] = [
    // From the lowest up: a target may only depend on targets above it in this list.
    module("SegTensor", ["CSegKernels", "CSegFailure"]),
    module("SegValues", ["SegTensor"]),
    module("SegCore", ["SegTensor", "SegValues"]),
    module("SegSettings", ["SegTensor", "SegCore", yams]),
    module("SegPages"),
    module("SegFiles", ["SegTensor", "SegCore", "CZlib"]),
    module("SegInterop", ["SegTensor", "SegCore", "SegFiles"]),
    module("SegLayers", ["SegTensor", "SegCore"]),
    module("SegBackbones", ["SegTensor", "SegCore", "SegSettings", "SegLayers", "SegInterop"]),
    module("SegLosses", ["SegTensor", "SegCore", "SegSettings"]),
    module("SegHeads", ["SegTensor", "SegCore", "SegSettings", "SegLayers", "SegLosses"]),
    module("SegBIRADS", ["SegTensor", "SegCore"]),
    module("SegCache", ["SegTensor", "SegCore", "SegFiles", "CZstd"]),
    module("SegImageIO", ["SegCore", "SegFiles", "CSegPNG", "CSegTIFF", "CSegJPEG"]),
    module("SegAugmentation", ["SegTensor", "SegCore", "SegSettings"]),
    module("SegData", ["SegTensor", "SegCore", "SegFiles", "SegCache", "SegAugmentation"]),
    module("SegTables", ["SegCore", "SegFiles"]),
    module("SegPhantoms", ["SegCore", "SegFiles", "SegImageIO"]),
    module("SegDatasets", ["SegCore", "SegFiles", "SegImageIO", "SegTables"]),
    module("SegMetrics"),
    module("SegScoring", ["SegTensor", "SegCore", "SegSettings", "SegMetrics"]),
    module("SegOptimization", ["SegTensor", "SegCore"]),
    module("SegReplicas", ["SegTensor", "SegCore"]),
    module("SegBatches", ["SegTensor", "SegCore", "SegData", "SegReplicas"]),
    module(
        "SegTraining",
        [
            "SegTensor", "SegCore", "SegSettings", "SegFiles", "SegCache", "SegAugmentation", "SegData", "SegMetrics",
            "SegInterop", "SegOptimization", "SegReplicas", "SegBatches",
        ]
    ),
    module("SegProgress", ["SegTensor", "SegTraining"]),
    module(
        "SegConfiguration",
        [
            "SegTensor", "SegCore", "SegSettings", "SegPages", "SegLayers", "SegBackbones", "SegHeads", "SegLosses",
            "SegBIRADS", "SegFiles", "SegCache", "SegInterop", "SegData", "SegPhantoms", "SegDatasets", "SegMetrics",
            "SegScoring", "SegTraining", "SegProgress",
        ]
    ),
    module(
        "SegResults",
        [
            "SegTensor", "SegCore", "SegSettings", "SegPages", "SegBIRADS", "SegFiles", "SegData", "SegMetrics",
            "SegScoring", "SegInterop", "SegTraining", "SegConfiguration",
        ]
    ),
    module(
        "SegReport",
        [
            "SegTensor", "SegCore", "SegSettings", "SegPages", "SegFiles", "SegImageIO", "SegMetrics", "SegScoring",
            "SegTraining", "SegResults",
        ]
    ),
    module("SegManuscript", ["SegCore", "SegSettings", "SegPages", "SegScoring", "SegResults", "SegReport"]),
    module(
        "SegInference",
        [
            "SegTensor", "SegCore", "SegSettings", "SegPages", "SegFiles", "SegCache", "SegImageIO", "SegData",
            "SegMetrics", "SegScoring", "SegInterop", "SegTraining", "SegConfiguration", "SegResults",
        ]
    ),
    module(
        "SegStudy",
        [
            "SegTensor", "SegCore", "SegSettings", "SegPages", "SegFiles", "SegCache", "SegImageIO", "SegData",
            "SegPhantoms", "SegMetrics", "SegScoring", "SegInterop", "SegTraining", "SegProgress", "SegConfiguration",
            "SegResults", "SegReport", "SegManuscript", "SegInference",
        ]
    ),
    module(
        "SegInspection",
        [
            "SegTensor", "SegCore", "SegSettings", "SegPages", "SegFiles", "SegImageIO", "SegAugmentation", "SegData",
            "SegTraining", "SegProgress", "SegConfiguration", "SegInference", "SegResults", "SegReport", "SegStudy",
        ]
    ),
    module(
        "SegmentationKit",
        [
            "SegAugmentation", "SegBIRADS", "SegBackbones", "SegCache", "SegConfiguration", "SegCore", "SegData",
            "SegDatasets", "SegHeads", "SegImageIO", "SegInference", "SegInspection", "SegLayers", "SegLosses",
            "SegManuscript", "SegMetrics", "SegOptimization", "SegPhantoms", "SegProgress", "SegReport", "SegResults",
            "SegScoring", "SegSettings", "SegStudy", "SegTables", "SegTensor", "SegTraining",
        ]
    ),
    module(
        "SegCommand",
        [
            "SegTensor", "SegCore", "SegSettings", "SegPages", "SegLayers", "SegBackbones", "SegFiles", "SegCache",
            "SegImageIO", "SegAugmentation", "SegData", "SegPhantoms", "SegDatasets", "SegMetrics", "SegScoring",
            "SegInterop", "SegOptimization", "SegReplicas", "SegTraining", "SegProgress", "SegConfiguration",
            "SegResults", "SegReport", "SegInference", "SegStudy", "SegInspection",
            argumentParser,
            // Only who enables the trait needs an MPI library.
            .target(name: "SegMPI", condition: .when(traits: ["MPI"])),
        ]
    ),
    module(
        "SegTestKit",
        [
            "SegTensor", "SegCore", "SegSettings", "SegLayers", "SegBackbones", "SegAugmentation", "SegLosses",
            "SegFiles", "SegData", "SegImageIO", "SegMetrics", "SegScoring", "SegTraining", "SegResults", "SegReport",
        ]
    ),
]

/// `Scripts/fuzz` sets `SEGKIT_FUZZ=1`; what it builds needs a fuzzer's runtime, and is not part of other builds.
let isFuzzing = Context.environment["SEGKIT_FUZZ"] == "1"

let fuzzing: [Target] = [
    .target(
        name: "FuzzReaders",
        dependencies: ["ReaderChecks"],
        path: "Tests/Fuzz/Readers",
        swiftSettings: swiftSettings
    )
]

let package = Package(
    name: "SegmentationKit",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "SegmentationKit", targets: modules.map(\.name)),
        // Smaller products, for those who need less.
        .library(name: "SegmentationCore", targets: ["SegTensor", "SegValues", "SegCore", "SegSettings"]),
        .library(
            name: "SegmentationModels",
            targets: ["SegLayers", "SegBackbones", "SegLosses", "SegHeads", "SegBIRADS"]
        ),
        .library(
            name: "SegmentationData",
            targets: [
                "SegImageIO", "SegCache", "SegAugmentation", "SegData", "SegTables", "SegDatasets", "SegPhantoms",
            ]
        ),
        .library(
            name: "SegmentationStudy",
            targets: [
                "SegMetrics", "SegScoring", "SegTraining", "SegProgress", "SegResults", "SegReport", "SegManuscript",
                "SegInference", "SegStudy",
            ]
        ),
        .library(name: "SegmentationTesting", targets: ["SegTestKit"]),
        .executable(name: "segkit", targets: ["segkit"]),
        .plugin(name: "SegScaffold", targets: ["SegScaffold"]),
    ] + (isFuzzing ? [.library(name: "FuzzReaders", type: .static, targets: ["FuzzReaders"])] : []),
    traits: [
        .trait(name: "MPI", description: "Trainings that several processes share, through the system's MPI library.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    ],
    targets: [
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"]), .brew(["libtiff"])]),
        // libtiff brings it.
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .target(name: "CSegPNG", dependencies: ["CPNG"], cSettings: cSettings),
        .target(name: "CSegJPEG", dependencies: ["CJPEG"], cSettings: cSettings),
        .target(name: "CSegTIFF", dependencies: ["CTIFF"], cSettings: cSettings),
        .systemLibrary(
            name: "CMPI",
            pkgConfig: "ompi-c",
            providers: [.apt(["libopenmpi-dev"]), .brew(["open-mpi"])]
        ),
        // Both are empty without the trait, as a build of all targets compiles them.
        .target(
            name: "CSegMPI",
            dependencies: [.target(name: "CMPI", condition: .when(traits: ["MPI"]))],
            cSettings: cSettings + [.define("SEGKIT_MPI", .when(traits: ["MPI"]))]
        ),
        .target(name: "SegMPI", dependencies: ["SegCore", "SegReplicas", "CSegMPI"], swiftSettings: swiftSettings),
        .target(name: "CSegKernels", cSettings: cSettings),
        .target(name: "CSegFailure", cSettings: cSettings),
    ] + modules + [
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
                "SegTraining", "SegSettings", "SegData", "SegAugmentation", "SegInterop", "SegConfiguration",
                "SegInference",
                "TestSupport",
            ],
            exclude: ["Generators"],
            resources: [.copy("Fixtures")]
        ),
        tests(
            "SegBIRADSTests",
            [
                "SegBIRADS", "SegTensor", "SegCore", "SegSettings", "SegDatasets", "SegImageIO", "SegMetrics",
                "SegTestKit", "SegPhantoms", "TestSupport",
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
            ["SegAugmentation", "SegData", "SegCache", "SegCore", "SegSettings", "SegTensor", "TestSupport"],
            exclude: ["Generators"],
            resources: [.copy("Fixtures")]
        ),
        tests(
            "SegDatasetsTests",
            [
                "SegPhantoms", "SegDatasets", "SegTables", "SegCore", "SegSettings", "SegFiles", "SegImageIO",
                "SegTestKit",
                "TestSupport",
            ],
            exclude: ["Generators"],
            resources: [.copy("Fixtures")]
        ),
        tests(
            "SegInspectionTests",
            [
                "SegInspection", "SegTensor", "SegCore", "SegSettings", "SegAugmentation", "SegData", "SegDatasets",
                "SegImageIO", "SegPhantoms", "SegConfiguration", "SegInference", "SegStudy", "SegTraining",
                "TestSupport",
            ]
        ),
        tests("SegMetricsTests", ["SegMetrics"], exclude: ["Generators"], resources: [.copy("Fixtures")]),
        tests(
            "SegTrainingTests",
            [
                "SegTraining", "SegInterop", "SegFiles", "SegTensor", "SegCore", "SegAugmentation", "SegData",
                "SegLayers", "SegBackbones",
                "SegHeads", "SegBIRADS",
                "SegLosses", "SegMetrics", "SegSettings", "SegInference", "SegPhantoms", "SegImageIO", "SegReplicas",
                "SegBatches", "SegProgress", "TestSupport",
            ],
            exclude: ["Generators"]
        ),
        tests(
            "SegConfigurationTests",
            ["SegConfiguration", "SegCore", "SegSettings", "SegTraining", "TestSupport"]
        ),
        tests(
            "SegStudyTests",
            [
                "SegStudy", "SegCore", "SegTensor", "SegAugmentation", "SegData", "SegMetrics", "SegTraining",
                "SegImageIO",
                "SegPhantoms", "SegSettings", "SegLosses", "SegPages", "SegScoring", "SegConfiguration", "SegResults",
                "SegReport", "SegManuscript",
                "SegInference", "SegTestKit", "TestSupport",
            ],
            exclude: ["Generators"],
            resources: [.copy("Fixtures")]
        ),
        // A stranger's program with plugins of its own, run by the tests.
        .executableTarget(
            name: "ClinicCommand",
            dependencies: [
                "SegCommand", "SegTensor", "SegCore", "SegSettings", "SegLayers", "SegPhantoms", "SegConfiguration",
            ],
            path: "Tests/ClinicCommand",
            swiftSettings: swiftSettings
        ),
        // A program with plugins of its own that break, one in each way that its argument names.
        .executableTarget(
            name: "faultyplugins",
            dependencies: [
                "SegTensor", "SegCore", "SegSettings", "SegLayers", "SegBackbones", "SegLosses", "SegAugmentation",
                "SegScoring", "SegOptimization", "SegTraining", "SegProgress", "SegConfiguration", "SegReport",
                "SegInference", "SegStudy",
            ],
            path: "Tests/FaultyPlugins",
            swiftSettings: swiftSettings
        ),
        // Readers of files and what they are given, for the tests of damage and for fuzzing.
        .target(
            name: "ReaderChecks",
            dependencies: [
                "SegTensor", "SegCore", "SegSettings", "SegFiles", "SegBackbones", "SegHeads", "SegCache", "SegImageIO",
                "SegData", "SegTables", "SegDatasets", "SegInterop", "SegTraining", "SegConfiguration", "TestSupport",
            ],
            path: "Tests/ReaderChecks",
            swiftSettings: swiftSettings
        ),
        // A program that damages files and reads them, so that a trap ends it and not the tests.
        .executableTarget(
            name: "damagedfiles",
            dependencies: ["ReaderChecks", "TestSupport"],
            path: "Tests/DamagedFiles",
            swiftSettings: swiftSettings
        ),
        tests(
            "ReaderTests",
            ["ReaderChecks", "damagedfiles", "SegTables", "SegDatasets", "TestSupport"],
            resources: [.copy("Corpus")]
        ),
        tests(
            "CommandTests",
            [
                "segkit", "segscaffold", "ClinicCommand", "faultyplugins", "SegCore", "SegSettings", "SegImageIO",
                "TestSupport",
            ],
            exclude: ["Faults", "Slurm"]
        ),
    ] + (isFuzzing ? fuzzing : []),
    swiftLanguageModes: [.v6]
)
