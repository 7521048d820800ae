import Foundation
package import SegConfiguration
import SegCore
import SegPages
import SegSettings
package import SegTraining

extension StudyPlan {
    /// The first words of a study file that a plan wrote.
    package static let opening = "# Proposed by `segkit plan`"

    /// The study file, with the reasons as comments.
    ///
    /// - Parameters:
    ///   - dataset: as it was named on the command line.
    ///   - memory: of training, if it was measured.
    package func yaml(_ dataset: DatasetConfiguration, memory: TrainingMemory? = nil) -> String {
        let heads = classifies.value ? "\n    # \(classifies.reason).\n    classification: {weight: 1}" : ""
        let without = classifies.value ? "" : "\n  # No classification: \(classifies.reason)."
        let samplingLine =
            sampling.value == "shuffled" ? "" : "\n  # \(sampling.reason).\n  sampling: \(sampling.value)"
        let arms =
            classifies.value
            ? """
            reference: multi-task
            arms:
              - name: multi-task
                title: Segmentation and classification
              - name: segmentation-only
                title: Segmentation only
                model:
                  heads: {classification: off}
            """
            : """
            arms:
              - name: segmentation
                title: Segmentation
            """
        let needed =
            memory.map { "\n  # A step takes about \(NumberFormat.fixed(Double($0.total) / 1e9, 2)) GB of memory." }
            ?? ""
        return """
            \(Self.opening) from what the data are like; `as usual` is the recipe of Examples/Studies/paper.yaml.
            #
            \(summary.map { "# \($0)" }.joined(separator: "\n"))
            study: \(dataset.dataset)-plan
            seeds: [1, 2, 3]
            output: runs/\(dataset.dataset)-plan

            train:
              dataset: \(dataset.dataset)\(source(dataset))
              validationFraction: \(validationFraction)
              splitSeed: 1

            # Add the sets of other centers here: what a model is worth is seen on images of machines that it does not know.
            test: []

            model:
              backbone:
                name: unet
                settings:
                  # \(depth.reason).
                  depth: \(depth.value)
                  # \(width.reason).
                  width: \(width.value)
                  # \(normalization.reason).
                  normalization: \(normalization.value)
                  upsampling: bilinear
              heads:
                segmentation: {weight: 1}\(heads)\(without)

            training:
              # \(imageSize.reason).
              imageSize: \(imageSize.value)
              # \(epochs.reason).
              epochs: \(epochs.value)
              # \(batchSize.reason).\(needed)
              batchSize: \(batchSize.value)
              # `segkit learning-rate` tries others on this data set.
              learningRate: 0.001
              weightDecay: 0.0001
              # \(selection.reason).
              selectionMetric: \(selection.value)\(samplingLine)
              augmentation:
                horizontalFlip: 0.5
                rotation: 20
                # \(scaling.reason).
                scaling: \(scaling.value)
                shear: 6
                # \(translation.reason).
                translation: \(translation.value)
                gamma: 0.4
                # \(gain.reason).
                gain: \(gain.value)
                timeGain: {probability: 0.5}
                blur: {probability: 0.3}
                speckle: {probability: 0.3}

            \(metrics)

            \(arms)

            """
    }

    private var metrics: String {
        let normal = fingerprint.normal
        let reason =
            normal > 0
            ? "# \(normal == 1 ? "The normal image has" : "The \(normal) normal images have") no Dice; they are nevertheless listed in cases.csv."
            : "# Normal images, should a test set have any, have no Dice."
        return reason + "\nmetrics:\n  emptyMasks: undefinedWhenReferenceEmpty"
    }

    /// What the data are like, line by line.
    private var summary: [String] {
        let data = fingerprint
        func spread(_ spread: DatasetFingerprint.Spread, _ digits: Int, scale: Double = 1) -> String {
            [spread.low, spread.median, spread.high].map { NumberFormat.fixed($0 * scale, digits) }.joined(
                separator: " / "
            )
        }
        let classes = [
            (data.benign, "benign"), (data.malignant, "malignant"), (data.normal, "normal"),
            (data.unknown, "of unknown pathology"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        let unfit =
            data.errors.isEmpty ? [] : ["Not fit for a study as it is; `segkit data check` explains what to do:"]
        var lines =
            unfit + data.errors.map { "  \($0.onOneLine)" } + [
                "\(data.name): \(NumberFormat.plural(data.images, "image")) of \(NumberFormat.plural(data.groups, "patient or case", "patients or cases")): "
                    + classes.joined(separator: ", "),
                "  tenth percentile / median / ninetieth percentile:",
                "  longer side \(spread(data.longSide, 0)) px, shorter side \(spread(data.shortSide, 0)) px",
            ]
        if let spacing = data.spacing {
            lines.append(
                "  side of a pixel \(spread(spacing, 3)) mm, known of \(NumberFormat.plural(data.spaced, "image"))"
            )
        } else {
            lines.append("  the side of a pixel is not known: distances are available in px only")
        }
        if let diameter = data.lesionDiameter, let share = data.lesionShare {
            lines.append(
                "  lesions \(spread(diameter, 0, scale: Double(imageSize.value))) px across at imageSize \(imageSize.value), "
                    + "\(spread(share, 1, scale: 100)) % of the image"
            )
        }
        lines.append(
            "  mean gray level \(spread(data.brightness, 2)), standard deviation \(spread(data.contrast, 2)), of 0…1"
        )
        if !data.devices.isEmpty { lines.append("  scanners: \(data.devices.joined(separator: ", "))") }
        if !data.labels.isEmpty {
            lines.append(
                "  further labels: \(data.labels.joined(separator: ", ")); Examples/Studies/three-labels.yaml learns some"
            )
        }
        return lines.map { $0.replacing("\n", with: " ") }
    }

    private func source(_ dataset: DatasetConfiguration) -> String {
        var text = ""
        if let folder = dataset.folder { text += "\n  folder: \(Self.quoted(folder))" }
        let settings = (dataset.settings.members ?? [:]).sorted { $0.key < $1.key }.compactMap { key, value in
            Self.flow(value).map { "\(key): \($0)" }
        }
        if !settings.isEmpty { text += "\n  settings: {\(settings.joined(separator: ", "))}" }
        if !dataset.normals { text += "\n  normals: false" }
        return text
    }

    /// A value in YAML's flow style; `nil` for none.
    private static func flow(_ value: ConfigurationValue) -> String? {
        switch value.resolved {
        case .null: nil
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value), .written(let value, _): quoted(value)
        case .list(let items): "[\(items.compactMap(flow).joined(separator: ", "))]"
        case .table(let members):
            "{\(members.sorted { $0.key < $1.key }.compactMap { key, value in flow(value).map { "\(quoted(key)): \($0)" } }.joined(separator: ", "))}"
        }
    }

    /// Text in double quotes.
    private static func quoted(_ text: String) -> String {
        let escaped = text.map { character in
            switch character {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n": "\\n"
            case "\t": "\\t"
            default: String(character)
            }
        }
        return "\"\(escaped.joined())\""
    }
}
