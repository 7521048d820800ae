public import Foundation
import SegConfiguration
import SegCore
public import SegData
import SegFiles
import SegInterop
import SegTraining

extension ModelExport {
    /// Writes the whole way from an image of any size to its prediction as one ONNX file: what ``ImagePredictor`` does with a
    /// decoded image.
    ///
    /// - Input: `image`, `[height, width]` in gray, `[3, height, width]` of a model that sees colors.
    /// - Outputs: `probability` and `mask` in the image's size, `canvas_probability` in the model's; `malignancy`,
    ///   `malignancy_calibrated` (by the temperature) and `is_malignant`, as far as the model has them; `label_probabilities`,
    ///   `[labels, height, width]`, of a model that predicts further labels.
    ///
    /// - Parameters:
    ///   - pixels: what the image is given as.
    ///   - augmentation: views whose predictions are averaged; none at other sizes.
    ///
    /// - Throws: ``SegmentationError`` naming the plugin and its operator that ONNX does not know, or what cannot be
    ///   written.
    public func writeONNX(
        to file: URL,
        pixels: Pixels = .uint8,
        augmentation: TestTimeAugmentation = .none
    ) throws {
        try AtomicFile.write(try onnx(pixels: pixels, augmentation: augmentation), to: file)
    }

    /// The file's content.
    public func onnx(pixels: Pixels = .uint8, augmentation: TestTimeAugmentation = .none) throws -> Data {
        guard augmentation != .flipsAndScales else {
            throw SegmentationError(
                "--tta \(augmentation.rawValue)",
                "an exported network has one size",
                cure: "use --tta flips, or none"
            )
        }
        let hasLabels = network.outputs.contains { $0.name == Self.labels }
        guard augmentation == .none || !hasLabels else {
            throw SegmentationError(
                "--tta \(augmentation.rawValue)",
                "the model predicts further labels, whose means over views are not exported",
                cure: "export it without --tta"
            )
        }
        var graph = ONNXGraph(name: description.arm)
        let letterbox = letterbox(pixels, &graph)
        let image = scaled(letterbox, pixels, &graph)
        var views = [try graph.network(network, image: image)]
        if augmentation == .flips {
            var mirrored = try graph.network(network, image: graph.mirrored(image, axis: 3))
            if let map = mirrored[Self.lesion] { mirrored[Self.lesion] = graph.mirrored(map, axis: 3) }
            views.append(mirrored)
        }
        addMaps(views, letterbox, &graph)
        addMalignancy(views.compactMap { $0[Self.malignancy] }, &graph)
        return try graph.model(producerVersion: segmentationKitVersion, metadata: metadata)
    }

    private func letterbox(_ pixels: Pixels, _ graph: inout ONNXGraph) -> ONNXLetterbox {
        let element: ONNXGraph.Element
        let white: Float
        switch pixels {
        case .uint8: (element, white) = (.uint8, 255)
        case .uint16: (element, white) = (.uint16, 65_535)
        case .float: (element, white) = (.float, 1)
        }
        let sides: [ONNXGraph.Extent] = [.named("height"), .named("width")]
        let input = graph.input("image", element, (channels == 1 ? [] : [.fixed(channels)]) + sides)
        let image =
            pixels == .float ? input : graph.call("Div", [graph.float(of: input), graph.floats([white], [])])
        return ONNXLetterbox(image, rowAxis: channels == 1 ? 0 : 1, size: description.imageSize, &graph)
    }

    /// The canvas as the network sees it, `[1, channels, size, size]`.
    private func scaled(_ letterbox: ONNXLetterbox, _ pixels: Pixels, _ graph: inout ONNXGraph) -> String {
        var canvas = letterbox.placed(&graph)
        switch pixels {
        case .uint8: canvas = graph.quantized(canvas, white: 255)
        case .uint16: canvas = graph.quantized(canvas, white: 65_535)
        case .float: break
        }
        let coverage = letterbox.coverage(&graph)
        let scaled =
            switch trained.model.backbone.imageScaling {
            case .standardized: graph.standardized(canvas, coverage)
            case .intensities: graph.call("Mul", [canvas, coverage])
            }
        let size = description.imageSize
        return graph.call("Reshape", [scaled, graph.ints([1, channels, size, size])])
    }

    private func addMaps(_ views: [[String: String]], _ letterbox: ONNXLetterbox, _ graph: inout ONNXGraph) {
        let size = description.imageSize
        var probabilities = views.compactMap { $0[Self.lesion] }.map { graph.call("Sigmoid", [$0]) }
        if probabilities.count > 1 {
            // As ``CasePrediction/mean(_:)``.
            let logits = probabilities.map { probability in
                let bounds = [graph.floats([1e-7], []), graph.floats([1 - 1e-7], [])]
                let clipped = graph.call("Clip", [probability] + bounds)
                let rest = graph.call("Sub", [graph.floats([1], []), clipped])
                return graph.call("Log", [graph.call("Div", [clipped, rest])])
            }
            probabilities = [graph.call("Sigmoid", [graph.mean(logits)])]
        }
        let square: [ONNXGraph.Extent] = [.fixed(size), .fixed(size)]
        let canvas = graph.call("Reshape", [probabilities[0], graph.ints([size, size])])
        let native = letterbox.restored(canvas, name: "restore", &graph)
        let sides: [ONNXGraph.Extent] = [.named("height"), .named("width")]
        graph.output("probability", native, .float, sides)
        let threshold = graph.floats([description.segmentationThreshold], [])
        let mask = graph.cast(graph.call("GreaterOrEqual", [native, threshold]), .uint8)
        graph.output("mask", mask, .uint8, sides)
        graph.output("canvas_probability", canvas, .float, square)
        if let labels = views[0][Self.labels], let head = trained.model.labelHead {
            let planes = graph.call("Reshape", [labels, graph.ints([head.labels.names.count, size, size])])
            let maps = letterbox.restored(planes, name: "labels", &graph)
            graph.output("label_probabilities", maps, .float, [.fixed(head.labels.names.count)] + sides)
        }
    }

    private func addMalignancy(_ logits: [String], _ graph: inout ONNXGraph) {
        guard !logits.isEmpty else { return }
        let single = logits.map { graph.call("Reshape", [$0, graph.ints([])]) }
        let logit = single.count == 1 ? single[0] : graph.mean(single)
        let probability = graph.call("Sigmoid", [logit])
        graph.output("malignancy", probability, .float, [])
        if let temperature = description.malignancyTemperature {
            let calm = graph.call("Div", [logit, graph.floats([Float(temperature)], [])])
            graph.output("malignancy_calibrated", graph.call("Sigmoid", [calm]), .float, [])
        }
        if let threshold = description.malignancyThreshold {
            let reaches = graph.call("GreaterOrEqual", [graph.double(of: probability), graph.double(threshold)])
            graph.output("is_malignant", graph.cast(reaches, .uint8), .uint8, [])
        }
    }
}

extension ONNXGraph {
    /// Left and right exchanged.
    fileprivate mutating func mirrored(_ x: String, axis: Int) -> String {
        call("Slice", [x, ints([-1]), ints([Int(Int64.min)]), ints([axis]), ints([-1])])
    }

    fileprivate mutating func mean(_ values: [String]) -> String {
        let sum = values.dropFirst().reduce(values[0]) { call("Add", [$0, $1]) }
        return call("Div", [sum, floats([Float(values.count)], [])])
    }

    /// ``SegData/PixelPlane``: rounded to whole gray levels, halves upwards, within 0...1.
    fileprivate mutating func quantized(_ x: String, white: Float) -> String {
        let levels = floats([white], [])
        let scaled = call("Mul", [call("Clip", [x, floats([0], []), floats([1], [])]), levels])
        let lower = call("Floor", [scaled])
        // Not the operator Round, whose halves go to even numbers.
        let isUpper = call("GreaterOrEqual", [call("Sub", [scaled, lower]), floats([0.5], [])])
        return call("Div", [call("Add", [lower, float(of: isUpper)]), levels])
    }

    /// ``SegAugmentation/ImagePair/standardize()``: mean 0 and deviation 1 where the canvas shows the image, 0 elsewhere.
    fileprivate mutating func standardized(_ canvas: String, _ coverage: String) -> String {
        let wide = double(of: coverage)
        let count = total(wide)
        func mean(_ x: String, _ graph: inout ONNXGraph) -> String {
            graph.call("Div", [graph.total(graph.call("Mul", [x, wide])), count])
        }
        let pixels = double(of: canvas)
        let center = mean(pixels, &self)
        let rest = call("Sub", [pixels, center])
        let deviation = call("Sqrt", [mean(call("Mul", [rest, rest]), &self)])
        let isPicture = float(of: call("Greater", [deviation, double(1e-6)]))
        let inverse = float(of: call("Div", [double(1), call("Max", [deviation, double(1e-12)])]))
        let factor = call("Mul", [isPicture, inverse])
        let scaled = call("Mul", [call("Sub", [canvas, float(of: center)]), factor])
        return call("Mul", [scaled, coverage])
    }

    /// The sum over rows and columns, which stay as axes of length 1.
    fileprivate mutating func total(_ x: String) -> String {
        call("ReduceSum", [x, ints([-2, -1])], [("keepdims", .int(1))])
    }
}
