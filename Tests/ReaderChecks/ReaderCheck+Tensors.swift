import Foundation
import SegBackbones
import SegCache
import SegConfiguration
import SegCore
import SegData
import SegHeads
import SegInterop
import SegSettings
import SegTensor
import SegTraining

/// Files of tensors.
extension ReaderCheck {
    static func safetensors(_ folder: URL) throws -> ReaderCheck {
        let file = folder.appending(path: "a.safetensors")
        try Safetensors.write(
            [("a", [2, 3], [0, 1, 2, 3, 4, 5]), ("b", [], [1]), ("empty", [0, 4], [])],
            metadata: ["epoch": "3", "text": "zwei\nZeilen \"x\""],
            to: file
        )
        let written = [UInt8](try Data(contentsOf: file))
        let types =
            #"{"i":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"h":{"dtype":"F16","shape":[2],"data_offsets":"#
            + #"[8,12]},"t":{"dtype":"BOOL","shape":[2,1],"data_offsets":[12,14]},"b":{"dtype":"BF16","shape":[1],"#
            + #""data_offsets":[14,16]},"\u00e9\ud83d\ude00":{"dtype":"U8","shape":[],"data_offsets":[16,17]}}"#
        let other =
            withUnsafeBytes(of: UInt64(types.utf8.count).littleEndian) { [UInt8]($0) } + Array(types.utf8)
            + [1, 2, 3, 4, 5, 6, 7, 8, 0, 60, 1, 0, 1, 0, 128, 63, 9]
        return ReaderCheck(seeds: [written, other]) { bytes in
            try file.replace(by: bytes)
            let content = try Safetensors.read(file)
            for tensor in content.tensors {
                try Insane.unless(
                    tensor.shape.allSatisfy { $0 >= 0 } && tensor.shape.reduce(1, *) == tensor.values.count
                        && tensor.values.count <= bytes.count && tensor.floats.count == tensor.values.count,
                    "the tensor \(tensor.name) of shape \(tensor.shape) has \(tensor.values.count) values"
                )
            }
        }
    }

    static func model(_ folder: URL) throws -> ReaderCheck {
        let file = folder.appending(path: "model.safetensors")
        let registry = PluginRegistry.standard
        let document = try ConfigurationDocument(text: smallStudy, name: "study.yaml")
        let study = try StudyConfiguration(document, registry: registry)
        let configuration = study.arms[0].model
        try TrainedModel(
            configuration.makeModel(registry: registry, seed: 1),
            description: .init(
                study: "small",
                arm: "multi-task",
                seed: 1,
                model: configuration,
                imageSize: 16,
                segmentationThreshold: 0.5,
                malignancyThreshold: 0.4,
                malignancyTemperature: 1.2,
                source: "phantom",
                packageVersion: "1"
            )
        ).write(to: file)
        return ReaderCheck(seeds: [[UInt8](try Data(contentsOf: file))]) { bytes in
            try file.replace(by: bytes)
            let trained = try TrainedModel(contentsOf: file, registry: registry)
            try Insane.unless((8...4096).contains(trained.description.imageSize), "image size")
            for (path, parameter) in trained.model.parameters {
                try Insane.unless(parameter.value.values().allSatisfy(\.isFinite), "\(path) is not finite")
            }
        }
    }

    static func checkpoint(_ folder: URL) throws -> ReaderCheck {
        func samples(_ count: Int, _ level: Float) throws -> [PreparedSample] {
            try (0..<count).map { index in
                let image = GrayImage(width: 8, height: 8, pixels: (0..<64).map { level * Float($0 % 7) / 7 })
                var lesion = Mask(emptyWithWidth: 8, height: 8)
                for place in 2..<5 { lesion[place, place] = true }
                let record = SampleRecord(
                    id: "\(level)-\(index)",
                    imageFile: URL(filePath: "/nowhere/\(index).png"),
                    pathology: index == 0 ? .benign : .malignant
                )
                return PreparedSample(try Sample(record: record, image: image, lesion: lesion), size: 8)
            }
        }
        var settings = TrainingSettings()
        (settings.epochs, settings.batchSize, settings.imageSize, settings.warmUpEpochs) = (2, 2, 8, 0)
        let (training, validation) = (try samples(2, 0.8), try samples(2, 0.5))
        // Of one thread: the samples are too small to be shared.
        func train() throws {
            var initializer = WeightInitializer(seed: 3)
            let backbone = try UNet(.init(depth: 2, width: 1), inputChannels: 1, initializer: &initializer)
            let head = try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer)
            let model = try MultiTaskModel(backbone: backbone, heads: [WeightedHead(head)])
            _ = try Trainer(
                model: model,
                settings: settings,
                seed: 1,
                training: training,
                validation: validation,
                checkpointFolder: folder,
                observer: SilentObserver()
            ).run()
            for (path, parameter) in model.parameters {
                try Insane.unless(parameter.value.values().allSatisfy(\.isFinite), "\(path) is not finite")
            }
        }
        try train()
        let names = ["last.safetensors", "best.safetensors"]
        let files = names.map { folder.appending(path: $0) }
        let sound = try files.map { [UInt8](try Data(contentsOf: $0)) }
        return ReaderCheck(seeds: [sound[0]]) { bytes in
            try files[0].replace(by: bytes)
            try files[1].replace(by: sound[1])
            try train()
        }
    }

    /// - Parameter isRepaired: whether the header's checksum is made right: behind a wrong one, the reader sees nothing of
    ///   the damage.
    static func record(isRepaired: Bool) -> ReaderCheck {
        var components = CacheKey.Components()
        components.add("number", 1)
        let record = TensorRecord([
            StoredTensor("image", (0..<600).map { UInt8($0 % 251) }, shape: [20, 30]),
            StoredTensor("runs", [Int32(1), -5, 70_000], shape: [3]),
            StoredTensor("empty", [Double](), shape: [0, 7]),
        ])
        return ReaderCheck(seeds: [record.encoded(for: components.key)]) { bytes in
            var bytes = bytes
            if isRepaired { repairHeader(&bytes) }
            let read = try bytes.withUnsafeBytes { try TensorRecord(decoding: $0, key: nil) }
            for tensor in read.tensors {
                let count = tensor.shape.reduce(tensor.elementType.width, *)
                try Insane.unless(tensor.bytes.count == count, "\(tensor.name) has \(tensor.bytes.count) bytes")
            }
        }
    }

    private static func repairHeader(_ bytes: inout [UInt8]) {
        guard bytes.count >= 64 else { return }
        let end = bytes[12..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard (64...bytes.count).contains(end) else { return }
        let hash = ContentHash(of: Array(bytes[..<(end - 16)]))
        for index in 0..<8 {
            bytes[end - 16 + index] = UInt8(truncatingIfNeeded: hash.low >> UInt64(8 * index))
            bytes[end - 8 + index] = UInt8(truncatingIfNeeded: hash.high >> UInt64(8 * index))
        }
    }

    static let smallStudy = """
        study: small
        output: out
        train: {dataset: phantom, settings: {resolution: 0.4, center: northern, count: 16}, validationFraction: 0.4}
        test: [{dataset: phantom, settings: {resolution: 0.4, center: eastern, count: 6, seed: 2}, exclude: [010, a]}]
        model: {backbone: {name: unet, settings: {width: 2, depth: 2}}, heads: {segmentation: 1, classification: 1}}
        training: {epochs: 1, imageSize: 16, batchSize: 4, learningRate: 1e-3}
        metrics: {emptyMasks: undefinedWhenReferenceEmpty, bootstrapResamples: 200}
        arms: [{name: &a multi-task}, {name: other, extends: *a}]

        """
}
