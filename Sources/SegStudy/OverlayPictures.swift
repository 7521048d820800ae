import Foundation
import SegCore
import SegData
import SegImageIO
import SegInference
import SegReport
import SegResults
import SegTraining

/// Draws the worst, the median and the best case of an arm on a data set.
struct OverlayPictures {
    let folder: OutputFolder
    let data: StudyData

    /// Writes the pictures of one evaluation.
    func draw(_ evaluation: CaseEvaluation, training: String, dataset: Int, threshold: Float) throws -> [TestedTraining
        .Picture]
    {
        let name = data.evaluated[dataset].description.name
        // Only images with a lesion: the worst of the others shows nothing that a number does not say.
        let ranked = evaluation.rows.indices
            .filter { !evaluation.rows[$0].dice.isNaN && !evaluation.predictions[$0].lesion.isEmpty }
            .sorted {
                (evaluation.rows[$0].dice, evaluation.rows[$0].caseID) < (
                    evaluation.rows[$1].dice, evaluation.rows[$1].caseID
                )
            }
        guard let worst = ranked.first, let best = ranked.last else { return [] }
        var chosen: [(rank: ReportImage.Rank, index: Int)] = [(.worst, worst)]
        if ranked.count > 2 { chosen.append((.median, ranked[(ranked.count - 1) / 2])) }
        if ranked.count > 1 { chosen.append((.best, best)) }
        let place = "overlays/\(Self.fileName(name))"
        try folder.make(folder.url.appending(path: place))
        return try chosen.map { rank, index in
            let prediction = evaluation.predictions[index]
            let sample = try data.native(prediction.record, of: dataset)
            let mask = prediction.mask(threshold: threshold)
            let predicted = prediction.labelMasks(threshold: threshold)
            // In the order of the study's labels, so that a label has one color in the pictures of all arms.
            let others = data.labels.map { name in
                let mask = predicted.first { $0.name == name }?.mask
                return (truth: mask == nil ? nil : sample.labels.first { $0.name == name }?.mask, prediction: mask)
            }
            let picture = ColorImage(overlaying: mask, truth: sample.lesion, on: sample.image, labels: others)
            for map in prediction.maps {
                let file = "\(place)/\(training)-\(rank.rawValue)-map-\(Self.fileName(map.name)).png"
                try PNG.write(PNGImage(prediction.native(map)), to: folder.url.appending(path: file))
            }
            let path = "\(place)/\(training)-\(rank.rawValue).png"
            try picture.write(to: folder.url.appending(path: path))
            return TestedTraining.Picture(
                dataset: name,
                rank: rank.rawValue,
                caseID: prediction.record.id,
                dice: evaluation.rows[index].dice,
                path: path
            )
        }
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
