import Foundation
import SegCore
import SegPhantoms
import SegTestKit
import TestSupport
import Testing

@Suite struct PhantomTests {
    @Test(arguments: SyntheticCenter.all) func sameNumberSameImage(center: SyntheticCenter) throws {
        let generator = PhantomGenerator(center: center, seed: 5)
        let first = try generator.sample(at: 7)
        _ = try generator.sample(at: 2)
        #expect(try PhantomGenerator(center: center, seed: 5).sample(at: 7) == first)
        #expect(generator.record(at: 7) == first.record)
        #expect(try PhantomGenerator(center: center, seed: 6).sample(at: 7).image != first.image)
        #expect(try generator.sample(at: 8).image != first.image)
        #expect(first.image.width == center.scanner.width && first.image.height == center.scanner.height)
    }

    @Test(arguments: SyntheticCenter.all) func masksAgreeWithLabels(center: SyntheticCenter) throws {
        let generator = PhantomGenerator(center: center, seed: 2)
        for index in 0..<20 {
            let sample = try generator.sample(at: index)
            #expect(sample.record.pathology?.hasLesion == !sample.lesion.isEmpty)
            #expect((sample.record.metadata["Shape"] != nil) == !sample.lesion.isEmpty)
            #expect(areGrayLevels(sample.image.pixels))
            guard !sample.lesion.isEmpty else { continue }
            // A lesion lies within the plane, and is of a size that a radiologist would measure.
            let (width, height) = (sample.lesion.width, sample.lesion.height)
            let touchesBorder =
                (0..<width).contains { sample.lesion[$0, 0] || sample.lesion[$0, height - 1] }
                || (0..<height).contains { sample.lesion[0, $0] || sample.lesion[width - 1, $0] }
            #expect(!touchesBorder)
            let pixel = try #require(sample.record.pixelSpacing).x
            let radius = (Double(sample.lesion.area) * pixel * pixel / .pi).squareRoot()
            #expect(radius > 2 && radius < 14)
        }
    }

    @Test(arguments: SyntheticCenter.all) func sharesAndGroupsAreTheCenters(center: SyntheticCenter) throws {
        let patients = center.patients
        let dataset = PhantomDataset(center: center, count: 40 * patients.imagesPerPatient, seed: 3)
        let records = try dataset.records()
        #expect(Set(records.map(\.id)).count == records.count)
        let groups = Dictionary(grouping: records, by: \.group)
        #expect(groups.count == 40)
        #expect(groups.values.allSatisfy { Set($0.map(\.pathology)).count == 1 })
        let counts = Pathology.allCases.map { pathology in
            groups.values.filter { $0[0].pathology == pathology }.count
        }
        let benign = 20 - patients.normalOfTwenty - patients.malignantOfTwenty
        #expect(counts == [2 * patients.normalOfTwenty, 2 * benign, 2 * patients.malignantOfTwenty])
    }

    @Test func centersDiffer() throws {
        let means = try SyntheticCenter.all.map { center -> Float in
            let generator = PhantomGenerator(center: center, seed: 4)
            let pixels = try (0..<6).flatMap { try generator.sample(at: $0).image.pixels }
            return pixels.reduce(0, +) / Float(pixels.count)
        }
        #expect(means.allSatisfy { $0 > 0.08 && $0 < 0.6 })
        #expect((means.max() ?? 0) - (means.min() ?? 0) > 0.04)
        #expect(Set(SyntheticCenter.all.map(\.name)).count == 4)
        #expect(Set(SyntheticCenter.all.map { [$0.scanner.width, $0.scanner.height] }).count == 4)
    }

    @Test(arguments: SyntheticCenter.all) func keepsTheRulesOfAdapters(center: SyntheticCenter) {
        let dataset = PhantomDataset(center: center, count: 12, seed: 1)
        #expect(checkDatasetAdapter(dataset, decoder: UnusedDecoder(), maximumSamples: 6).isEmpty)
    }

    @Test(arguments: [0.25, 0.5, 2]) func aResolutionKeepsMillimeters(share: Double) throws {
        let (whole, scaled) = (SyntheticCenter.southern, SyntheticCenter.southern.atResolution(share))
        let generators = [whole, scaled].map { PhantomGenerator(center: $0, seed: 3) }
        for index in 0..<12 {
            let samples = try generators.map { try $0.sample(at: index) }
            #expect(samples[0].record.id == samples[1].record.id)
            #expect(samples[0].record.metadata == samples[1].record.metadata)
            let pixels = try samples.map { try #require($0.record.pixelSpacing).x }
            #expect(abs(pixels[1] * share / pixels[0] - 1) < 0.02)
            #expect(samples[1].image.width == Int((460 * share).rounded()))
            let areas = zip(samples, pixels).map { Double($0.lesion.area) * $1 * $1 }
            #expect(abs(areas[1] - areas[0]) <= 0.2 * areas[0], "\(areas)")
        }
        #expect(SyntheticCenter.southern.atResolution(1) == .southern)
    }

    @Test func centersAreFoundByName() throws {
        #expect(try SyntheticCenter.named("western") == .western)
        let error = #expect(throws: SegmentationError.self) { try SyntheticCenter.named("westren") }
        #expect(error?.cure.contains("western") == true)
    }

    @Test func aForeignRecordIsRejected() throws {
        let dataset = PhantomDataset(center: .northern, count: 3, seed: 1)
        let foreign = PhantomGenerator(center: .eastern, seed: 1).record(at: 0)
        let beyond = dataset.generator.record(at: 3)
        for record in [foreign, beyond] {
            let error = #expect(throws: SegmentationError.self) {
                try dataset.sample(for: record, decoder: UnusedDecoder())
            }
            #expect(error?.subject == record.imageFile.absoluteString)
        }
    }
}

/// Generated images need no decoder: one that is asked has found a fault.
struct UnusedDecoder: ImageDecoder {
    func grayImage(at path: String) throws -> GrayImage { throw CocoaError(.featureUnsupported) }
    func mask(at path: String, rule: MaskRule) throws -> Mask { throw CocoaError(.featureUnsupported) }
}
