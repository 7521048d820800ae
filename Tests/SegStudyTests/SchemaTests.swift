import Foundation
import SegMetrics
import SegResults
import SegScoring
import SegStudy
import Testing

/// `Documentation/results.schema.json` says what the encoder writes, no more and no less.
@Suite("The schema of results.json")
struct SchemaTests {
    private static let documentation = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Documentation")

    private static func schema() throws -> [String: Any] {
        let file = documentation.appending(path: "results.schema.json")
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        return try #require(object as? [String: Any])
    }

    /// Walks a value and its schema together.
    private final class Walk {
        let definitions: [String: Any]
        /// Members met, as `definition.member`.
        var met: Set<String> = []
        var troubles: [String] = []

        init(_ schema: [String: Any]) { definitions = schema["$defs"] as? [String: Any] ?? [:] }

        func check(_ value: Any, _ schema: [String: Any], _ path: String, in definition: String) {
            if let reference = schema["$ref"] as? String {
                let name = String(reference.split(separator: "/").last ?? "")
                guard let target = definitions[name] as? [String: Any] else {
                    return troubles.append("\(path): no definition \(name)")
                }
                return check(value, target, path, in: name)
            }
            if let choices = schema["anyOf"] as? [[String: Any]] {
                let fits = choices.contains { choice in
                    let walk = Walk(["$defs": definitions])
                    walk.check(value, choice, path, in: definition)
                    return walk.troubles.isEmpty
                }
                if !fits { troubles.append("\(path): \(value) fits no choice") }
            } else if let values = schema["enum"] as? [NSObject] {
                if !values.contains(where: { $0 == value as? NSObject }) { troubles.append("\(path): \(value)") }
            } else if let only = schema["const"] as? NSObject {
                if only != value as? NSObject { troubles.append("\(path): \(value) is not \(only)") }
            } else {
                checkType(value, schema, path, in: definition)
            }
        }

        private func checkType(_ value: Any, _ schema: [String: Any], _ path: String, in definition: String) {
            switch (schema["type"] as? String, value) {
            case ("string", is String): break
            case ("boolean", is Bool): break
            case ("number", is NSNumber): break
            case ("integer", let number as NSNumber):
                if number.doubleValue.rounded() != number.doubleValue { troubles.append("\(path): \(number)") }
            case ("array", let items as [Any]):
                let item = schema["items"] as? [String: Any] ?? [:]
                for (index, value) in items.enumerated() { check(value, item, "\(path)[\(index)]", in: definition) }
            case ("object", let members as [String: Any]):
                guard let properties = schema["properties"] as? [String: [String: Any]] else {
                    let item = schema["additionalProperties"] as? [String: Any] ?? [:]
                    for (name, value) in members { check(value, item, "\(path).\(name)", in: definition) }
                    return
                }
                for name in schema["required"] as? [String] ?? [] where members[name] == nil {
                    troubles.append("\(path) lacks \(name)")
                }
                for (name, value) in members {
                    guard let property = properties[name] else {
                        troubles.append("\(path).\(name) is in no schema")
                        continue
                    }
                    met.insert("\(definition).\(name)")
                    check(value, property, "\(path).\(name)", in: definition)
                }
            case (let type, _): troubles.append("\(path): \(value) is no \(type ?? "known type")")
            }
        }
    }

    /// A study in which every optional member has a value.
    private static func samples() throws -> [StudyResults] {
        var full = SampleStudy(seeds: [1, 2]).results()
        full.folds = 5
        full.trainingVersion = 4
        full.commit = "12ab34c"
        full.includes = [
            IncludedFile(
                file: "chosen-term.yaml",
                arm: "arm-2",
                sha256: "0f1e",
                commit: "12ab",
                isChanged: true,
                origin: "study: protocol"
            )
        ]
        full.choice = StudyChoice(
            criterion: "the best Dice on the source",
            candidates: [.init(arms: ["arm-1", "arm-2"], dice: 0.7, auroc: 0.8, score: 0.7, isEligible: true)],
            chosen: "arm-1"
        )
        full.skippedDatasets = [SkippedDataset(name: "Center D", reason: "The folder is not there.")]
        full.externalEvaluation = ExternalEvaluation(
            trainedBefore: 5,
            trainedAfterwards: [.init(arm: "arm-2", fold: 1, seed: 2)]
        )
        full.arms[1].derivedFrom = "arm-1"
        full.timing.externalsEvaluatedAt = "2026-01-02T03:29:05Z"
        full.timing.trainings[0].fold = 1
        full.trainings[0].fold = 1
        full.agreements = [
            PriorAgreement(
                arm: "arm-2",
                seed: 1,
                dataset: "Center B",
                lesions: 150,
                meanAbsoluteDifference: 0.13,
                pearson: 0.33,
                spearman: 0.34,
                concordance: 0.11,
                priorAUROC: 0.68,
                malignancyAUROC: 0.75
            )
        ]
        full.summaries[0].hausdorff95 = full.summaries[0].dice
        full.summaries[0].surfaceDistance = full.summaries[0].dice
        full.summaries[0].hausdorff95InMillimeters = full.summaries[0].dice
        full.summaries[0].surfaceDistanceInMillimeters = full.summaries[0].dice
        full.summaries[0].surfaceDice = full.summaries[0].dice
        full.methods.hausdorff = .surfaceDistance
        full.methods.boundaries = "HD95: surface-distance's."
        full.methods.calibration = "ECE over ten bins."
        full.trainings[0].malignancyTemperature = 1.7
        let classified = try #require(full.summaries.firstIndex { $0.malignancy != nil })
        full.summaries[classified].malignancy?.sensitivityAt90Specificity = 0.6
        full.summaries[classified].malignancy?.scaledCalibrationError = 0.05
        full.summaries[classified].malignancy?.scaledBrierScore = 0.18
        full.comparisons[1].metric = .hausdorff95
        full.summaries[0].detection = DetectionSummary([LesionCounts(found: 3, missed: 1, invented: 2)])
        full.comparisons[0].acrossSeeds = SeedComparison(
            seeds: 2,
            interval: ConfidenceInterval(low: -0.05, high: 0.21),
            pValue: 0.12,
            adjustedPValue: 0.24
        )
        full.metrics = [
            MetricDescription(
                name: "excess-area.other",
                column: "excess.other",
                label: "other",
                title: "Excess area (other)",
                summary: "What is predicted beyond the truth.",
                family: MetricFamily(rawValue: "areas"),
                unit: "px",
                direction: .lowerIsBetter,
                decimals: 0,
                definition: "as by hand",
                emptyMasks: "Undefined unless both masks have a pixel."
            )
        ]
        full.summaries[0].metrics["excess-area.other"] = full.summaries[0].dice
        full.comparisons.append(full.comparisons[0])
        full.comparisons[full.comparisons.endIndex - 1].metric = ComparedMetric(rawValue: "excess-area.other")
        full.predictions = [
            PredictionSummary(
                arm: "arm-1",
                dataset: "Center B",
                name: "birads",
                title: "BI-RADS category",
                count: 120,
                known: 100,
                accuracy: 0.6,
                chance: 0.4,
                meanAbsoluteError: 0.7
            )
        ]
        full.trainings[0].prior = LearnedPrior(
            bias: 0.1,
            weights: ["circularity": 0.5],
            term: "birads",
            column: "prior"
        )
        full.trainings[0].furtherPriors = [
            LearnedPrior(bias: -0.2, weights: ["other.circularity": 1], term: "other", column: "other.prior")
        ]
        full.agreements?[0].term = "birads"
        full.metrics?[0].isCount = true
        full.summaries[0].metrics["excess-area.other"]?.total = 1234
        full.maps = [
            MapPicture(
                arm: "arm-1",
                seed: 1,
                fold: 2,
                dataset: "Center B",
                caseID: "case 7",
                rank: "example",
                name: "uncertainty",
                title: "Uncertainty",
                black: 0,
                white: 0.25,
                file: "overlays/a.png"
            )
        ]
        full.trainings[0].epochs[0].validationLosses = ["segmentation": 0.5, "total": 0.5]
        full.trainings[0].epochs[0].learned = ["birads.bias": -0.2]
        full.trainings[0].epochs[0].interference = try decoded(
            """
            {"sharedValues": 100,
             "tasks": [{"name": "a", "norm": 1.5, "cosineWithOthers": -0.1, "conflictRateWithOthers": 0.5, "batches": 4}],
             "pairs": [{"first": "a", "second": "b", "cosine": 0.1, "conflictRate": 0.25, "magnitudeSimilarity": 0.9,
                        "pooledCosine": 0.2, "stageCosines": {"encoder.0": 0.1}, "batches": 4}]}
            """
        )
        full.interference = try decoded(
            """
            {"levels": [{"arm": "arm-1", "seed": 1, "subject": {"first": "a", "second": "b"}, "cosine": 0.1,
                         "standardDeviation": 0.05, "conflictRate": 0.4, "magnitudeSimilarity": 0.9,
                         "stageCosines": {"encoder.0": 0.1}, "measurements": 4}],
             "comparisons": [{"arm": "arm-2", "reference": "arm-1", "subject": {"first": "a"}, "seeds": 6,
                              "meanDifference": 0.05, "standardDeviation": 0.1,
                              "interval": {"low": 0.01, "high": 0.09}, "pValue": 0.03, "adjustedPValue": 0.06}]}
            """
        )
        full.arms[0].parameters = 1234
        full.comparisons[0].meanPValue = 0.1
        full.comparisons[0].adjustedMeanPValue = 0.2
        full.comparisons[0].acrossSeeds?.standardError = 0.03
        full.summaries[0].falseAlarms = FalseAlarms(
            images: 9,
            tests: 18,
            alarms: 3,
            rate: 1.0 / 6,
            interval: ConfidenceInterval(low: 0.05, high: 0.4)
        )
        let interval = ConfidenceInterval(low: 0.1, high: 0.9)
        var intervals = MalignancyIntervals()
        (intervals.auprc, intervals.sensitivity, intervals.specificity) = (interval, interval, interval)
        (intervals.calibrationError, intervals.brierScore) = (interval, interval)
        (intervals.positivePredictiveValue, intervals.negativePredictiveValue) = (interval, interval)
        full.summaries[classified].malignancy?.intervals = intervals
        full.summaries[classified].malignancy?.predictiveValues = PredictiveValues(
            sensitivity: 0.9,
            specificity: 0.8,
            prevalence: 0.3
        )
        full.subgroups = [
            SubgroupSummary(
                arm: "arm-1",
                dataset: "Center B",
                kind: .size,
                level: "10 to 20 mm",
                values: full.summaries[0].dice
            )
        ]
        full.pooled = [
            PooledEstimate(
                arm: "arm-2",
                reference: "arm-1",
                metric: .dice,
                datasets: ["Center B", "Center C"],
                estimate: 0.1,
                standardError: 0.05,
                interval: interval,
                pValue: 0.3,
                betweenDeviation: 0.01,
                heterogeneity: 0.2
            )
        ]
        full.selection = [
            SelectiveSummary(
                arm: "arm-1",
                dataset: "Center B",
                kind: .dice,
                cases: 90,
                all: 0.7,
                area: 0.2,
                threshold: 0.8,
                coverage: 0.6,
                kept: 0.8
            )
        ]
        full.datasets[0].population = try decoded(
            """
            {"images": 9, "patients": 8, "age": {"count": 8, "median": 51, "low": 30, "high": 80},
             "diameter": {"count": 8, "median": 12, "low": 5, "high": 30},
             "lesionFraction": {"count": 8, "median": 0.1, "low": 0.01, "high": 0.3},
             "categories": {"4a": 3}, "devices": {"one": 9}}
            """
        )
        full.audit = AuditSummary(
            comparedImages: 450,
            duplicateCorrelation: 0.98,
            linkedImages: 2,
            duplicatesWithin: 1,
            contradictions: ["A is B."],
            patients: try decoded(#"[{"first": "A", "second": "B", "reason": "each names its own patients"}]"#)
        )
        full.datasets[0].findings = [.init(kind: "blank", severity: "warning", count: 2, example: "a: one gray")]
        full.predictions = try decoded(
            """
            [{"arm": "arm-1", "dataset": "A", "name": "category", "title": "BI-RADS category", "count": 9, "known": 8,
              "accuracy": 0.5, "chance": 0.25, "meanAbsoluteError": 0.1}]
            """
        )
        return [full, SampleStudy(arms: 1, datasets: [("A", .test, 1)]).results(), SampleStudy(datasets: []).results()]
    }

    private static func decoded<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    private static func members(_ schema: [String: Any]) -> Set<String> {
        var definitions = schema["$defs"] as? [String: [String: Any]] ?? [:]
        definitions["results"] = schema
        return Set(
            definitions.flatMap { name, definition in
                (definition["properties"] as? [String: Any] ?? [:]).keys.map { "\(name).\($0)" }
            }
        )
    }

    @Test("Everything that is written is in the schema, and everything in the schema is written")
    func agreement() throws {
        let schema = try Self.schema()
        let walk = Walk(schema)
        for results in try Self.samples() {
            let object = try JSONSerialization.jsonObject(with: results.jsonData())
            walk.check(object, schema, "results", in: "results")
        }
        #expect(walk.troubles.isEmpty, "\(walk.troubles.prefix(5))")
        #expect(Self.members(schema).subtracting(walk.met) == [])
        #expect(
            (schema["properties"] as? [String: [String: Any]])?["schemaVersion"]?["const"] as? Int
                == StudyResults.currentSchemaVersion
        )
    }

    @Test("A member of the wrong type, one too many and one too few are noticed")
    func mistakes() throws {
        let schema = try Self.schema()
        func troubles(_ change: (inout [String: Any]) -> Void) throws -> [String] {
            let object = try JSONSerialization.jsonObject(with: SampleStudy().results().jsonData())
            var results = try #require(object as? [String: Any])
            change(&results)
            let walk = Walk(schema)
            walk.check(results, schema, "results", in: "results")
            return walk.troubles
        }
        #expect(try troubles { _ in } == [])
        #expect(try troubles { $0["study"] = 3 }.count == 1)
        #expect(try troubles { $0["extra"] = "x" } == ["results.extra is in no schema"])
        #expect(try troubles { $0["machine"] = nil } == ["results lacks machine"])
        #expect(try troubles { $0["schemaVersion"] = 1 }.count == 1)
    }

    @Test("The documentation has a row with the unit and the meaning of every member")
    func page() throws {
        let schema = try Self.schema()
        let page = try String(contentsOf: Self.documentation.appending(path: "ResultsMembers.md"), encoding: .utf8)
        var definitions = schema["$defs"] as? [String: [String: Any]] ?? [:]
        definitions["results"] = schema
        for (name, definition) in definitions where definition["properties"] != nil {
            let title = try #require(definition["title"] as? String)
            let start = try #require(page.range(of: "\n## \(title)\n"), "\(title)")
            let section = page[start.upperBound...].components(separatedBy: "\n## ")[0]
            for (member, property) in definition["properties"] as? [String: [String: Any]] ?? [:] {
                let meaning = try #require(property["description"] as? String, "\(name).\(member)")
                let unit = property["x-unit"] as? String ?? ""
                let row = section.split(separator: "\n").first { $0.hasPrefix("| `\(member)` |") }
                #expect(
                    row?.contains("| \(unit) | \(meaning)") == true,
                    "run Generators/results_schema.py: \(name).\(member)"
                )
            }
        }
    }
}
