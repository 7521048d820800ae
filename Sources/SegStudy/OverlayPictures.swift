import Foundation
import SegCore
import SegData
import SegImageIO
import SegInference
import SegReport
import SegResults
import SegTraining

/// Draws cases of a data set as an arm predicts them, each with the maps that heads report of it: those that another arm has
/// chosen, or the arm's own worst, median and best one, beside the image and its truth.
struct OverlayPictures {
    let folder: OutputFolder
    let data: StudyData

    /// The cases of a data set as they were scored, by which those to draw are chosen.
    struct ScoredCases {
        var rows: [CaseResult]
        private var mapped: Set<String>

        init(of tested: TestedTraining, dataset: String) {
            rows = tested.cases.filter { $0.dataset == dataset }
            mapped = Set(tested.mappedCases[dataset] ?? [])
        }

        func hasLesion(_ index: Int) -> Bool { rows[index].lesionFraction.map { $0 > 0 } ?? false }
        func hasMask(_ index: Int) -> Bool { rows[index].predictedFraction != nil }
        func hasMaps(_ index: Int) -> Bool { mapped.contains(rows[index].caseID) }
    }

    /// A case to draw.
    private struct Choice {
        var rank: ReportImage.Rank
        var index: Int
        /// What distinguishes its files from those of other cases.
        var label: String
    }

    /// Writes the pictures of one data set.
    ///
    /// - Parameters:
    ///   - shown: the cases that an arm before chose; `nil` for the arm's own choice.
    ///   - predicted: predicts the case of an index again, of which only numbers were kept.
    ///
    /// - Edge cases: where no case has a Dice, as where the arm predicts no mask, cases are drawn only for the maps of heads:
    ///   the first, the middle and the last that has one.
    func draw(
        _ scored: ScoredCases,
        training: String,
        dataset: Int,
        threshold: Float,
        shown: [ShownCases.Case]?,
        predicted: (Int) throws -> CasePrediction
    ) throws -> [TestedTraining.Picture] {
        let chosen = shown.map { choices($0, scored) } ?? choices(scored)
        guard !chosen.isEmpty else { return [] }
        let name = data.evaluated[dataset].description.name
        let place = "overlays/\(Self.fileName(name))"
        try folder.make(folder.url.appending(path: place))
        return try chosen.map { choice in
            let prediction = try predicted(choice.index)
            let path = "\(place)/\(training)-\(choice.label)"
            try overlay(prediction, of: dataset, threshold: threshold)
                .write(to: folder.url.appending(path: "\(path).png"))
            var picture = TestedTraining.Picture(
                dataset: name,
                rank: choice.rank.rawValue,
                caseID: prediction.record.id,
                dice: scored.rows[choice.index].dice,
                path: "\(path).png"
            )
            if shown == nil, choice.rank != .example {
                (picture.image, picture.truth) = (
                    "\(place)/image-\(choice.label).png", "\(place)/truth-\(choice.label).png"
                )
                let (image, truth) = try unpredicted(prediction, of: dataset)
                for case (let file?, let content) in [(picture.image, image), (picture.truth, truth)] {
                    try content.write(to: folder.url.appending(path: file))
                }
            }
            let maps = try prediction.maps.map { map in
                let file = "\(path)-map-\(Self.fileName(map.name)).png"
                try PNG.write(PNGImage(prediction.native(map)), to: folder.url.appending(path: file))
                return TestedTraining.Picture.Map(
                    name: map.name,
                    title: map.title,
                    black: Self.exact(map.canvas.range.lowerBound),
                    white: Self.exact(map.canvas.range.upperBound),
                    path: file
                )
            }
            picture.maps = maps.isEmpty ? nil : maps
            return picture
        }
    }

    /// A number of 32 bits as its author wrote it: 0.1, not 0.10000000149.
    private static func exact(_ value: Float) -> Double { Double(value.description) ?? Double(value) }

    /// The cases that another arm chose; none of an arm that has neither mask nor map to show.
    private func choices(_ shown: [ShownCases.Case], _ scored: ScoredCases) -> [Choice] {
        shown.compactMap { item in
            scored.rows.indices.first { index in
                scored.rows[index].caseID == item.caseID && (scored.hasMask(index) || scored.hasMaps(index))
            }.map { Choice(rank: item.rank, index: $0, label: item.rank.rawValue) }
        }
    }

    private func choices(_ scored: ScoredCases) -> [Choice] {
        let rows = scored.rows
        // Only images with a lesion: the worst of the others shows nothing that a number does not say.
        let ranked = rows.indices
            .filter { !rows[$0].dice.isNaN && scored.hasLesion($0) }
            .sorted { (rows[$0].dice, rows[$0].caseID) < (rows[$1].dice, rows[$1].caseID) }
        guard let worst = ranked.first, let best = ranked.last else {
            let mapped = rows.indices.filter { scored.hasMaps($0) }
                .sorted { rows[$0].caseID < rows[$1].caseID }
            let places = mapped.isEmpty ? [] : Set([0, (mapped.count - 1) / 2, mapped.count - 1]).sorted()
            return places.enumerated().map { number, place in
                Choice(
                    rank: .example,
                    index: mapped[place],
                    label: "\(ReportImage.Rank.example.rawValue)-\(number + 1)"
                )
            }
        }
        var chosen: [(rank: ReportImage.Rank, index: Int)] = [(.worst, worst)]
        if ranked.count > 2 { chosen.append((.median, ranked[(ranked.count - 1) / 2])) }
        if ranked.count > 1 { chosen.append((.best, best)) }
        return chosen.map { Choice(rank: $0.rank, index: $0.index, label: $0.rank.rawValue) }
    }

    private func overlay(_ prediction: CasePrediction, of dataset: Int, threshold: Float) throws -> ColorImage {
        let sample = try data.native(prediction.record, of: dataset)
        let mask =
            prediction.probability.isEmpty
            ? Mask(emptyWithWidth: sample.image.width, height: sample.image.height)
            : prediction.mask(threshold: threshold)
        let predicted = prediction.labelMasks(threshold: threshold)
        // In the order of the study's labels, so that a label has one color in the pictures of all arms.
        let others = data.labels.map { name in
            let mask = predicted.first { $0.name == name }?.mask
            return (truth: mask == nil ? nil : sample.labels.first { $0.name == name }?.mask, prediction: mask)
        }
        return ColorImage(
            overlaying: mask,
            truth: sample.lesion,
            on: sample.image,
            labels: others,
            fitting: ColorImage.overlaySide
        )
    }

    /// The image alone, and with the truth of the lesion and of further labels.
    private func unpredicted(_ prediction: CasePrediction, of dataset: Int) throws -> (
        image: ColorImage, truth: ColorImage
    ) {
        let sample = try data.native(prediction.record, of: dataset)
        let none = Mask(emptyWithWidth: sample.image.width, height: sample.image.height)
        let labels: [(truth: Mask?, prediction: Mask?)] = data.labels.map { name in
            (sample.labels.first { $0.name == name }?.mask, nil)
        }
        return (
            ColorImage(overlaying: none, truth: nil, on: sample.image, fitting: ColorImage.overlaySide),
            ColorImage(
                overlaying: none,
                truth: sample.lesion,
                on: sample.image,
                labels: labels,
                fitting: ColorImage.overlaySide
            )
        )
    }

    /// A data set's name as the name of a folder: another one for every name, and never one
    /// that leads elsewhere.
    ///
    /// Letters, digits, `-` and `_` stay; everything else is the hexadecimal numbers of its scalars between `~` and `.`.
    static func fileName(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            let isPlain =
                scalar.properties.isLowercase || ("0"..."9").contains(scalar) || scalar == "-" || scalar == "_"
                || ("A"..."Z").contains(scalar)
            if isPlain && scalar.isASCII {
                result.unicodeScalars.append(scalar)
            } else {
                result += "~" + String(scalar.value, radix: 16) + "."
            }
        }
        return result
    }
}
