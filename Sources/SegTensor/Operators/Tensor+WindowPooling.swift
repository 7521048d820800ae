extension Tensor {
    /// The maximum of each square window.
    ///
    /// - Shape: `[batch, channels, height, width]` to `[batch, channels, (height + 2 padding − window) / stride + 1, …]`,
    ///   divisions rounded down.
    /// - Parameters:
    ///   - stride: the window's own size if not given: windows side by side.
    ///   - padding: never larger than half the window; what lies outside is never the maximum.
    /// - Gradient: to the first maximum of each window in row-major order.
    /// - Edge cases: a window that contains a NaN gives NaN.
    public func maxPooled(window: Int, stride: Int? = nil, padding: Int = 0) -> Tensor {
        if window == 2, stride ?? 2 == 2, padding == 0 { return maxPooled2x2() }
        let windows = PoolingWindow(
            shape,
            side: window,
            stride: stride ?? window,
            padding: padding,
            operation: #function
        )
        let x = denseStorage
        let y = Storage(count: windows.output.shape.count)
        // Where each maximum was found; a pooled tensor has no more than 2³¹ values.
        let places = UnsafeStorage<Int32>(count: windows.output.shape.count)
        let width = windows.input.width
        windows.forEachPlane { from, to in
            let plane = x.pointer + from
            var output = to
            for row in 0..<windows.output.height {
                for column in 0..<windows.output.width {
                    var place = windows.rows(row).lowerBound * width + windows.columns(column).lowerBound
                    var largest = plane[place]
                    for i in windows.rows(row) {
                        for j in i * width + windows.columns(column).lowerBound..<i * width
                            + windows.columns(column).upperBound
                        where plane[j] > largest || (plane[j].isNaN && !largest.isNaN) {
                            largest = plane[j]
                            place = j
                        }
                    }
                    y.pointer[output] = largest
                    places.pointer[output] = Int32(place)
                    output += 1
                }
            }
        }
        let shape = shape
        let traced = TracedOperation.maximumPooling(window: window, stride: windows.stride, padding: padding)
        return Tensor(shape: windows.output.shape, storage: y).recorded(from: [self], as: traced) { gradient in
            let dy = gradient.denseStorage
            let dx = Storage(zeros: shape.count)
            windows.forEachPlane { from, to in
                for output in to..<to + windows.output.pixels {
                    dx.pointer[from + Int(places.pointer[output])] += dy.pointer[output]
                }
            }
            return [Tensor(shape: shape, storage: dx)]
        }
    }

    /// The mean of each square window.
    ///
    /// - Shape: as ``maxPooled(window:stride:padding:)``.
    /// - Parameters:
    ///   - stride: the window's own size if not given: windows side by side.
    ///   - countsPadding: divides by the window's area always; if false, by its pixels within the image.
    /// - Gradient: shared equally by the pixels of each window.
    public func averagePooled(
        window: Int,
        stride: Int? = nil,
        padding: Int = 0,
        countsPadding: Bool = true
    ) -> Tensor {
        let windows = PoolingWindow(
            shape,
            side: window,
            stride: stride ?? window,
            padding: padding,
            operation: #function
        )
        let width = windows.input.width
        let share = { (rows: Range<Int>, columns: Range<Int>) -> Float in
            1 / Float(countsPadding ? window * window : rows.count * columns.count)
        }
        let x = denseStorage
        let y = Storage(count: windows.output.shape.count)
        windows.forEachPlane { from, to in
            var output = to
            for row in 0..<windows.output.height {
                let rows = windows.rows(row)
                for column in 0..<windows.output.width {
                    let columns = windows.columns(column)
                    var total: Float = 0
                    for i in rows {
                        for j in columns { total += x.pointer[from + i * width + j] }
                    }
                    y.pointer[output] = total * share(rows, columns)
                    output += 1
                }
            }
        }
        let shape = shape
        let traced = TracedOperation.averagePooling(
            window: window,
            stride: windows.stride,
            padding: padding,
            countsPadding: countsPadding
        )
        return Tensor(shape: windows.output.shape, storage: y).recorded(from: [self], as: traced) { gradient in
            let dy = gradient.denseStorage
            let dx = Storage(zeros: shape.count)
            windows.forEachPlane { from, to in
                var output = to
                for row in 0..<windows.output.height {
                    let rows = windows.rows(row)
                    for column in 0..<windows.output.width {
                        let columns = windows.columns(column)
                        let part = dy.pointer[output] * share(rows, columns)
                        for i in rows {
                            for j in columns { dx.pointer[from + i * width + j] += part }
                        }
                        output += 1
                    }
                }
            }
            return [Tensor(shape: shape, storage: dx)]
        }
    }
}

/// Uninitialized memory that lives as long as a pullback.
///
/// `@unchecked Sendable`: the tasks of one loop write places that are their own, and are done before anyone reads.
private final class UnsafeStorage<Element: BitwiseCopyable>: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Element>
    init(count: Int) { pointer = .allocate(capacity: max(count, 1)) }
    deinit { pointer.deallocate() }
}
