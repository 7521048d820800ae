import SegMetrics
import Testing

@Suite struct DetectionTests {
    struct Detection: Decodable {
        let connectivity: String
        let minimumArea: Int
        let threshold: Double?
        let counts: [Int]
    }

    struct Case: Decodable {
        let width: Int
        let height: Int
        let prediction: String
        let reference: String
        let detections: [Detection]
        let areas: [Int]
        let labelChecksum: Int
    }

    @Test func componentsEqualSciPy() throws {
        for item in try oracle("lesions", of: Case.self) {
            let components = try ConnectedComponents(of: mask(item.prediction), width: item.width, height: item.height)
            #expect(components.areas == item.areas)
            #expect(components.count == item.areas.count)
            let checksum = components.labels.enumerated().reduce(0) { $0 + Int($1.element) * ($1.offset % 997) }
            #expect(checksum == item.labelChecksum)
        }
    }

    @Test func countsEqualThoseOfLabeledImages() throws {
        for item in try oracle("lesions", of: Case.self) {
            for expected in item.detections {
                let matching =
                    expected.threshold.map(LesionMatching.greedyIntersectionOverUnion(atLeast:)) ?? .anyOverlap
                let detection = try LesionDetection(
                    prediction: mask(item.prediction),
                    reference: mask(item.reference),
                    width: item.width,
                    height: item.height,
                    matching: matching,
                    connectivity: try #require(PixelConnectivity(rawValue: expected.connectivity)),
                    minimumArea: expected.minimumArea
                )
                let counts = [
                    detection.truePositives, detection.falsePositives, detection.falseNegatives,
                    detection.matchedPredictions,
                ]
                #expect(counts == expected.counts, "\(expected)")
            }
        }
    }

    @Test func diagonalNeighborsJoinOnlyWithEightNeighbors() throws {
        let pixels = [1, 0, 0, 0, 1, 0, 1, 0, 0] as [UInt8]
        #expect(try ConnectedComponents(of: pixels, width: 3, height: 3).areas == [3])
        #expect(try ConnectedComponents(of: pixels, width: 3, height: 3, connectivity: .four).areas == [1, 1, 1])
        #expect(try ConnectedComponents(of: pixels, width: 3, height: 3, minimumArea: 4).count == 0)
        // The row's end does not touch the next row's beginning.
        #expect(try ConnectedComponents(of: [0, 0, 1, 1, 0, 0], width: 3, height: 2, connectivity: .four).count == 2)
    }

    @Test func componentsEqualAFloodFill() throws {
        var generator = MaskGenerator(seed: 11)
        for (width, height) in SurfacePropertyTests.sizes {
            for connectivity in PixelConnectivity.allCases {
                let pixels = generator.mask(width: width, height: height)
                var labels = [Int32](repeating: 0, count: pixels.count)
                var count: Int32 = 0
                for start in pixels.indices where pixels[start] != 0 && labels[start] == 0 {
                    count += 1
                    var pending = [start]
                    labels[start] = count
                    while let index = pending.popLast() {
                        for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)] {
                            let (x, y) = (index % width + dx, index / width + dy)
                            guard connectivity == .eight || dx * dy == 0 else { continue }
                            guard (0..<width).contains(x), (0..<height).contains(y) else { continue }
                            guard pixels[y * width + x] != 0, labels[y * width + x] == 0 else { continue }
                            labels[y * width + x] = count
                            pending.append(y * width + x)
                        }
                    }
                }
                let components = try ConnectedComponents(
                    of: pixels,
                    width: width,
                    height: height,
                    connectivity: connectivity
                )
                #expect(components.labels == labels)
            }
        }
    }

    @Test func countsOfImagesAddUp() throws {
        let hit = try LesionDetection(
            prediction: [1, 0, 1],
            reference: [1, 0, 0],
            width: 3,
            height: 1,
            matching: .anyOverlap
        )
        let miss = try LesionDetection(
            prediction: [0, 0, 0],
            reference: [1, 0, 1],
            width: 3,
            height: 1,
            matching: .anyOverlap
        )
        let sum = [hit, miss].reduce(.none, +)
        #expect(sum.imageCount == 2)
        #expect(agrees(sum.sensitivity, 1.0 / 3))
        #expect(sum.precision == 0.5)
        #expect(sum.falsePositivesPerImage == 0.5)
        #expect(LesionDetection.none.sensitivity.isNaN)
        #expect(LesionDetection.none.falsePositivesPerImage.isNaN)
        #expect(miss.precision.isNaN)
    }

    @Test func wrongInputIsRefusedWithItsCause() {
        #expect {
            try LesionDetection(prediction: [1], reference: [1, 0], width: 2, height: 1, matching: .anyOverlap)
        } throws: {
            "\($0)".contains("the prediction has 1 pixels")
        }
        #expect(throws: MetricsError.self) { try ConnectedComponents(of: [], width: 0, height: 0) }
    }
}
