public import SegAugmentation
public import SegCore
import SegTensor

/// Checks that an augmentation keeps the rules of ``SegAugmentation/AugmentationPlugin``.
///
/// | rule | meaning |
/// |---|---|
/// | `has-name`, `has-summary`, `settings-…` | as in ``checkBackbone(_:settings:inputChannels:imageSize:)`` |
/// | `initialises` | `init` does not throw for these settings |
/// | `keeps-size` | width, height and the number of values of all three planes stay |
/// | `grey-range` | grey levels are finite, from 0 to 1 |
/// | `mask-is-binary` | mask and coverage are 0 or 1 everywhere |
/// | `padding-is-black` | grey levels and mask are 0 where coverage is |
/// | `chance-from-stream` | the same stream gives the same bits, in another instance too |
/// | `draws-alike` | it takes as much from the stream whatever the image is, so that later steps draw the same |
/// | `changes-something` | of 200 draws at least one changes an image |
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
        let step = try Plugin(settings).taking(from: bank)
        let twin = try Plugin(settings).taking(from: bank)
        var hasChanged = false
        for seed in 0..<200 as Range<UInt64> {
            var ends: Set<UInt64> = []
            for pair in images {
                var (stream, again) = (RandomStream(seed: seed), RandomStream(seed: seed))
                var (changed, other) = (pair, pair)
                step.apply(to: &changed, using: &stream)
                twin.apply(to: &other, using: &again)
                let broken = breaches(of: changed, from: pair)
                failures += broken
                guard !broken.contains(where: { $0.rule == "keeps-size" }) else { return failures.toldOnce() }
                if changed != other {
                    failures.append(ConformanceFailure("chance-from-stream", "one stream gives two results"))
                }
                hasChanged = hasChanged || changed != pair
                ends.insert(stream.next())
            }
            if ends.count > 1 {
                failures.append(ConformanceFailure("draws-alike", "how much is drawn depends on the image"))
            }
        }
        if !hasChanged { failures.append(ConformanceFailure("changes-something", "200 draws change no image")) }
    } catch {
        failures.append(ConformanceFailure("initialises", "\(error)"))
    }
    return failures.toldOnce()
}

private func breaches(of changed: ImagePair, from pair: ImagePair) -> [ConformanceFailure] {
    guard
        changed.width == pair.width && changed.height == pair.height
            && [changed.image, changed.mask, changed.coverage].allSatisfy({ $0.count == pair.image.count })
    else {
        let text = "\(changed.width)×\(changed.height) px with \(changed.image.count) values"
        return [ConformanceFailure("keeps-size", "\(pair.width)×\(pair.height) px become \(text)")]
    }
    var failures: [ConformanceFailure] = []
    if let odd = changed.image.first(where: { !(0...1).contains($0) }) {
        failures.append(ConformanceFailure("grey-range", "a grey level becomes \(odd)"))
    }
    if let odd = (changed.mask + changed.coverage).first(where: { $0 != 0 && $0 != 1 }) {
        failures.append(ConformanceFailure("mask-is-binary", "a value of mask or coverage becomes \(odd)"))
    }
    if zip(changed.coverage, zip(changed.image, changed.mask)).contains(where: { $0 == 0 && ($1.0 != 0 || $1.1 != 0) })
    {
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
