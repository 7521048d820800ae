public import Foundation
import SegFiles

/// A run's scalars as TensorBoard reads them: the content of an event file.
///
/// Bytes: records of `Event` messages, the first naming the file's version, then one for each step, as TensorBoard's own
/// `EventFileWriter` writes them. Equal scalars and wall times give equal bytes.
///
/// - Units: wall times are seconds since 1970-01-01 in UTC.
/// - Source: `event.proto` and `summary.proto` of TensorBoard; `record_writer.py` for the framing.
public struct TensorBoardEvents: Sendable {
    /// A value under its tag. TensorBoard groups tags by the part before their first slash.
    public struct Scalar: Hashable, Sendable {
        /// `loss/total`.
        public var tag: String
        /// The value; NaN and infinities are drawn as such.
        public var value: Double

        public init(_ tag: String, _ value: Double) {
            self.tag = tag
            self.value = value
        }
    }

    /// The name of an event file: TensorBoard looks for `tfevents` in it, and takes one file for one writer.
    ///
    /// Without the time and process that other writers put there, a study run again replaces its file.
    public static let fileName = "events.out.tfevents.0.segkit"

    private var file: [UInt8] = []

    /// An empty file.
    ///
    /// - Parameters:
    ///   - wallTime: when the run began.
    ///   - writer: who wrote the file, by name.
    public init(wallTime: Double, writer: String = "SegmentationKit") {
        var source = ProtocolBuffer()
        source.append(writer, field: Field.sourceWriter)
        var event = ProtocolBuffer()
        event.append(wallTime, field: Field.wallTime)
        event.append("brain.Event:2", field: Field.fileVersion)
        event.append(source, field: Field.source)
        RecordFraming.append(event.bytes, to: &file)
    }

    /// Appends the scalars of one step, in the given order; none leave the file as it is.
    ///
    /// - Edge cases: values are stored as 32-bit floats, the only ones that all versions of TensorBoard read as
    ///   scalars.
    public mutating func append(_ scalars: [Scalar], step: Int, wallTime: Double) {
        precondition(step >= 0, "steps are counted from 0 or 1")
        guard !scalars.isEmpty else { return }
        var summary = ProtocolBuffer()
        for scalar in scalars {
            var value = ProtocolBuffer()
            value.append(scalar.tag, field: Field.tag)
            value.append(Float(scalar.value), field: Field.simpleValue)
            summary.append(value, field: Field.value)
        }
        var event = ProtocolBuffer()
        event.append(wallTime, field: Field.wallTime)
        // Protocol Buffers leave out a number that is zero.
        if step > 0 { event.append(UInt64(step), field: Field.step) }
        event.append(summary, field: Field.summary)
        RecordFraming.append(event.bytes, to: &file)
    }

    /// The content of the file.
    public var data: Data { Data(file) }

    /// Writes the file as ``fileName`` into a folder, which is a run to TensorBoard; the folder is made if need be.
    ///
    /// - Throws: ``SegCore/SegmentationError`` naming what cannot be written.
    public func write(toRun folder: URL) throws {
        // The file's own error explains better what is wrong with the folder.
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try AtomicFile.write(data, to: folder.appending(path: Self.fileName))
    }

    /// Numbers of the messages' fields.
    private enum Field {
        // Event
        static let wallTime: UInt64 = 1
        static let step: UInt64 = 2
        static let fileVersion: UInt64 = 3
        static let summary: UInt64 = 5
        static let source: UInt64 = 10
        // Summary and Summary.Value
        static let value: UInt64 = 1
        static let tag: UInt64 = 1
        static let simpleValue: UInt64 = 2
        // SourceMetadata
        static let sourceWriter: UInt64 = 1
    }
}
