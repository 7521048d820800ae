import Foundation
import SegCache
import SegCore

/// Keeps what is made of the decoded samples of one data set in a cache.
struct DecodingCache: Sendable {
    private let cache: TensorCache
    private let decoder: any ImageDecoder
    private let shared: CacheKey.Components
    private let adapterName: String
    private let hashes: SharedFileHashes

    /// Something that is made of a decoded sample.
    struct Product {
        let name: String
        /// Of how it is made.
        let version: Int
        /// What else it depends on, by name.
        let settings: KeyValuePairs<String, Int>

        init(_ name: String, version: Int, settings: KeyValuePairs<String, Int> = [:]) {
            self.name = name
            self.version = version
            self.settings = settings
        }
    }

    /// `nil` if it is unknown what shapes the samples: then nothing is cached.
    ///
    /// - Parameter records: whatever is asked for later; files that several of them name are hashed once.
    init?(_ cache: TensorCache, adapter: any DatasetAdapter, decoder: any ImageDecoder, records: [SampleRecord]) {
        var shared = CacheKey.Components()
        shared.add("adapter", adapter.name)
        guard Self.add("adapter", adapter, version: adapter.documented?.decodingVersion, to: &shared),
            Self.add("decoder", decoder, version: decoder.decodingVersion, to: &shared)
        else { return nil }
        if let labels = try? (adapter as? any LabelStating)?.labels, labels != .lesionOnly {
            shared.add("labels", labels.names.joined(separator: ","))
            shared.add("labels are exclusive", labels.isExclusive ? 1 : 0)
        }
        self.cache = cache
        self.decoder = decoder
        self.shared = shared
        adapterName = adapter.name
        hashes = SharedFileHashes(records.lazy.flatMap(\.decodedFiles).map { decoder.file(of: $0.path) })
    }

    /// Adds what something that takes part in decoding is: its type and the version that it states, else the program's
    /// own bytes and the values that it holds.
    private static func add(
        _ label: String,
        _ value: Any,
        version: String?,
        to components: inout CacheKey.Components
    ) -> Bool {
        components.add("\(label)'s type", "\(type(of: value))")
        if let version {
            components.add("\(label)'s version", version)
            return true
        }
        guard let program = Program.hash, let state = StateHash.of(value) else { return false }
        components.add("program", program)
        components.add("\(label)'s state", state)
        return true
    }

    /// A record's place in the cache. Its files are hashed here.
    ///
    /// `nil` if it has no files, as a phantom, or not all of them: a missing one is reported by who decodes it.
    func record(_ record: SampleRecord) -> Record? {
        components(of: record).map { Record(cache: self, record: record, before: $0) }
    }

    /// What is kept of one record.
    final class Record {
        private let cache: DecodingCache
        private let record: SampleRecord
        private let before: CacheKey.Components
        /// Whether the files are still what they were before they were decoded.
        private lazy var isUnchanged = cache.components(of: record)?.key == before.key

        fileprivate init(cache: DecodingCache, record: SampleRecord, before: CacheKey.Components) {
            self.cache = cache
            self.record = record
            self.before = before
        }

        /// What a product of the record is found by.
        func key(of product: Product) -> CacheKey {
            var components = before
            components.add("product", product.name)
            components.add("version", product.version)
            for (name, value) in product.settings { components.add(name, value) }
            return components.key
        }

        /// What is made of the record's sample: from the cache, or from `make`.
        ///
        /// - Parameters:
        ///   - read: the value of a stored record; `nil` if that is not one of such a value.
        ///   - make: decodes the files, unless that was done for another product of the same record.
        ///   - stored: the record of a value; `nil` if it is not to be stored.
        ///
        /// - Throws: what `make` throws, and nothing else.
        func value<Value>(
            of product: Product,
            read: (TensorRecord) -> Value?,
            make: () throws -> Value,
            stored: (Value) -> TensorRecord?
        ) rethrows -> Value {
            // Not stored if a file changed while it was read.
            let stored = { self.isUnchanged ? stored($0) : nil }
            return try cache.value(key(of: product), product, of: record, read: read, make: make, stored: stored)
        }
    }

    /// What is kept under a key that is known from before; the parameters are those of
    /// ``Record/value(of:read:make:stored:)``.
    func value<Value>(
        _ key: CacheKey,
        _ product: Product,
        of record: SampleRecord,
        read: (TensorRecord) -> Value?,
        make: () throws -> Value,
        stored: (Value) -> TensorRecord?
    ) rethrows -> Value {
        let name = "\(product.name) \(record.id) of \(adapterName)"
        return try cache.value(for: key, name: name, read: read, make: make, record: stored)
    }

    private func components(of record: SampleRecord) -> CacheKey.Components? {
        var components = shared
        components.add("id", record.id)
        components.add("group", record.group)
        components.add("pathology", record.pathology?.rawValue)
        components.add("pixel width", record.pixelSpacing?.x)
        components.add("pixel height", record.pixelSpacing?.y)
        components.add("metadata", record.metadata)
        components.add(record.clinical)
        components.add("masks", record.maskFiles.count)
        components.add("empty masks", record.emptyMaskFiles.count)
        let labeled = record.labelFiles.sorted { $0.key < $1.key }
        for (name, files) in labeled { components.add("masks of \(name)", files.count) }
        for file in record.decodedFiles {
            // The name without its folder, by which an adapter may tell files apart.
            components.add("file", file.lastPathComponent)
            guard let hash = try? hashes.hash(of: decoder.file(of: file.path)) else { return nil }
            components.add("content", hash)
        }
        return components
    }
}

extension CacheKey.Components {
    fileprivate mutating func add(_ label: String, _ text: String?) {
        if let text { add(label, text) } else { addMissing(label) }
    }

    fileprivate mutating func add(_ label: String, _ number: Double?) {
        if let number { add(label, number) } else { addMissing(label) }
    }

    fileprivate mutating func add(_ clinical: ClinicalDescriptors) {
        add("category", clinical.category?.rawValue)
        add("shape", clinical.shape?.rawValue)
        add("margins", clinical.margins.map(\.rawValue).sorted().joined(separator: ","))
        add("orientation", clinical.orientation?.rawValue)
        add("echogenicity", clinical.echogenicity?.rawValue)
        add("posterior features", clinical.posteriorFeatures?.rawValue)
        add("patient", clinical.patient)
        add("age", clinical.age)
        add("device", clinical.device)
        add("histology", clinical.histology)
    }
}

extension SampleRecord {
    /// The files that a sample is decoded from, in the order in which they shape it.
    var decodedFiles: [URL] {
        [imageFile] + maskFiles + emptyMaskFiles + labelFiles.sorted { $0.key < $1.key }.flatMap(\.value)
    }
}

/// The running program.
private enum Program {
    /// A hash of its bytes; `nil` if they cannot be read.
    static let hash: ContentHash? = {
        #if os(Linux)
        // The program that runs, even if another was built in its place meanwhile.
        let file = URL(fileURLWithPath: "/proc/self/exe")
        #else
        guard let file = Bundle.main.executableURL else { return nil }
        #endif
        return try? ContentHash(ofFile: file)
    }()
}
