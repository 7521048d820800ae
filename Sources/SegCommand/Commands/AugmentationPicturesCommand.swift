import ArgumentParser
import Foundation
import SegAugmentation
import SegCore
import SegData
import SegImageIO
import SegPhantoms

/// `segkit augmentation-pictures`, which draws the pictures of Documentation/Augmentation.md.
struct AugmentationPicturesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "augmentation-pictures",
        abstract: "Draw what each augmentation does to a synthetic image, before and after.",
        discussion: """
            One PNG for each augmentation of the catalog, with the lesion's contour; those that take after another \
            image show it in the middle. The same pictures come out every time.

            EXAMPLES
              \(program) augmentation-pictures --output Documentation/Images
            """,
        shouldDisplay: false
    )

    @Option(name: .shortAndLong, help: "The folder to write to; must exist.")
    var output: String

    /// Side of a picture's parts, px.
    private static let side = 144
    /// Gray levels: the documentation should stay small, and speckle does not compress.
    private static let levels: Float = 28
    /// The northern center's image with a lesion whose outline is easy to follow.
    private static let index = 5

    func run() throws {
        let folder = URL(fileURLWithPath: output)
        let original = try Self.pair(.northern, index: Self.index)
        let reference = try Self.pair(.western, index: 3)
        let references = try ReferenceBank([reference])
        let entries = Segkit.registry.augmentationCatalog
        for entry in entries {
            let pipeline = try entry.pipeline(references: references)
            var stream = RandomStream(seed: 4, "picture", StreamKey(entry.name))
            let changed = pipeline.augmented(original, using: &stream)
            let isReferenced = pipeline.steps.contains { $0 is ReferencedStep }
            let parts = [original] + (isReferenced ? [reference] : []) + [changed]
            let picture = ColorImage.sideBySide(parts.map(Self.picture))
            try picture.write(to: folder.appending(path: "augmentation-\(entry.name).png"))
        }
        print("\(output): \(entries.count) pictures")
    }

    private static func pair(_ center: SyntheticCenter, index: Int) throws -> ImagePair {
        PreparedSample(try PhantomGenerator(center: center, seed: 1).sample(at: index), size: side).pair
    }

    private static func picture(_ pair: ImagePair) -> ColorImage {
        let coarse = pair.image.map { ($0 * levels).rounded() / levels }
        var picture = ColorImage(GrayImage(width: pair.width, height: pair.height, pixels: coarse))
        let mask = Mask(width: pair.width, height: pair.height, pixels: pair.mask.map { $0 > 0 ? 1 : 0 })
        picture.drawContour(of: mask, color: .truth)
        return picture
    }
}
