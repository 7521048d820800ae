extension PackageScaffold {
    /// All files but the plugins' and their tests, by path.
    var ownFiles: [(path: String, contents: String)] {
        [
            ("Package.swift", manifest),
            ("README.md", readme),
            (".gitignore", ".build/\n/data/\n/runs/\n"),
            ("Sources/\(name)/Plugins.swift", registry),
            ("Sources/\(name)Command/main.swift", main),
            ("Tests/\(name)Tests/StudyTests.swift", studyTest),
            ("Studies/first.yaml", study),
        ]
    }

    private var manifest: String {
        """
        // swift-tools-version: 6.2
        import PackageDescription

        let kit: Target.Dependency = .product(name: "SegmentationKit", package: "SegmentationKit")

        let package = Package(
            name: "\(name)",
            platforms: [.macOS(.v15)],
            products: [.executable(name: "\(command)", targets: ["\(name)Command"])],
            dependencies: [.package(name: "SegmentationKit", path: "\(library)")],
            targets: [
                .target(name: "\(name)", dependencies: [kit]),
                .executableTarget(name: "\(name)Command", dependencies: ["\(name)", kit]),
                .testTarget(name: "\(name)Tests", dependencies: ["\(name)", kit]),
            ],
            swiftLanguageModes: [.v6]
        )

        """
    }

    private var main: String {
        """
        import \(name)
        import SegCommand
        try await Segkit.main(registry: .with\(name)())

        """
    }

    private var registry: String {
        """
        import SegConfiguration
        public import SegSettings

        extension PluginRegistry {
            /// What the library ships, and what this package adds.
            public static func with\(name)() throws -> PluginRegistry {
                var registry = PluginRegistry.standard
        \(plugins.map { "        \($0.template.registration)" }.joined(separator: "\n"))
                return registry
            }
        }

        """
    }

    private var study: String {
        """
        # Trains on the folder `data`, which an adapter of this package reads, and tests on a synthetic center.
        # `\(command) plugins` lists what may stand here, with every setting.
        study: first
        seeds: [1]
        output: runs/first

        train:
          dataset: \(plugins[0].configurationName)
          folder: data
          validationFraction: 0.25

        test:
          - dataset: phantom
            settings: {center: eastern, count: 40, seed: 2}

        model:
          backbone:
            name: unet
            settings: {width: 8, depth: 4}
          heads:
            segmentation: {weight: 1}
            classification: {weight: 1}

        training:
          imageSize: 64
          epochs: 10
          batchSize: 8
          learningRate: 0.002

        metrics:
          emptyMasks: undefinedWhenReferenceEmpty

        # The first arm is the reference that the others are compared with.
        arms:
          - name: multi-task
          - name: own-term
            model:
              terms: {\(plugins[1].configurationName): {weight: 1}}

        """
    }

    private var studyTest: String {
        """
        import Foundation
        import SegConfiguration
        import SegSettings
        import Testing
        import \(name)

        @Suite("The study")
        struct StudyTests {
            @Test("names plugins and settings that there are")
            func names() throws {
                let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                let file = folder.appendingPathComponent("../../Studies/first.yaml")
                let registry = try PluginRegistry.with\(name)()
                let study = try StudyConfiguration(contentsOf: file, registry: registry)
                for arm in study.arms { _ = try arm.model.makeModel(registry: registry, seed: 1) }
                #expect(study.arms.count == 2)
            }
        }

        """
    }

    private var readme: String {
        """
        # \(name)

        Plugins for SegmentationKit, and `\(command)`: the command `segkit` with them.

        ```
        swift build -c release
        .build/release/\(command) synthesize --center northern --count 80 --output data
        .build/release/\(command) data check \(plugins[0].configurationName) data
        .build/release/\(command) study Studies/first.yaml
        swift test -c release --disable-testable-imports
        ```

        `synthesize` draws images in the layout that `\(plugins[0].name)` reads; put your own in their place and change
        `Sources/\(name)/\(plugins[0].name).swift` to what they look like. `data check` says what is wrong with them, and
        `\(command) data show \(plugins[0].configurationName) data --output samples.html` shows them. A new plugin, with its
        test:

        ```
        swift package --allow-writing-to-package-directory seg-scaffold head MyHead --target \(name)
        ```

        Then give it a name in `Sources/\(name)/Plugins.swift`.

        """
    }
}
