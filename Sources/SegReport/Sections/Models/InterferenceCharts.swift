import SegPages
import SegResults
import SegTraining

/// Interference and what terms learn, by epoch.
struct InterferenceCharts {
    let context: ReportContext

    func interference(_ summary: InterferenceSummary) -> [ReportContent.Figure] {
        summary.shownSubjects.flatMap { subject -> [ReportContent.Figure] in
            func value(
                _ pair: @escaping (GradientInterference.Pair) -> Double?,
                _ task: @escaping (GradientInterference.Task) -> Double?
            ) -> (EpochRecord) -> Double? {
                { epoch in
                    guard let interference = epoch.interference else { return nil }
                    guard let second = subject.second else { return interference.task(subject.first).flatMap(task) }
                    return interference.pair(subject.first, second).flatMap(pair)
                }
            }
            return [
                figure("Cosine: \(subject.title)", value(\.cosine, \.cosineWithOthers)),
                figure(
                    "Conflict rate: \(subject.title)",
                    domain: 0...1,
                    value(\.conflictRate, \.conflictRateWithOthers)
                ),
            ].compactMap { $0 }
        }
    }

    var learned: [ReportContent.Figure] {
        let names = Set(context.results.trainings.flatMap { $0.epochs.flatMap { ($0.learned ?? [:]).keys } }).sorted()
        return names.compactMap { name in figure("Learned: \(name)") { $0.learned?[name] } }
    }

    /// The mean over seeds of a value that not every epoch need have, with the range of the seeds.
    private func figure(
        _ title: String,
        domain: ClosedRange<Double>? = nil,
        _ value: (EpochRecord) -> Double?
    ) -> ReportContent.Figure? {
        var lines: [ReportContent.Chart.Line] = []
        var bands: [ReportContent.Chart.Band] = []
        var ends: [String] = []
        for arm in context.results.arms {
            var values: [Int: [Double]] = [:]
            for training in context.results.trainings where training.arm == arm.name {
                for epoch in training.epochs {
                    if let value = value(epoch), value.isFinite { values[epoch.epoch, default: []].append(value) }
                }
            }
            let epochs = values.keys.sorted()
            guard let last = epochs.last else { continue }
            func mean(_ epoch: Int) -> Double {
                let list = values[epoch] ?? []
                return list.reduce(0, +) / Double(list.count)
            }
            lines.append(.init(arm: arm.name, points: epochs.map { (Double($0), mean($0)) }))
            if values.values.contains(where: { $0.count > 1 }) {
                let edges = epochs.map { (Double($0), values[$0]?.min() ?? .nan, values[$0]?.max() ?? .nan) }
                bands.append(.init(arm: arm.name, points: edges))
            }
            ends.append("\(arm.title) ends at \(NumberFormat.fixed(mean(last)))")
        }
        guard !lines.isEmpty else { return nil }
        return ReportContent.Figure(
            title: "\(title) by epoch",
            caption: title,
            description: ends.joined(separator: "; "),
            horizontalTitle: "epoch",
            drawing: .lines(.init(lines, bands: bands, verticalDomain: domain))
        )
    }
}
