import ArgumentParser
import SegCache
import SegCore

/// How a study is run on a cluster with Slurm.
struct SlurmOptions: ParsableArguments {
    @Option(
        name: .customLong("slurm"),
        help: ArgumentHelp("Write the jobs' scripts into this folder, and do nothing else.", valueName: "folder")
    )
    var folder: String?

    @Option(help: ArgumentHelp("The time of a job, as 12:00:00 or 2-00:00:00.", valueName: "time"))
    var time: String?

    @Option(
        name: .customLong("memory"),
        help: ArgumentHelp("The memory of a job, such as 16G; an estimate if left out.", valueName: "size")
    )
    var memoryText: String?

    @Option(help: ArgumentHelp("The partition of the jobs.", valueName: "name"))
    var partition: String?

    /// Bytes.
    var memory: Int? { get throws { try memoryText.map { try ByteSize.parse($0, subject: "--memory") } } }

    func validate() throws {
        guard folder != nil else {
            guard time == nil, memoryText == nil, partition == nil else {
                throw ValidationError("--time, --memory and --partition go with --slurm.")
            }
            return
        }
        if let time, !time.contains(/^(\d+|\d+:\d\d(:\d\d)?|\d+-\d\d?(:\d\d){0,2})$/) {
            throw ValidationError(
                "--time is minutes, minutes:seconds, hours:minutes:seconds, or days-hours:minutes:seconds."
            )
        }
        if let partition, !partition.contains(/^[A-Za-z0-9_.,-]+$/) {
            throw ValidationError("--partition is a name of letters, digits, `_`, `.` and `-`, or several with commas.")
        }
        do {
            _ = try memory
        } catch let error as SegmentationError {
            throw ValidationError("\(error.subject): \(error.problem); \(error.cure).")
        }
    }
}
