package import Foundation
import SegConfiguration
import SegFiles
import SegPages
package import SegTraining

/// What a sweep of learning rates found, as a table, a chart and words.
package struct LearningRatePage: Sendable {
    package var sweep: LearningRateSweep
    /// The training that was tried, for a reader: `arm multi-task, seed 1, of study quick`.
    package var title: String
    /// The learning rate that the study sets.
    package var present: Double

    package init(_ sweep: LearningRateSweep, title: String, present: Double) {
        self.sweep = sweep
        self.title = title
        self.present = present
    }

    private static let header = "step,learning_rate,loss,smoothed_loss"
    private static let titleEnd = " – learning rates"

    /// The files of a sweep, from their common beginning.
    package static func files(_ stem: String) -> (table: URL, page: URL) {
        (URL(fileURLWithPath: stem + ".csv"), URL(fileURLWithPath: stem + ".html"))
    }

    /// - Throws: ``SegCore/SegmentationError`` if something else is in the place of a file, or it cannot be written.
    package static func requireRoom(_ stem: String) throws {
        let files = files(stem)
        try OutputPlace.require(files.table, for: "a table of learning rates") { file in
            (try? FileReading.contents(of: file)).map { $0.starts(with: Data(header.utf8)) } ?? false
        }
        try OutputPlace.require(files.page, for: "a chart of learning rates") { file in
            (try? FileReading.contents(of: file)).map {
                String(decoding: $0.prefix(4096), as: UTF8.self).contains("\(titleEnd)</title>")
            } ?? false
        }
    }

    package func write(_ stem: String) throws {
        let files = Self.files(stem)
        try AtomicFile.write(Data(csv.utf8), to: files.table)
        try AtomicFile.write(Data(page.utf8), to: files.page)
    }

    package var csv: String {
        let rows = sweep.trials.enumerated().map { index, trial in
            "\(index + 1),\(trial.rate),\(trial.loss),\(trial.smoothed)"
        }
        return ([Self.header] + rows).joined(separator: "\r\n") + "\r\n"
    }

    /// What to do about it, line by line.
    package var proposal: [String] {
        let count = NumberFormat.plural(sweep.trials.count, "step")
        var lines: [String] =
            switch sweep.end {
            case .finished: ["\(count); the loss did not diverge up to a rate of \(Self.rate(sweep.trials.last?.rate))"]
            case .diverged: ["\(count); the loss diverged above a rate of \(Self.rate(sweep.trials.last?.rate))"]
            case .cancelled: ["stopped after \(count), at a rate of \(Self.rate(sweep.trials.last?.rate))"]
            }
        if let steepest = sweep.steepest, let tenth = sweep.tenthOfLowest {
            lines.append("steepest descent of the loss at            learningRate: \(Self.rate(steepest))")
            lines.append("a tenth of the rate of the lowest loss is  learningRate: \(Self.rate(tenth))")
        } else {
            lines.append("the loss never fell: try more steps, a lower first rate, or another seed")
        }
        lines.append("the study has                              learningRate: \(Self.rate(present))")
        return lines
    }

    private static func rate(_ value: Double?) -> String {
        value.map { String(format: "%.2g", $0) } ?? NumberFormat.missing
    }

    private var chart: Markup {
        func points(_ value: (LearningRateSweep.Trial) -> Double) -> [(x: Double, y: Double)] {
            sweep.trials.map { ($0.rate, value($0)) }
        }
        let marked = [sweep.steepest, sweep.lowest?.rate].compactMap { rate in
            sweep.trials.first { $0.rate == rate }.map { (x: $0.rate, y: $0.smoothed) }
        }
        var chart = LineChart(
            description:
                "The loss of each step, faint, and its running mean over the learning rate. Marked are the steepest "
                + "descent and the lowest loss.",
            horizontalTitle: "learning rate",
            verticalTitle: "loss",
            series: [
                .init(style: SeriesStyle(0), points: points(\.loss), isFaint: true),
                .init(style: SeriesStyle(0), points: points(\.smoothed), marked: marked),
            ]
        )
        chart.title = "Loss over the learning rate"
        chart.horizontalKind = .logarithmic
        return chart.markup()
    }

    package var page: String {
        let head = tag(
            "head",
            [:],
            [
                tag("meta", ["charset": "utf-8"]),
                tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                tag("meta", ["name": "color-scheme", "content": "light dark"]),
                tag("title", text: title + Self.titleEnd), .style(ReportStyle.sheet),
            ]
        )
        let main =
            [tag("h1", text: "Learning rates"), tag("p", text: title), tag("figure", [:], chart)]
            + proposal.map { tag("p", text: $0) }
        let body = tag(
            "body",
            [:],
            [
                tag("main", ["id": "main"], main),
                tag("footer", [:], tag("p", text: "Made by SegmentationKit \(segmentationKitVersion) for research.")),
            ]
        )
        return "<!DOCTYPE html>\n"
            + tag("html", ["lang": "en", "xmlns": "http://www.w3.org/1999/xhtml"], [head, body]).rendered()
    }
}
