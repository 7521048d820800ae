extension Scaffold {
    var augmentation: Template {
        Template(
            source: augmentationSource,
            test: augmentationTest,
            registration: "try registry.add(augmentation: \(name).self)"
        )
    }

    private var augmentationSource: String {
        """
        public import SegCore
        public import SegAugmentation

        /// Lifts all gray levels by a random amount, as haze does.
        ///
        /// Change `apply` to what your step does. All chance comes from the stream; image, mask and coverage move together.
        public struct \(name): AugmentationPlugin {
            public struct Settings: PluginSettings {
                /// Largest lift, as a fraction of the full range.
                public var strength: Float = 0.1

                public init() {}

                public func validate() throws { try require("strength", strength, in: 0...1) }
            }

            public static let name = "\(configurationName)"
            public static let summary = "Lifts all gray levels by a random amount"
            public static let parameters = [
                AugmentationCatalog.Parameter(key: "strength", unit: "fraction of the range", meaning: "largest lift")
            ]
            public static let breaks = [
                AugmentationCatalog.Break(descriptor: .echoPattern, reason: "dark lesions become gray")
            ]

            private let settings: Settings

            public init(_ settings: Settings) throws { self.settings = settings }

            public func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
                let lift = settings.strength * stream.uniform()
                for index in pair.image.indices where pair.coverage[index] > 0 {
                    pair.image[index] = min(1, pair.image[index] + lift)
                }
            }
        }

        """
    }

    private var augmentationTest: String {
        """
        import SegCore
        import SegAugmentation
        import SegTestKit
        import Testing
        import \(target)

        @Suite("\(name)")
        struct \(name)Tests {
            @Test("keeps the rules of augmentations")
            func conformance() {
                #expect(checkAugmentation(\(name).self) == [])
            }

            @Test("does nothing at a strength of 0")
            func nothing() throws {
                var settings = \(name).Settings()
                settings.strength = 0
                var pair = ImagePair(width: 2, height: 1, image: [0.25, 0.5], mask: [0, 1], coverage: [1, 1])
                let before = pair
                var stream = RandomStream(seed: 1)
                try \(name)(settings).apply(to: &pair, using: &stream)
                #expect(pair == before)
            }
        }

        """
    }
}
