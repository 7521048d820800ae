import ClinicPlugins
import Foundation
import SegmentationKit

/// The code of Documentation/Cache.md.
enum CacheGuide {
    static func samples(_ clinic: Clinic) throws -> [PreparedSample] {
        let cache = try TensorCache.standard { print("warning: \($0)") }
        let store = try SampleStore.prepare(adapter: clinic, size: 256, decoder: StandardImageDecoder(), cache: cache)
        print(cache?.report.hits ?? 0)
        return store.samples
    }

    static func streamed(_ clinic: Clinic, _ cache: TensorCache?) throws -> [PreparedSample] {
        let samples = try SampleStore.stream(
            adapter: clinic,
            size: 256,
            decoder: StandardImageDecoder(),
            cache: cache,
            memory: 2 << 30
        )
        let withLesion = samples.filter(\.hasLesion)
        let few = try withLesion.prefix(8).loaded()
        return few
    }

    static func edges(
        of file: URL,
        in folder: URL,
        detector: (_ file: URL, _ size: Int) throws -> [Float]
    ) throws -> [Float]? {
        func edges(of file: URL, size: Int) throws -> [Float] { try detector(file, size) }
        let cache = TensorCache(folder: folder, maximumBytes: 1 << 30) { print("warning: \($0)") }
        var components = CacheKey.Components()
        components.add("product", "edge map")
        components.add("version", 1)
        components.add("image", try ContentHash(ofFile: file))
        components.add("size", 256)
        let record = try cache.record(for: components.key, name: "edges of \(file.lastPathComponent)") {
            TensorRecord([StoredTensor("edges", try edges(of: file, size: 256), shape: [256, 256])])
        }
        let values: [Float]? = record["edges"]?.values()
        return values
    }
}

/// The code of Documentation/DataQuality.md.
func duplicates(in folder: URL) throws -> [[RecordReference]] {
    let thumbnails = try Thumbnail.all(of: BUSI(folder: folder), decoder: StandardImageDecoder())
    let pairs = DuplicateFinder().pairs(thumbnails)
    let clusters = DuplicateClusters(pairs: pairs).clusters
    return clusters
}

/// The code of Documentation/Images.md.
enum ImagesGuide {
    static func slice(of file: URL, _ maskFile: URL) throws -> (GrayImage, [Mask]) {
        let volume = try TIFF.readVolume(file)
        let slice = volume.slice(4)
        let masks = try TIFF.readMasks(maskFile)
        return (slice, masks)
    }

    static func write(
        _ mask: Mask,
        _ probability: GrayImage,
        _ image: GrayImage,
        _ volume: GrayVolume,
        _ spacing: PixelSpacing,
        to file: URL
    ) throws {
        try TIFF.write(TIFFImage(mask, bitDepth: 1, pixelSpacing: spacing), to: file)
        try TIFF.write(TIFFImage(probability), to: file, compression: .zstd)
        try TIFF.write(TIFFImage(image, bitDepth: 16), to: file)
        try TIFF.write(volume, to: file)
    }
}
