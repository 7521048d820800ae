import ArgumentParser
import Foundation
import SegBackbones
import SegInterop
import SegLayers
import SegSettings
import SegTensor
import SegTraining

/// `segkit bench`
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Time a network, in a training step or inference, or the augmentations.",
        discussion: """
            The bench net is a U-Net of five stages (width, 2·width … 16·width) with batch normalization (or another) and \
            transposed convolutions, a segmentation head (cross-entropy and Dice) and a classification head (cross-entropy), on \
            random input. `--backbone` times another network with the same heads. `train-step` is forward, both losses, \
            backward and Adam. `augmentation` times each \
            augmentation on a synthetic image, strongly set, on one thread; of the options it takes size and seconds.

            EXAMPLES
              \(program) bench train-step --width 16 --size 128 --batch 8 --threads 2 --json
              \(program) bench inference --width 16 --size 128 --batch 8
              \(program) bench train-step --backbone residual-unet --set width=32 --size 256
              \(program) bench augmentation --size 128
            """
    )

    @Argument(help: "What to time: \(BenchTask.allCases.map(\.rawValue).joined(separator: ", ")).")
    var task: BenchTask

    @Option(help: "Channels of the bench net's first stage. (default: 16)")
    var width: Int?

    @Option(help: "A backbone by its name, in place of the bench net's U-Net.")
    var backbone: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A setting of that backbone, such as `--set width=32`. May be repeated.",
            valueName: "key=value"
        )
    )
    var settings: [String] = []

    @Option(help: "Side of the images, px; a multiple of 16.")
    var size = 128

    @Option(help: "Images of a batch.")
    var batch = 8

    @Option(help: "Seconds to measure for, after the warm-up.")
    var seconds = 4.0

    @Option(
        help: "The bench net's normalization: batch, instance, group, layer or none. (default: batch)",
        transform: Self.normalization(named:)
    )
    var normalization: NormalizationKind?

    @Option(help: "How activations are kept: float32 or bf16-storage.", transform: Self.precision(named:))
    var precision = Precision.float32

    @OptionGroup var thread: ThreadOption

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(help: "Print each layer's time, the algorithm chosen, and its share of the machine's peak.")
    var compareLayers = false

    private static func normalization(named name: String) throws -> NormalizationKind {
        guard let kind = NormalizationKind(rawValue: name) else {
            let known = NormalizationKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no normalization \(name), but \(known).")
        }
        return kind
    }

    private static func precision(named name: String) throws -> Precision {
        guard let precision = Precision(rawValue: name) else {
            let known = Precision.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no precision \(name), but \(known).")
        }
        return precision
    }

    func validate() throws {
        guard (1...1024).contains(width ?? 16) else { throw ValidationError("--width must be from 1 to 1024.") }
        if backbone != nil, width != nil || normalization != nil {
            throw ValidationError("--width and --normalization are the bench net's; use `--set` with --backbone.")
        }
        guard backbone != nil || settings.isEmpty else { throw ValidationError("--set goes with --backbone.") }
        guard (16...4096).contains(size), size.isMultiple(of: 16) else {
            throw ValidationError("--size must be a multiple of 16 from 16 to 4096.")
        }
        guard (1...4096).contains(batch) else { throw ValidationError("--batch must be from 1 to 4096.") }
        guard !compareLayers || (!json && task != .augmentation) else {
            throw ValidationError("--compare-layers prints tables of train-step and inference, not JSON.")
        }
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds must be above 0, at most 3600.") }
    }

    private func network() throws -> BenchNet {
        if let backbone {
            let title = ([backbone] + settings).joined(separator: ", ")
            return try BenchNet(title, backbone: backbone, settings: settingsTable(settings), size: size, batch: batch)
        }
        let (width, normalization) = (width ?? 16, normalization ?? .batch)
        let settings: ConfigurationValue = .table([
            "depth": .integer(5), "width": .integer(width), "normalization": .text(normalization.rawValue),
            "upsampling": .text(UpsamplingKind.transposed.rawValue),
        ])
        let title = "bench net, width \(width), \(normalization.rawValue) normalization"
        return try BenchNet(title, backbone: UNet.name, settings: settings, size: size, batch: batch)
    }

    func run() throws {
        if task == .augmentation {
            let report = try AugmentationBench(size: size, seconds: seconds)
            return print(json ? try report.json() : report.text)
        }
        let report = try thread.run {
            let net = try network()
            return Precision.with(precision) {
                if compareLayers {
                    let profiler = Profiler()
                    _ = net.measure(task, seconds: seconds, profiler)
                    print(ProfileReport(profiler.spans, peak: MachinePeak.gigaflops()).text, terminator: "\n\n")
                }
                return BenchReport(
                    net: net,
                    task: task,
                    times: net.measure(task, seconds: seconds),
                    precision: precision
                )
            }
        }
        print(json ? try report.json() : report.text)
    }
}

/// What a measurement says.
struct BenchReport: Encodable {
    var task: String
    var network: String
    /// Values to learn.
    var parameters: Int
    var size: Int
    var batch: Int
    var threads: Int
    var isa: String
    var precision: String
    var steps: Int
    var medianMilliseconds: Double
    var minimumMilliseconds: Double
    var imagesPerSecond: Double
    var gigaflops: Double
    var peakMegabytes: Int

    enum CodingKeys: String, CodingKey {
        case task, network, parameters, size, batch, threads, isa, precision, steps
        case gigaflops = "gflops"
        case medianMilliseconds = "median_ms"
        case minimumMilliseconds = "min_ms"
        case imagesPerSecond = "images_per_second"
        case peakMegabytes = "peak_rss_mb"
    }

    init(net: BenchNet, task: BenchTask, times: [Double], precision: Precision) {
        let sorted = times.sorted()
        let middle = sorted.count / 2
        let median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        self.task = task.rawValue
        network = net.title
        parameters = net.parameters
        size = net.size
        batch = net.batch
        threads = WorkerPool.current.threadCount
        isa = InstructionSet.current.rawValue
        self.precision = precision.rawValue
        steps = times.count
        medianMilliseconds = Self.rounded(median * 1e3)
        minimumMilliseconds = Self.rounded(sorted[0] * 1e3)
        imagesPerSecond = Self.rounded(Double(net.batch) / median)
        gigaflops = Self.rounded(net.floatingPointOperations(task) / median / 1e9)
        peakMegabytes = peakResidentMegabytes()
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    var text: String {
        """
        \(task), \(network), \(size) px, batch \(batch), \(threads) threads, \(isa): \(steps) steps
          median \(medianMilliseconds) ms, minimum \(minimumMilliseconds) ms, \(imagesPerSecond) images/s
          \(gigaflops) GFLOP/s, peak memory \(peakMegabytes) MB
        """
    }

    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
