import SegScoring

/// The metrics of every study by their names.
extension EvaluationSummary {
    /// Dice coefficient.
    public var dice: MetricSummary {
        get { metrics[DiceCoefficient.name] ?? .none }
        set { metrics[DiceCoefficient.name] = newValue }
    }

    /// Intersection over union.
    public var iou: MetricSummary {
        get { metrics[IntersectionOverUnion.name] ?? .none }
        set { metrics[IntersectionOverUnion.name] = newValue }
    }

    /// Hausdorff distance at the 95th percentile by the study's definition, px of the original image; `nil` where no case
    /// has one, as where the arm predicts no mask.
    public var hausdorff95: MetricSummary? {
        get { metrics[HausdorffDistance.name] }
        set { metrics[HausdorffDistance.name] = newValue }
    }

    /// Average symmetric surface distance, px of the original image; likewise.
    public var surfaceDistance: MetricSummary? {
        get { metrics[AverageSurfaceDistance.name] }
        set { metrics[AverageSurfaceDistance.name] = newValue }
    }

    /// The 95th percentile in mm, over the cases whose pixels' size is known; `nil` where there are none.
    public var hausdorff95InMillimeters: MetricSummary? {
        get { metrics[HausdorffDistanceInMillimeters.name] }
        set { metrics[HausdorffDistanceInMillimeters.name] = newValue }
    }

    /// The average distance in mm; likewise.
    public var surfaceDistanceInMillimeters: MetricSummary? {
        get { metrics[AverageSurfaceDistanceInMillimeters.name] }
        set { metrics[AverageSurfaceDistanceInMillimeters.name] = newValue }
    }

    /// Normalized surface Dice at the study's tolerance; `nil` where no case has one.
    public var surfaceDice: MetricSummary? {
        get { metrics[SurfaceDice.name] }
        set { metrics[SurfaceDice.name] = newValue }
    }
}

extension EvaluationSummary {
    /// A summary written by hand, with the metrics that every arm has.
    package init(
        arm: String,
        seed: UInt64?,
        dataset: String,
        cases: Int,
        dice: MetricSummary,
        iou: MetricSummary,
        detection: DetectionSummary? = nil,
        emptyCases: Int,
        malignancy: MalignancySummary? = nil
    ) {
        self.init(
            arm: arm,
            seed: seed,
            dataset: dataset,
            cases: cases,
            metrics: [DiceCoefficient.name: dice, IntersectionOverUnion.name: iou],
            detection: detection,
            emptyCases: emptyCases,
            malignancy: malignancy
        )
    }
}

extension MetricSummary {
    /// Of no case.
    static let none = MetricSummary(count: 0, mean: .nan, standardDeviation: .nan, median: .nan)
}

/// In JSON the metrics of every study are members of the summary, all others stand together under `metrics`.
extension EvaluationSummary: Codable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    private static let own = MetricDescription.standard.filter { $0.isShown(in: .summaries) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        arm = try container.decode(String.self, forKey: Key("arm"))
        seed = try container.decodeIfPresent(UInt64.self, forKey: Key("seed"))
        dataset = try container.decode(String.self, forKey: Key("dataset"))
        cases = try container.decode(Int.self, forKey: Key("cases"))
        detection = try container.decodeIfPresent(DetectionSummary.self, forKey: Key("detection"))
        emptyCases = try container.decode(Int.self, forKey: Key("emptyCases"))
        malignancy = try container.decodeIfPresent(MalignancySummary.self, forKey: Key("malignancy"))
        falseAlarms = try container.decodeIfPresent(FalseAlarms.self, forKey: Key("falseAlarms"))
        metrics = try container.decodeIfPresent([String: MetricSummary].self, forKey: Key("metrics")) ?? [:]
        for metric in Self.own {
            metrics[metric.name] =
                metric.isShown(in: .required)
                ? try container.decode(MetricSummary.self, forKey: Key(metric.name))
                : try container.decodeIfPresent(MetricSummary.self, forKey: Key(metric.name))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(arm, forKey: Key("arm"))
        try container.encodeIfPresent(seed, forKey: Key("seed"))
        try container.encode(dataset, forKey: Key("dataset"))
        try container.encode(cases, forKey: Key("cases"))
        try container.encodeIfPresent(detection, forKey: Key("detection"))
        try container.encode(emptyCases, forKey: Key("emptyCases"))
        try container.encodeIfPresent(malignancy, forKey: Key("malignancy"))
        try container.encodeIfPresent(falseAlarms, forKey: Key("falseAlarms"))
        for metric in Self.own { try container.encodeIfPresent(metrics[metric.name], forKey: Key(metric.name)) }
        let names = Set(Self.own.map(\.name))
        let others = metrics.filter { !names.contains($0.key) }
        if !others.isEmpty { try container.encode(others, forKey: Key("metrics")) }
    }
}
