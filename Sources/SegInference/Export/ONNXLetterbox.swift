import SegInterop

/// ``SegData/Letterbox`` and ``SegData/Resampler`` as a graph, for images of any size.
///
/// Sizes, positions and weights are computed as there, in double; pixels are weighed one tap after the other, in float and in
/// the same order. A canvas comes out as there to the bit: the step after it rounds to whole gray levels, where a last bit
/// may decide.
struct ONNXLetterbox {
    /// Gray or colored, `[…, height, width]`.
    private let image: String
    private let size: Int
    /// Columns, then rows.
    private let axes: [Axis]
    /// Canvas px per source px.
    private let scale: String

    /// How one axis of the source lies in the canvas; numbers are scalars in double.
    private struct Axis {
        /// The source's length, whole, and in double.
        let count: String
        let length: String
        /// Of the content: its length and where it begins.
        let content: String
        let start: String
        /// Where the source's edge lies.
        let offset: String
        /// Whole numbers of canvas pixels, counted from the content's first, `[size]`.
        let places: String
        /// 1 where the canvas shows the source, else 0; `[size]`, in double.
        let coverage: String
    }

    /// - Parameters:
    ///   - image: floats, `[…, height, width]`.
    ///   - axes: which axes of it are rows and columns.
    init(_ image: String, rowAxis: Int, size: Int, _ graph: inout ONNXGraph) {
        self.image = image
        self.size = size
        let shape = graph.call("Shape", [image])
        let counts = [rowAxis + 1, rowAxis].map { graph.call("Gather", [shape, graph.ints([$0], isScalar: true)]) }
        let lengths = counts.map { graph.double(of: $0) }
        let scale = graph.call("Div", [graph.double(Double(size)), graph.call("Max", lengths)])
        self.scale = scale
        let canvas = graph.double(Double(size))
        let half = graph.double(0.5)
        let places = graph.range(graph.ints([size], isScalar: true))
        axes = zip(counts, lengths).map { count, length in
            let scaled = graph.call("Mul", [length, scale])
            let rounded = graph.call("Floor", [graph.call("Add", [scaled, half])])
            let content = graph.call("Min", [canvas, graph.call("Max", [graph.double(1), rounded])])
            let start = graph.call("Floor", [graph.call("Mul", [graph.call("Sub", [canvas, content]), half])])
            let rest = graph.call("Mul", [graph.call("Sub", [content, scaled]), half])
            let own = graph.call("Sub", [places, start])
            let isInside = graph.call(
                "And",
                [
                    graph.call("GreaterOrEqual", [own, graph.double(0)]),
                    graph.call("Less", [own, content]),
                ]
            )
            return Axis(
                count: count,
                length: length,
                content: content,
                start: start,
                offset: graph.call("Add", [start, rest]),
                places: own,
                coverage: graph.double(of: isInside)
            )
        }
    }

    /// 1 where the canvas shows the source, `[size, size]`.
    func coverage(_ graph: inout ONNXGraph) -> String {
        let columns = graph.call("Unsqueeze", [graph.float(of: axes[0].coverage), graph.ints([0])])
        let rows = graph.call("Unsqueeze", [graph.float(of: axes[1].coverage), graph.ints([1])])
        return graph.call("Mul", [rows, columns])
    }

    /// The image in the canvas, 0 on padding, `[…, size, size]`.
    func placed(_ graph: inout ONNXGraph) -> String {
        var result = image
        for (index, axis) in axes.enumerated() {
            let start = graph.call("Div", [graph.call("Sub", [axis.start, axis.offset]), scale])
            let length = graph.call("Div", [axis.content, scale])
            let taps = Taps(
                source: axis.count,
                sourceLength: axis.length,
                start: start,
                step: graph.call("Div", [length, axis.content]),
                places: axis.places,
                coverage: axis.coverage,
                &graph
            )
            result = taps.applied(to: result, axis: index == 0 ? -1 : -2, name: "place\(index)", &graph)
        }
        return result
    }

    /// A map of the canvas, `[…, size, size]`, in the source's size; padding takes no part.
    ///
    /// - Parameter name: tells the parts of several maps apart.
    func restored(_ map: String, name: String, _ graph: inout ONNXGraph) -> String {
        var result = map
        for (index, axis) in axes.enumerated() {
            let start = graph.whole(axis.start)
            let end = graph.whole(graph.call("Add", [axis.start, axis.content]))
            let position = graph.ints([index == 0 ? -1 : -2])
            result = graph.call("Slice", [result, start, end, position])
        }
        for (index, axis) in axes.enumerated() {
            let covered = graph.call("Mul", [axis.length, scale])
            let taps = Taps(
                source: graph.scalar(axis.content),
                sourceLength: axis.content,
                start: graph.call("Sub", [axis.offset, axis.start]),
                step: graph.call("Div", [covered, axis.length]),
                places: graph.range(axis.count),
                coverage: nil,
                &graph
            )
            result = taps.applied(to: result, axis: index == 0 ? -1 : -2, name: "\(name)\(index)", &graph)
        }
        return result
    }
}

/// The weights of one axis: for every output pixel a run of source pixels.
private struct Taps {
    /// `[outputs, taps]`: whole numbers within the source, and floats.
    let places: String
    let weights: String
    /// A whole number.
    let count: String
    /// Outputs, a whole number in a vector.
    let outputs: String

    /// - Parameters:
    ///   - source: the source's length, a whole number; `sourceLength` in double.
    ///   - start: where the first output pixel's edge lies in the source.
    ///   - step: the width of an output pixel in source pixels.
    ///   - places: of output pixels, in steps.
    ///   - coverage: 0 for output pixels that stay 0.
    init(
        source: String,
        sourceLength: String,
        start: String,
        step: String,
        places: String,
        coverage: String?,
        _ graph: inout ONNXGraph
    ) {
        let (one, half) = (graph.double(1), graph.double(0.5))
        let column = graph.ints([1])
        let support = graph.call("Max", [one, step])
        let steps = graph.call("Mul", [graph.call("Add", [places, half]), step])
        let centers = graph.call("Unsqueeze", [graph.call("Add", [start, steps]), column])
        let lowest = graph.call("Floor", [graph.call("Add", [graph.call("Sub", [centers, support]), half])])
        let last = graph.call("Sub", [sourceLength, one])
        let first = graph.call("Min", [graph.call("Max", [graph.double(0), lowest]), last])
        let reach = graph.call("Mul", [graph.call("Ceil", [support]), graph.double(2)])
        count = graph.scalar(graph.call("Add", [reach, one]))
        let positions = graph.call("Add", [first, graph.range(count)])
        let distances = graph.call("Sub", [graph.call("Add", [positions, half]), centers])
        let part = graph.call("Abs", [graph.call("Div", [distances, support])])
        let triangle = graph.call("Max", [graph.double(0), graph.call("Sub", [one, part])])
        let isInside = graph.double(of: graph.call("Less", [positions, sourceLength]))
        let weights = graph.call("Mul", [triangle, isInside])
        let sums = graph.call("ReduceSum", [weights, column], [("keepdims", .int(1))])
        // The content of a canvas and what it is brought back to see a source pixel everywhere; only padding does not.
        var shares = graph.call("Div", [weights, graph.call("Max", [sums, graph.double(1e-9)])])
        if let coverage { shares = graph.call("Mul", [shares, graph.call("Unsqueeze", [coverage, column])]) }
        self.weights = graph.float(of: shares)
        self.places = graph.whole(graph.call("Min", [positions, last]), isVector: false)
        outputs = graph.call("Shape", [places])
    }

    /// The source resampled along an axis: a sum over taps, in their order.
    func applied(to source: String, axis: Int, name: String, _ graph: inout ONNXGraph) -> String {
        let shape = graph.call("Shape", [source])
        let extents =
            axis == -1
            ? [graph.call("Slice", [shape, graph.ints([0]), graph.ints([-1])]), outputs]
            : [
                graph.call("Slice", [shape, graph.ints([0]), graph.ints([-2])]), outputs,
                graph.call("Slice", [shape, graph.ints([-1]), graph.ints([Int(Int32.max)])]),
            ]
        let size = graph.call("Concat", extents, [("axis", .int(0))])
        let zeros = graph.call("Expand", [graph.floats([0], []), size])
        var body = ONNXGraph(name: name, prefix: "\(name)_")
        let tap = body.input("\(name)_tap", .int64, [])
        let isOn = body.input("\(name)_on", .bool, [])
        let sum = body.input("\(name)_sum", .float, nil)
        let places = body.call("Gather", [places, tap], [("axis", .int(1))])
        var weights = body.call("Gather", [weights, tap], [("axis", .int(1))])
        if axis == -2 { weights = body.call("Unsqueeze", [weights, body.ints([1])]) }
        let pixels = body.call("Gather", [source, places], [("axis", .int(axis))])
        let next = body.call("Add", [sum, body.call("Mul", [weights, pixels])])
        body.output("\(name)_stays_on", isOn, .bool, [])
        body.output("\(name)_next", next, .float, nil)
        return graph.call("Loop", [count, "", zeros], [("body", .graph(body))])
    }
}

/// Conversions that the letterbox needs.
extension ONNXGraph {
    mutating func double(of value: String) -> String { cast(value, .double) }
    mutating func float(of value: String) -> String { cast(value, .float) }

    mutating func cast(_ value: String, _ element: Element) -> String {
        call("Cast", [value], [("to", .int(element.rawValue))])
    }

    /// Doubles without a fraction as whole numbers; a scalar as a vector of one.
    mutating func whole(_ value: String, isVector: Bool = true) -> String {
        let whole = cast(value, .int64)
        return isVector ? call("Reshape", [whole, ints([1])]) : whole
    }

    /// A scalar in double as a whole number.
    mutating func scalar(_ value: String) -> String { cast(value, .int64) }

    /// 0, 1, 2, … in double.
    ///
    /// - Parameter count: a whole number.
    mutating func range(_ count: String) -> String {
        double(of: call("Range", [ints([0], isScalar: true), count, ints([1], isScalar: true)]))
    }
}
