import SegTensor

/// The ways in which a tensor of images may be kept; no operator's result may depend on it.
enum ImageLayout: String, CaseIterable, Sendable {
    case dense, blocked, joined, ragged, pending

    /// The same values in this layout, their history kept; `nil` if the shape does not allow it.
    func arranged(_ x: Tensor) -> Tensor? {
        switch self {
        case .dense: return x
        case .blocked: return x.inBlocks
        case .joined:
            guard x.shape[1] > 16 else { return nil }
            let first = x.sliced(1, 0..<16).inBlocks
            return .concatenated([first, x.sliced(1, 16..<x.shape[1]).inBlocks])
        case .ragged:
            // An odd number of channels in the first part.
            let end = x.shape[1] / 2 | 1
            guard end < x.shape[1] else { return nil }
            return .concatenated([x.sliced(1, 0..<end).inBlocks, x.sliced(1, end..<x.shape[1]).inBlocks])
        case .pending:
            // 2 ((x − ½) / 2) + ½: exact in floats of moderate size.
            let channels = x.shape[1]
            return ((x - 0.5) * 0.5).normalized(
                mean: Array(repeating: 0, count: channels),
                variance: Array(repeating: 1, count: channels),
                gain: Tensor(repeating: 2, shape: [channels]),
                offset: Tensor(repeating: 0.5, shape: [channels]),
                epsilon: 0
            )
        }
    }

    /// Every layout that the tensor can have.
    static func all(of x: Tensor) -> [(layout: ImageLayout, tensor: Tensor)] {
        allCases.compactMap { layout in layout.arranged(x).map { (layout, $0) } }
    }
}
