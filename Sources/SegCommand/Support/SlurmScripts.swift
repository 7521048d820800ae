import Foundation
import SegCache
import SegCore
import SegFiles

/// Scripts that run a study on a cluster with Slurm: an array of a job for each training, which tests it too, a job that puts all
/// together when these have ended well, and a script that submits both.
struct SlurmScripts {
    /// The name for the jobs.
    var name: String
    /// The program's path.
    var program: String
    /// Where relative paths start.
    var workingFolder: String
    /// What `study` is given by every job: the file and its options.
    var arguments: [String]
    /// What it is given in addition by the jobs of the array.
    var arrayArguments: [String]
    /// Trainings of the study.
    var count: Int
    /// Processors of a job.
    var threads: Int
    /// Of a job, bytes.
    var memory: Int
    /// How the memory comes about; `nil` where it was stated.
    var memoryRemark: String?
    /// As `sbatch` takes it.
    var time: String?
    var partition: String?
    /// Variables that the jobs need.
    var variables: [(name: String, value: String)]

    /// The scripts by the names of their files.
    var files: [(name: String, text: String)] {
        [
            ("training.sbatch", Self.signed(array)), ("report.sbatch", Self.signed(report)),
            ("submit.sh", Self.signed(Self.submission)),
        ]
    }

    /// Writes the scripts into a folder, which is made if need be.
    ///
    /// - Throws: ``SegmentationError`` naming a file that is there and is not such a script as it was written.
    func write(to folder: URL) throws {
        try OutputPlace.requireFolder(folder)
        for (name, _) in files {
            try OutputPlace.require(
                folder.appending(path: name),
                for: "a script as `study --slurm` wrote it",
                isOwn: Self.isOwn
            )
        }
        for (name, text) in files {
            let file = folder.appending(path: name)
            try AtomicFile.write(Data(text.utf8), to: file)
            chmod(file.path, 0o755)
        }
    }

    // MARK: - Files that were changed

    private static let opening = "#!/bin/bash\n# Written by `study --slurm`, which replaces it unless it was changed: "

    /// A script with its hash in the second line.
    private static func signed(_ body: String) -> String {
        "\(opening)\(ContentHash(of: Data(body.utf8)))\n\(body)"
    }

    /// Whether a file is a script as it was written.
    private static func isOwn(_ file: URL) -> Bool {
        guard let data = try? FileReading.contents(of: file) else { return false }
        let text = String(decoding: data, as: UTF8.self)
        guard text.hasPrefix(opening) else { return false }
        let rest = text.dropFirst(opening.count)
        guard let end = rest.firstIndex(of: "\n") else { return false }
        return ContentHash(of: Data(rest[rest.index(after: end)...].utf8)).description == rest[..<end]
    }

    // MARK: - Scripts

    private var array: String {
        let task = #""training=$SLURM_ARRAY_TASK_ID""#
        return """
            #
            # Trains and tests one training of the study, the one of the array's index. Submitted by submit.sh.
            #
            #SBATCH --job-name=\(Self.jobName(name))-training
            #SBATCH --array=1-\(count)
            \(resources)

            \(work(arrayArguments + ["--only"], quoted: task))
            \(Self.ending(job: "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"))
            """
    }

    private var report: String {
        """
        #
        # Puts the trainings together when all have ended well: ensembles, comparisons, the report. Submitted by submit.sh.
        #
        #SBATCH --job-name=\(Self.jobName(name))-report
        \(resources)

        \(work([]))
        \(Self.ending(job: "$SLURM_JOB_ID"))
        """
    }

    private var resources: String {
        let time =
            time.map { "#SBATCH --time=\($0)" }
            ?? "# No time is stated, so that the partition's default holds; `study --slurm … --time 12:00:00` states one."
        return
            (["#SBATCH --cpus-per-task=\(threads)"] + (memoryRemark.map { ["# \($0)"] } ?? []) + [
                "#SBATCH --mem=\((memory + (1 << 20) - 1) >> 20)M", time,
            ] + (partition.map { ["#SBATCH --partition=\($0)"] } ?? []) + [
                "# Two minutes before the time is up, to save.", "#SBATCH --signal=B:USR1@120", "#SBATCH --requeue",
                "#SBATCH --open-mode=append",
            ]).joined(separator: "\n")
    }

    /// Runs `study` so that signals reach it.
    private func work(_ further: [String], quoted: String? = nil) -> String {
        let exports = variables.map { "export \($0.name)=\(Self.quoted($0.value))\n" }.joined()
        let threads = #"export SEGKIT_THREADS="${SLURM_CPUS_PER_TASK:-\#(threads)}""#
        let words = ([program, "study"] + arguments + further).map(Self.quoted) + [quoted].compactMap(\.self)
        let call = words.joined(separator: " ")
        return """
            cd -- \(Self.quoted(workingFolder)) || exit 1
            \(exports)\(threads)

            # Slurm's signals come to this script; the study saves what it has when they reach it.
            child=
            interrupted=
            warned=
            trap 'interrupted=1; warned=1; [ -z "$child" ] || kill -s USR1 "$child" 2> /dev/null' USR1
            trap 'interrupted=1; [ -z "$child" ] || kill -s TERM "$child" 2> /dev/null' TERM

            \(call) &
            child=$!
            # A signal that came before there was anybody to pass it on to.
            [ -n "$interrupted" ] && kill -s TERM "$child"
            while :; do
                interrupted=
                wait "$child"
                code=$?
                [ -n "$interrupted" ] || break
            done
            """
    }

    /// Waits for another turn after a warning.
    private static func ending(job: String) -> String {
        """

        # Time was up, or another job needed the place: what was saved goes on when this job has its turn again.
        if [ "$code" -ne 0 ] && [ -n "$warned" ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 1000 ]; then
            scontrol requeue "\(job)"
        fi
        exit "$code"

        """
    }

    private static let submission = """
        #
        # Submits the trainings, and the report that waits for them. Options of sbatch are given to both:
        #
        #     submit.sh --account=physics
        #
        # Once a job has failed, mend the cause and submit again: what is finished is kept.

        set -euo pipefail
        here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
        mkdir -p -- "$here/logs"
        # In names of files Slurm replaces %a and the like.
        logs=${here//%/%%}/logs
        training=$(sbatch --parsable --output="$logs/training-%a.log" "$@" "$here/training.sbatch")
        # With several clusters, the name of one follows.
        training=${training%%;*}
        report=$(sbatch --parsable --output="$logs/report.log" --dependency="afterok:$training" \\
            --kill-on-invalid-dep=yes "$@" "$here/report.sbatch")
        echo "Submitted: trainings as job $training, the report as job ${report%%;*}. Their output goes to $here/logs"

        """

    /// A word of a shell's line.
    static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || Array("_./:=+,@-".utf8).contains(byte)
        }
        return isPlain && !text.isEmpty ? text : "'\(text.replacing("'", with: #"'\''"#))'"
    }

    /// A study's name in letters that every scheduler takes.
    private static func jobName(_ name: String) -> String {
        let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        return String(name.map { letters.contains($0) ? $0 : "-" })
    }
}
