import Foundation
import SegCore
import SegData
import SegImageIO
import SegInference
import SegReport
import SegResults
import SegTraining

/// Draws the worst, the median and the best case of an arm on a data set, each with the maps that heads report of it.
struct OverlayPictures {
    let folder: OutputFolder
    let data: StudyData

    /// A case to draw.
    private struct Choice {
        var rank: ReportImage.Rank
        var index: Int
        /// What distinguishes its files from those of other cases.
        var label: String
    }

    /// Writes the pictures of one evaluation.
    ///
    /// Edge cases: where no case has a Dice, as where the arm predicts no mask, cases are drawn only for the maps of heads:
    /// the first, the middle and the last that has one.
    func draw(_ evaluation: CaseEvaluation, training: String, dataset: Int, threshold: Float) throws -> [TestedTraining
        .Picture]
    {
        let chosen = choices(evaluation)
        guard !chosen.isEmpty else { return [] }
        let name = data.evaluated[dataset].description.name
        let place = "overlays/\(Self.fileName(name))"
        try folder.make(folder.url.appending(path: place))
        return try chosen.map { choice in
            let prediction = evaluation.predictions[choice.index]
            let path = "\(place)/\(training)-\(choice.label)"
            try overlay(prediction, of: dataset, threshold: threshold)
                .write(to: folder.url.appending(path: "\(path).png"))
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
            return TestedTraining.Picture(
                dataset: name,
                rank: choice.rank.rawValue,
                caseID: prediction.record.id,
                dice: evaluation.rows[choice.index].dice,
                path: "\(path).png",
                maps: maps.isEmpty ? nil : maps
            )
        }
    }

    /// A number of 32 bits as its author wrote it: 0.1, not 0.10000000149.
    private static func exact(_ value: Float) -> Double { Double(value.description) ?? Double(value) }

    private func choices(_ evaluation: CaseEvaluation) -> [Choice] {
        let rows = evaluation.rows
        // Only images with a lesion: the worst of the others shows nothing that a number does not say.
        let ranked = rows.indices
            .filter { !rows[$0].dice.isNaN && !evaluation.predictions[$0].lesion.isEmpty }
            .sorted { (rows[$0].dice, rows[$0].caseID) < (rows[$1].dice, rows[$1].caseID) }
        guard let worst = ranked.first, let best = ranked.last else {
            let mapped = rows.indices.filter { !evaluation.predictions[$0].maps.isEmpty }
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
        return ColorImage(overlaying: mask, truth: sample.lesion, on: sample.image, labels: others)
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
