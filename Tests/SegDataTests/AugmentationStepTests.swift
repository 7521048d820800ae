import Foundation
import SegAugmentation
import SegCore
import SegData
import Testing

/// What holds for every augmentation of the catalog.
@Suite struct AugmentationStepTests {
    /// A disc on smooth noise, wider than high in a square canvas, so that there is padding.
    static func sample(_ key: Int = 0, width: Int = 60, height: Int = 44, size: Int = 48) -> ImagePair {
        let box = Letterbox(sourceWidth: width, sourceHeight: height, size: size)
        let noise = randomPlane(width * height, StreamKey(key))
        let lesion = disc(width: width, height: height, centerX: 26, centerY: 20, radius: 9)
        let pixels = zip(noise, lesion.pixels).map { 0.25 + 0.4 * $0 + ($1 > 0 ? -0.2 : 0) }
        return ImagePair(
            width: size,
            height: size,
            image: box.resize(GrayImage(width: width, height: height, pixels: pixels)),
            mask: box.resize(lesion),
            coverage: box.coverage
        )
    }

    static func pipeline(_ name: String) throws -> AugmentationPipeline {
        let entry = try #require(AugmentationCatalog.entries.first { $0.name == name })
        return try AugmentationPipeline(settings: entry.example, references: ReferenceBank((1..<4).map { sample($0) }))
    }

    static let names = AugmentationCatalog.entries.map(\.name)
    static let geometric = ["horizontalFlip", "verticalFlip", "affine", "elastic"]

    @Test(arguments: names) func theImageStaysAnImage(name: String) throws {
        let pipeline = try Self.pipeline(name)
        #expect(pipeline.steps.count == 1)
        let original = Self.sample()
        var changed = 0
        for seed in 0..<8 {
            var stream = RandomStream(seed: UInt64(seed), "image")
            let pair = pipeline.augmented(original, using: &stream)
            changed += pair.image != original.image ? 1 : 0
            #expect(pair.image.allSatisfy { (0...1).contains($0) })
            #expect(pair.mask.allSatisfy { $0 == 0 || $0 == 1 })
            #expect(pair.coverage.allSatisfy { $0 == 0 || $0 == 1 })
            #expect(zip(pair.image, pair.coverage).allSatisfy { $1 == 1 || $0 == 0 }, "padding stays 0")
            #expect(zip(pair.mask, pair.coverage).allSatisfy { $1 == 1 || $0 == 0 })
            guard !Self.geometric.contains(name) else { continue }
            #expect(pair.mask == original.mask)
            #expect(pair.coverage == original.coverage)
        }
        // A cut-out may spare the image, as it must not hide a lesion; a blur may be too narrow to change it.
        #expect(changed >= (["cutOut": 3, "blur": 5][name] ?? 8))
    }

    @Test(arguments: names) func theStreamDecidesEverything(name: String) throws {
        let pipeline = try Self.pipeline(name)
        func draw(_ seed: UInt64) -> ImagePair {
            var stream = RandomStream(seed: seed, "decides")
            return pipeline.augmented(Self.sample(), using: &stream)
        }
        #expect(draw(3) == draw(3))
        // On a small image with four tiles, every clip limit comes to one pixel a level.
        if !name.hasSuffix("Flip") && name != "clahe" { #expect(Set((0..<8).map { draw($0).image }).count > 1) }
    }

    @Test(arguments: names) func itDrawsAsMuchWhateverComesOfIt(name: String) throws {
        // Of images that differ in all but size, and for a lesion that must not be hidden.
        let pipeline = try Self.pipeline(name)
        var bare = Self.sample(7)
        bare.mask = bare.mask.map { _ in 0 }
        var empty = bare
        empty.coverage = bare.mask
        empty.image = bare.mask
        var states: Set<RandomStream> = []
        for pair in [Self.sample(), bare, empty] {
            var stream = RandomStream(seed: 5, "draws")
            _ = pipeline.augmented(pair, using: &stream)
            states.insert(stream)
        }
        #expect(states.count == 1)
    }

    private static func tables(
        _ change: (inout any ConfigurableStep) -> Void
    ) throws -> [(name: String, step: any AugmentationStep)] {
        let bank = try ReferenceBank([sample(1)])
        return AugmentationPipeline.Settings().tables.map { table in
            var table = table
            change(&table)
            let step: any AugmentationStep =
                (table as? any ReferenceStep).map { ReferencedStep($0, references: bank) }
                ?? (table as! any AugmentationStep)
            return (type(of: table).name, step)
        }
    }

    @Test func theProbabilityShiftsNothingThatFollows() throws {
        let never = try Self.tables { $0.probability = 0 }
        let always = try Self.tables { $0.probability = 1 }
        for (off, on) in zip(never, always) {
            var (first, second) = (RandomStream(seed: 2, "gate"), RandomStream(seed: 2, "gate"))
            var (unchanged, changed) = (Self.sample(), Self.sample())
            off.step.apply(to: &unchanged, using: &first)
            on.step.apply(to: &changed, using: &second)
            #expect(unchanged == Self.sample())
            #expect(first == second, "\(on.name)")
        }
    }

    @Test func theProbabilityIsKept() throws {
        for (name, step) in try Self.tables({ $0.probability = 0.3 }) where name != "cutOut" {
            var stream = RandomStream(seed: 9, "how often")
            let applied = (0..<300).filter { _ in
                var pair = Self.sample()
                step.apply(to: &pair, using: &stream)
                return pair != Self.sample()
            }
            // Four standard deviations.
            #expect(abs(applied.count - 90) < 32, "\(name)")
        }
    }

    @Test func noStrengthIsNoChange() throws {
        let bank = try ReferenceBank([Self.sample(1)])
        let steps: [any AugmentationStep] = [
            ElasticStep(probability: 1, amplitude: 0),
            ReferencedStep(HistogramMatchingStep(probability: 1, strength: 0), references: bank),
            ReferencedStep(FourierMixingStep(probability: 1, strength: 0), references: bank),
            SpeckleStep(probability: 1, strength: 0), TimeGainStep(probability: 1, strength: 0),
            ShadowStep(probability: 1, attenuation: 0), CutOutStep(probability: 1, size: 0),
            GainStep(strength: 0), AffineStep(),
        ]
        for step in steps {
            var pair = Self.sample()
            var stream = RandomStream(seed: 4, "identity")
            step.apply(to: &pair, using: &stream)
            #expect(pair == Self.sample(), "\(step)")
        }
        // Up to rounding.
        for step in [BlurStep(probability: 1, lateral: 0, axial: 0), GammaStep(strength: 0)] as [any AugmentationStep] {
            var pair = Self.sample()
            var stream = RandomStream(seed: 4, "identity")
            step.apply(to: &pair, using: &stream)
            #expect(zip(pair.image, Self.sample().image).allSatisfy { abs($0 - $1) < 1e-6 })
        }
    }

    /// Padding must not tell: the content alone and the same content in a larger canvas come out the same.
    @Test func onlyCoveredPixelsCount() throws {
        func crop(_ pair: ImagePair, _ area: PixelRectangle) -> [Float] {
            (area.y..<(area.y + area.height)).flatMap { row -> ArraySlice<Float> in
                let start = row * pair.width + area.x
                return pair.image[start..<(start + area.width)]
            }
        }
        let padded = Self.sample()
        let area = try #require(padded.coveredRectangle)
        #expect(area == Letterbox(sourceWidth: 60, sourceHeight: 44, size: 48).content)
        let alone = ImagePair(
            width: area.width,
            height: area.height,
            image: crop(padded, area),
            mask: [Float](repeating: 0, count: area.width * area.height),
            coverage: [Float](repeating: 1, count: area.width * area.height)
        )
        #expect(abs(padded.coveredMean - alone.coveredMean) < 1e-6)
        var light = Self.sample(2)
        light.image = light.image.map { 1 - 0.3 * $0 }
        let changes: [(inout ImagePair) -> Void] = [
            { $0.equalizeAdaptively(tiles: 4, clipLimit: 3) }, { $0.blur(sigmaX: 1.3, sigmaY: 0.7) },
            { $0.matchHistogram(of: light, share: 1) },
        ]
        for change in changes {
            var (first, second) = (padded, alone)
            change(&first)
            change(&second)
            #expect(zip(crop(first, area), second.image).allSatisfy { abs($0 - $1) < 2e-6 })
        }
        // What a reference hides under its padding does not show.
        var (blank, dirty) = (Self.sample(2), Self.sample(2))
        for index in dirty.image.indices where dirty.coverage[index] == 0 {
            blank.image[index] = 0
            dirty.image[index] = 0.9
        }
        for change in [
            { (pair: inout ImagePair, other: ImagePair) in pair.matchHistogram(of: other, share: 1) },
            { (pair: inout ImagePair, other: ImagePair) in pair.mixAmplitude(of: other, share: 1, band: 0.2) },
        ] {
            var (first, second) = (padded, padded)
            change(&first, blank)
            change(&second, dirty)
            #expect(first == second)
            #expect(first != padded)
        }
    }

    @Test func referencesComeFromTheBankAlone() throws {
        // Three references of one gray each: the image takes the gray of one of them.
        let grays: [Float] = [0.2, 0.6, 0.8]
        let bank = try ReferenceBank(
            grays.map { gray in
                var pair = Self.sample()
                pair.image = pair.coverage.map { $0 * gray }
                return pair
            }
        )
        var seen: Set<Int> = []
        for seed in 0..<40 {
            var pair = Self.sample()
            var stream = RandomStream(seed: UInt64(seed), "bank")
            let step = ReferencedStep(HistogramMatchingStep(probability: 1), references: bank)
            step.apply(to: &pair, using: &stream)
            let original = Self.sample()
            for (number, gray) in grays.enumerated() {
                // The blended share is random: the distance to the right gray shrinks by one factor for all pixels.
                var factors: [Float] = []
                for index in pair.image.indices where pair.coverage[index] > 0 {
                    let distance = original.image[index] - gray
                    if abs(distance) > 0.05 { factors.append((pair.image[index] - gray) / distance) }
                }
                let spread = (factors.max() ?? 0) - (factors.min() ?? 0)
                if spread < 0.1 { seen.insert(number) }
            }
        }
        #expect(seen == [0, 1, 2])
        #expect(throws: SegmentationError.self) { try ReferenceBank([ImagePair]()) }
        var settings = AugmentationPipeline.Settings()
        settings.fourierMixing.probability = 0.5
        let error = #expect(throws: SegmentationError.self) { try AugmentationPipeline(settings: settings) }
        #expect(error?.subject == "augmentation.fourierMixing")
    }
}
