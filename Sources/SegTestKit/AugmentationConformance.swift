public import SegAugmentation
public import SegCore
import SegTensor

/// Checks that an augmentation keeps the rules of ``SegAugmentation/AugmentationPlugin``.
///
/// | rule | meaning |
/// |---|---|
/// | `has-name`, `has-summary`, `settings-…` | as in ``checkBackbone(_:settings:inputChannels:imageSize:)`` |
/// | `initializes` | `init` does not throw for these settings |
/// | `keeps-size` | width, height and the number of values of all planes stay, those of labels and colors too |
/// | `gray-range` | gray levels and colors are finite, from 0 to 1 |
/// | `mask-is-binary` | mask, coverage and further labels are 0 or 1 everywhere |
/// | `padding-is-black` | gray levels, colors, mask and further labels are 0 where coverage is |
/// | `chance-from-stream` | the same stream gives the same bits: a second time, after other images, and in another instance |
/// | `labels-follow` | a further label lands where the mask would, had it its shape |
/// | `colors-follow` | mask and coverage land at the same place whatever the gray levels are, so that colors stay together |
/// | `draws-alike` | it takes as much from the stream whatever the image is, so that later steps draw the same |
/// | `changes-something` | of 200 draws at least one changes an image |
///
/// Labels and colors are given to it as a pipeline gives them, to which most augmentations need not look.
///
/// - Parameter references: whether other training images are there to borrow from.
/// - Returns: The breaches, a few of each rule; empty for an augmentation that conforms.
public func checkAugmentation<Plugin: AugmentationPlugin>(
    _ plugin: Plugin.Type,
    settings: Plugin.Settings = Plugin.Settings(),
    references: Bool = true
) -> [ConformanceFailure] {
    var failures = checkDescription(name: Plugin.name, summary: Plugin.summary, settings: settings)
    do {
        let images = examplePairs
        let bank = references ? try ReferenceBank(images) : nil
        let check = AugmentationCheck(
            step: try Plugin(settings).taking(from: bank),
            twin: try Plugin(settings).taking(from: bank),
            images: images
        )
        failures += check.draws()
        if !failures.contains(where: { $0.rule == "keeps-size" }) { failures += check.labelsAndColors() }
    } catch {
        failures.append(ConformanceFailure("initializes", "\(error)"))
    }
    return failures.toldOnce()
}

private struct AugmentationCheck {
    let step: any AugmentationStep
    let twin: any AugmentationStep
    let images: [ImagePair]

    private func changed(_ pair: ImagePair, by step: any AugmentationStep, _ seed: UInt64) -> ImagePair {
        var (stream, changed) = (RandomStream(seed: seed), pair)
        step.apply(to: &changed, using: &stream)
        return changed
    }

    func draws() -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        var hasChanged = false
        for seed in 0..<200 as Range<UInt64> {
            var ends: Set<UInt64> = []
            var results: [ImagePair] = []
            for pair in images {
                var (stream, changed) = (RandomStream(seed: seed), pair)
                step.apply(to: &changed, using: &stream)
                results.append(changed)
                let broken = breaches(of: changed, from: pair)
                failures += broken
                guard !broken.contains(where: { $0.rule == "keeps-size" }) else { return failures }
                hasChanged = hasChanged || changed != pair
                ends.insert(stream.next())
            }
            func expect(_ others: [ImagePair], _ detail: String) {
                if results != others { failures.append(ConformanceFailure("chance-from-stream", detail)) }
            }
            // Not in step with each other: what an instance counts or keeps must show.
            expect(
                images.map { changed($0, by: step, seed) },
                "one stream gives two results in one instance: something is kept from one image to the next"
            )
            expect(
                images.reversed().map { changed($0, by: twin, seed) }.reversed(),
                "one stream gives two results in two instances, which saw the images in another order"
            )
            if ends.count > 1 {
                failures.append(ConformanceFailure("draws-alike", "how much is drawn depends on the image"))
            }
        }
        if !hasChanged { failures.append(ConformanceFailure("changes-something", "200 draws change no image")) }
        return failures
    }

    /// Pairs with a second label and three colors, as a pipeline changes them.
    func labelsAndColors() -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        let pipeline = AugmentationPipeline(steps: [step])
        for seed in 0..<40 as Range<UInt64> {
            for (index, plain) in images.enumerated() {
                let pair = plain.withLabelAndColors
                let result = changed(pair, by: pipeline, seed)
                let broken = breaches(of: result, from: pair)
                failures += broken
                guard !broken.contains(where: { $0.rule == "keeps-size" }) else { return failures }
                if result != changed(pair, by: pipeline, seed) {
                    failures.append(
                        ConformanceFailure("chance-from-stream", "one stream gives two results for labels and colors")
                    )
                }
                // The label in the mask's place: it must land where it landed as a label.
                var asMask = plain
                asMask.mask = pair.labels[0]
                if changed(asMask, by: step, seed).mask != result.labels[0] {
                    failures.append(
                        ConformanceFailure(
                            "labels-follow",
                            "a label does not land where a mask of its shape does: labels are moved apart from the mask"
                        )
                    )
                }
                // Both in one mask: where neither touches the other, they must land as each does alone.
                var both = plain
                both.mask = zip(plain.mask, pair.labels[0]).map { max($0, $1) }
                if changed(both, by: step, seed).mask != zip(result.mask, result.labels[0]).map({ max($0, $1) }) {
                    failures.append(
                        ConformanceFailure(
                            "labels-follow",
                            "where things land depends on the mask's shape: a further label is moved elsewhere"
                        )
                    )
                }
                var other = plain
                other.image = images[(index + 1) % images.count].image
                for place in other.image.indices where plain.coverage[place] == 0 { other.image[place] = 0 }
                let moved = changed(other, by: step, seed)
                if moved.mask != result.mask || moved.coverage != result.coverage {
                    failures.append(
                        ConformanceFailure(
                            "colors-follow",
                            "where mask and coverage land depends on the gray levels: colors come apart"
                        )
                    )
                }
            }
        }
        return failures
    }
}

private func breaches(of changed: ImagePair, from pair: ImagePair) -> [ConformanceFailure] {
    func planes(_ pair: ImagePair) -> [[Float]] { [pair.image, pair.mask, pair.coverage] + pair.labels + pair.colors }
    guard
        changed.width == pair.width && changed.height == pair.height && changed.labels.count == pair.labels.count
            && changed.colors.count == pair.colors.count
            && planes(changed).allSatisfy({ $0.count == pair.image.count })
    else {
        func text(_ pair: ImagePair) -> String {
            "\(pair.width)×\(pair.height) px in planes of \(planes(pair).map(\.count)) values"
        }
        return [ConformanceFailure("keeps-size", "\(text(pair)) become \(text(changed))")]
    }
    var failures: [ConformanceFailure] = []
    let (grays, masks) = ([changed.image] + changed.colors, [changed.mask] + changed.labels)
    if let odd = grays.joined().first(where: { !(0...1).contains($0) }) {
        failures.append(ConformanceFailure("gray-range", "a gray level becomes \(odd)"))
    }
    if let odd = (masks + [changed.coverage]).joined().first(where: { $0 != 0 && $0 != 1 }) {
        failures.append(ConformanceFailure("mask-is-binary", "a value of mask, label or coverage becomes \(odd)"))
    }
    let isDrawn = changed.coverage.indices.contains { place in
        changed.coverage[place] == 0 && (grays + masks).contains { $0[place] != 0 }
    }
    if isDrawn {
        failures.append(ConformanceFailure("padding-is-black", "there is something where the image is not"))
    }
    return failures
}

/// Images with and without a lesion, one of them with padding.
private var examplePairs: [ImagePair] {
    let size = 24
    return [0, 6].flatMap { padding in
        [true, false].map { hasLesion in
            var stream = RandomStream(seed: 12, "pairs", StreamKey(padding))
            var pair = ImagePair(
                width: size,
                height: size,
                image: Array(repeating: 0, count: size * size),
                mask: Array(repeating: 0, count: size * size),
                coverage: Array(repeating: 0, count: size * size)
            )
            for y in padding..<(size - padding) {
                for x in 0..<size {
                    let isInside = hasLesion && (8..<15).contains(x) && (9..<14).contains(y)
                    pair.image[y * size + x] = isInside ? 0.2 : stream.uniform(in: 0.3...0.9)
                    pair.mask[y * size + x] = isInside ? 1 : 0
                    pair.coverage[y * size + x] = 1
                }
            }
            return pair
        }
    }
}

extension ImagePair {
    /// The same with a label in a corner of the image, far from the lesion, and three colors that are not alike.
    fileprivate var withLabelAndColors: ImagePair {
        var pair = self
        let top = (0..<height).first { coverage[$0 * width] > 0 } ?? 0
        var label = mask.map { _ in Float(0) }
        for y in top..<min(height, top + 2) {
            for x in 0..<min(width, 4) { label[y * width + x] = 1 }
        }
        pair.labels = [label]
        pair.colors = [image, image.map { $0 * $0 }, image.map { 0.8 * $0 }]
        return pair
    }
}
