import Foundation

/// A soft spot of a drawn picture; its center and size are shares of the picture's sides.
package struct Blob {
    let x: Float
    let y: Float
    let size: Float
    let height: Float

    package init(x: Float, y: Float, size: Float, height: Float) {
        (self.x, self.y, self.size, self.height) = (x, y, size, height)
    }

    /// The pixels of spots under a depth profile, in 256 gray levels. Here as every pixel looks at every spot: see
    /// `ManyNumbers.swift`.
    package static func pixels(_ blobs: [Blob], width: Int, height: Int) -> [Float] {
        (0..<width * height).map { index in
            let x = (Float(index % width) + 0.5) / Float(width)
            let y = (Float(index / width) + 0.5) / Float(height)
            var value = 0.8 - 0.5 * y
            for blob in blobs {
                value +=
                    blob.height
                    * exp(-((x - blob.x) * (x - blob.x) + (y - blob.y) * (y - blob.y)) / blob.size / blob.size)
            }
            return (min(max(value, 0), 1) * 255).rounded() / 255
        }
    }
}
