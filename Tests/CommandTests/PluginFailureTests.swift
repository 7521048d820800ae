import Foundation
import TestSupport
import Testing

@Suite("A plugin that breaks ends in one line that names it")
struct PluginFailureTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        var kind: String
        var name: String
        /// What the line holds, in this order.
        var expected: [String]

        init(_ kind: String, _ name: String, _ expected: String...) {
            self.kind = kind
            self.name = name
            self.expected = expected
        }

        var testDescription: String { "\(kind) \(name)" }
    }

    private func run(
        _ fault: Fault,
        in folder: URL? = nil,
        first: [String] = [],
        environment: [String: String] = [:]
    ) throws -> CommandResult {
        try start(
            first + [fault.kind, fault.name],
            of: "faultyplugins",
            in: folder,
            environment: environment
        ).finish()
    }

    private func check(_ fault: Fault, _ result: CommandResult) throws {
        #expect(result.code == 1)
        let lines = result.errorLines
        #if DEBUG
        // A debug build has Swift's own line before it, which names the file.
        #expect(lines.dropLast().allSatisfy { $0.contains("Fatal error") }, "\(result.error)")
        #else
        #expect(lines.count == 1, "\(result.error)")
        #endif
        let line = try #require(lines.last)
        #expect(line.hasPrefix("error: "))
        var rest = line
        for part in fault.expected {
            let place = rest.firstRange(of: part)
            #expect(place != nil, "`\(part)` in: \(line)")
            if let place { rest = rest[place.upperBound...] }
        }
    }

    @Test(
        "operands that do not fit: both shapes, the operator and a cure",
        arguments: [
            Fault("head", "shapes", "head `contour`: +: ", "[2, 1, 16, 16]", "[2, 1, 8, 16]", "; axes align"),
            Fault("head", "weight", "head `contour`: convolved: ", "[1, 5, 1, 1]", "[2, 3, 16, 16]", "; "),
            Fault("head", "matrix", "head `contour`: matrixProduct: ", "[32, 16]", "[15, 4]", "; "),
            Fault("head", "reshape", "head `contour`: reshaped: ", "[2, 1, 16, 16]", "[7, 7]", "; "),
            Fault("head", "axis", "head `contour`: ", "axis 4", "[2, 1, 16, 16]", "; "),
            Fault("head", "reshaped-lesion", "head `contour`: predict: ", "`lesion`", "[2, 256]", "; "),
            Fault("head", "gradient", "head `contour`: contour gradient: ", "[3]", "[2, 1, 16, 16]", "; "),
            Fault("head", "gradient-count", "head `contour`: contour gradient: ", "2 gradients", "1 input", "; "),
            Fault("head", "vector-loss", "head `contour`: loss: ", "[2]", "; return its mean"),
            Fault("head", "loss-shapes", "head `contour`: diceLoss: ", "[2, 1, 16, 16]", "[2, 1, 8, 16]", "; "),
            Fault("head", "twice", "head `contour`: visit: ", "`heads.contour.convolution.weight`", "; "),
            Fault("term", "penalty", "term `agreement`: penalty: ", "[2]", "; return its mean"),
            Fault("term", "report", "term `agreement`: report: ", "1 values of `area`", "2 images", "; "),
            Fault("term", "report-twice", "term `agreement`: report: ", "`area` twice", "; "),
            Fault("backbone", "outline", "backbone `pancake`: features: ", "[2, 3, 16, 16]", "; ", "[2, 4, height"),
            Fault("backbone", "levels", "backbone `pancake`: features: ", "0 levels", "has 1", "; "),
            Fault("backbone", "size", "backbone `pancake`: features: ", "[2, 3, 8, 8]", "[2, 1, 16, 16]", "; "),
            Fault("metric", "precondition", "metric `roundness`: Mask: ", "0 pixels", "4×1 px", "; "),
            Fault("backbone", "depth", "backbone `pancake`: maxPooled2x2: ", "[2, 3, 1, 1]", "; "),
        ]
    )
    func operands(_ fault: Fault) throws {
        let result = try run(fault)
        try check(fault, result)
        // What was to run before the end did.
        #expect(result.output == "files are closed\n")
    }

    @Test(
        "traps in a plugin's own code, wherever it runs",
        arguments: [
            Fault("head", "index", "head `contour`: its code was stopped", "index out of range"),
            Fault("head", "overflow", "head `contour`: its code was stopped", "overflow"),
            Fault("head", "recursion", "head `contour`: its code was stopped", "recursion"),
            Fault("head", "pointer", "head `contour`: its code was stopped", "unsafe pointer"),
            Fault("head", "abort", "head `contour`: its code was stopped", "aborted"),
            Fault("head", "gradient-index", "head `contour`: its code was stopped", "index out of range"),
            Fault("head", "worker", "head `contour`: its code was stopped", "index out of range"),
            Fault("head", "worker-recursion", "head `contour`: its code was stopped", "recursion"),
            Fault("term", "unwrapped", "term `agreement`: its code was stopped", "nil"),
            Fault("metric", "index", "metric `roundness`: its code was stopped", "index out of range"),
            Fault("program", "index", "the program: it was stopped", "SEGKIT_BACKTRACE=1"),
        ]
    )
    func traps(_ fault: Fault) throws {
        // The thread sanitizer's own record of calls, 65,536 deep, overflows before the main thread's stack.
        if isSanitized, fault.name == "recursion" { return }
        try check(fault, run(fault))
    }

    @Test(
        "what breaks in a study, from the reading of its plugins to its report",
        arguments: [
            Fault("backbone", "initial", "backbone `pancake`: its code was stopped", "index out of range"),
            Fault("head", "initial", "head `contour`: its code was stopped", "index out of range"),
            Fault("term", "initial", "term `agreement`: its code was stopped", "index out of range"),
            Fault("optimizer", "initial", "optimizer `descent`: its code was stopped", "index out of range"),
            Fault("balancing", "initial", "balancing `even`: its code was stopped", "index out of range"),
            Fault("augmentation", "initial", "augmentation `haze`: its code was stopped", "index out of range"),
            Fault("dataset", "initial", "data set `clinic`: its code was stopped", "index out of range"),
            Fault("dataset", "records", "data set `clinic`: its code was stopped", "index out of range"),
            Fault("dataset", "splits", "data set `clinic`: its code was stopped", "index out of range"),
            Fault("dataset", "sample", "data set `clinic`: its code was stopped", "index out of range"),
            Fault("dataset", "mask", "data set `clinic`: Mask: ", "0 pixels", "80×80 px", "; "),
            Fault("dataset", "doubts", "data set `clinic`: its code was stopped", "index out of range"),
            Fault("augmentation", "index", "augmentation `haze`: its code was stopped", "index out of range"),
            Fault("augmentation", "recursion", "augmentation `haze`: its code was stopped", "recursion"),
            Fault("term", "prepare", "term `agreement`: statistics: they need 1000 lesions; train on more"),
            Fault("term", "observe", "term `agreement`: +: ", "[4, 1, 16, 16]", "[3, 1, 16, 16]", "; axes align"),
            Fault("term", "diagnosis", "term `agreement`: its code was stopped", "index out of range"),
            Fault("term", "features", "term `agreement`: its code was stopped", "nil"),
            Fault("term", "buffer", "term `agreement`: its `terms.agreement.minimum` contains inf", "; keep finite"),
            Fault("optimizer", "state", "optimizer `descent`: its code was stopped", "index out of range"),
            Fault(
                "optimizer",
                "slot",
                "optimizer `descent`: `smallest` of its state is not finite",
                "inf; keep finite"
            ),
            Fault("balancing", "state", "balancing `even`: its code was stopped", "index out of range"),
            Fault("section", "content", "report section `faulty`: its code was stopped", "index out of range"),
            Fault("section", "markup", "report section `faulty`: its code was stopped", "overflow"),
        ]
    )
    func studies(_ fault: Fault) throws {
        let folder = try TemporaryFolder()
        try check(fault, run(fault, in: folder.url, first: ["study"]))
    }

    @Test("a study of the same plugins that do not break")
    func soundStudy() throws {
        let folder = try TemporaryFolder()
        let result = try run(Fault("none", "none"), in: folder.url, first: ["study"])
        #expect(result.code == 0 && result.output == "studied\n", "\(result.error)")
    }

    @Test("a signal while a data set is listed ends the process at once, as nothing would be lost")
    func listing() throws {
        let folder = try TemporaryFolder()
        let running = try start(
            ["study", "dataset", "slow"],
            of: "faultyplugins",
            in: folder.url,
            environment: [:]
        )
        while (try? Data(contentsOf: running.output).isEmpty) ?? true, running.process.isRunning { usleep(5000) }
        running.process.terminate()
        let result = try running.finish()
        #expect(result.code == 128 + SIGTERM)
        #expect(result.error == "stopped before anything was done that could be saved\n")
        #expect(try folder.content().isEmpty)
    }

    @Test("a fatal error of the plugin's own adds its own line, and no backtrace")
    func fatal() throws {
        let result = try run(Fault("head", "fatal"))
        #expect(result.code == 1)
        #expect(result.errorLines.count == 2)
        #expect(result.errorLines.first?.hasSuffix("Fatal error: this head gives up") == true)
        #expect(result.errorLines.last?.hasPrefix("error: head `contour`: its code was stopped") == true)
    }

    @Test("SEGKIT_BACKTRACE=1 leaves the signals alone")
    func backtrace() throws {
        let environment = ["SEGKIT_BACKTRACE": "1", "SWIFT_BACKTRACE": "enable=no"]
        let result = try run(Fault("head", "index"), environment: environment)
        #expect(result.code != 1)
        #expect(!result.error.contains("error: head"))
    }

    @Test("plugins that do not break train")
    func sound() throws {
        let result = try run(Fault("none", "none"))
        #expect(result.code == 0)
        #expect(result.output == "trained\n")
    }
}
