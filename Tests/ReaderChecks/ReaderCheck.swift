package import Foundation
import SegCache
import SegCore

/// A reader of files that come from anywhere, with sound files to damage and a way to hand it bytes.
///
/// Fuzzing, the random damages and the corpus of past crashes all go through here.
package struct ReaderCheck {
    /// What can be read.
    package enum Kind: String, CaseIterable, Sendable {
        case bmp, dicom, safetensors, torch, model, checkpoint, record, header, zip, workbook, sheet, coco, csv, json,
            nnunet,
            study, split
    }

    /// Sound files, made here: none is from a data set.
    package let seeds: [[UInt8]]
    private let attempt: ([UInt8]) throws -> Void

    init(seeds: [[UInt8]], attempt: @escaping ([UInt8]) throws -> Void) {
        self.seeds = seeds
        self.attempt = attempt
    }

    /// - Parameter folder: an own, empty folder, for readers that take the paths of files.
    package init(_ kind: Kind, in folder: URL) throws {
        self =
            switch kind {
            case .bmp: Self.bmp()
            case .dicom: Self.dicom()
            case .safetensors: try Self.safetensors(folder)
            case .torch: try Self.torch(folder)
            case .model: try Self.model(folder)
            case .checkpoint: try Self.checkpoint(folder)
            case .record: Self.record(isRepaired: false)
            case .header: Self.record(isRepaired: true)
            case .zip: Self.zip()
            case .workbook: Self.workbook(folder)
            case .sheet: Self.sheet(folder)
            case .coco: try Self.coco(folder)
            case .csv: try Self.csv(folder)
            case .json: try Self.json(folder)
            case .nnunet: try Self.nnunet(folder)
            case .study: Self.study()
            case .split: try Self.split(folder)
            }
    }

    /// What became of bytes.
    package enum Outcome: Hashable, Sendable {
        /// They were read.
        case read
        /// They were refused, as files should be: in one line with subject, problem and cure.
        case refused(String)
        /// They were refused in another way, or what was read makes no sense.
        case wrong(String)
    }

    /// Hands bytes to the reader.
    package func outcome(of bytes: [UInt8]) -> Outcome {
        do {
            try attempt(bytes)
            return .read
        } catch let error as SegmentationError {
            let text = error.description
            let isWhole = !error.subject.isEmpty && !error.problem.isEmpty && !error.cure.isEmpty
            return isWhole && !text.contains(where: \.isNewline) ? .refused(text) : .wrong(text)
        } catch let damage as TensorRecordDamage {
            // The cache says it in its own words, and makes the record again.
            return .refused("\(damage)")
        } catch {
            return .wrong("\(error)")
        }
    }
}

/// A value that no sound reader returns.
struct Insane: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }

    /// Throws unless a value is as every file's is.
    static func unless(_ isSane: Bool, _ description: @autoclosure () -> String) throws {
        if !isSane { throw Insane(description()) }
    }
}

extension URL {
    /// Writes bytes to the file, in place: fuzzing writes it thousands of times a second.
    func replace(by bytes: [UInt8]) throws { try Data(bytes).write(to: self) }
}
