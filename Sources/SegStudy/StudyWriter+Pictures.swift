import Foundation
import SegImageIO
import SegReport
import SegResults

/// The pictures that were drawn of cases.
extension StudyWriter {
    /// What was drawn, as the gallery has it.
    func images() throws -> [ReportImage] {
        try tested.flatMap { result in
            try result.drawn.flatMap { picture in
                func image(
                    _ path: String,
                    _ view: ReportImage.View = .prediction,
                    map: ReportImage.Map? = nil
                ) throws -> ReportImage {
                    ReportImage(
                        arm: result.training.arm,
                        dataset: picture.dataset,
                        rank: ReportImage.Rank(rawValue: picture.rank) ?? .median,
                        caseID: picture.caseID,
                        dice: picture.dice,
                        view: view,
                        map: map,
                        png: try Data(contentsOf: folder.url.appending(path: path))
                    )
                }
                let views: [(path: String?, view: ReportImage.View)] = [
                    (picture.image, .image), (picture.truth, .truth), (picture.path, .prediction),
                ]
                return try views.compactMap { path, view in try path.map { try image($0, view) } }
                    + (picture.maps ?? []).map { map in
                        try image(map.path, map: .init(title: map.title, black: map.black, white: map.white))
                    }
            }
        }
    }

    /// What the contours of a further label mean, as the overlays have them.
    static func contours(_ index: Int, _ label: String) -> [ReportContour] {
        let contour = LabelContour(label: index)
        let line = contour.dash == nil ? "" : ", dashed"
        return [
            ReportContour(title: "truth of \(label)\(line)", color: contour.truth),
            ReportContour(title: "prediction of \(label)\(line)", color: contour.prediction),
        ]
    }

    /// Pictures of what heads say about each pixel.
    var maps: [MapPicture] {
        tested.flatMap { result in
            result.drawn.flatMap { picture in
                (picture.maps ?? []).map { map in
                    MapPicture(
                        arm: result.training.arm,
                        seed: result.training.seed,
                        fold: result.training.fold,
                        dataset: picture.dataset,
                        caseID: picture.caseID,
                        rank: picture.rank,
                        name: map.name,
                        title: map.title,
                        black: map.black,
                        white: map.white,
                        file: map.path
                    )
                }
            }
        }
    }
}
