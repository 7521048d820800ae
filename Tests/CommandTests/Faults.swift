import Foundation
import TestSupport

/// System calls of a built command that fail, by a library of `Faults/faults.c` that is loaded before all others.
///
/// Nothing of the command knows of it: what is tested is what users run, with every file that it writes by whatever way.
struct Faults {
    private let library: URL

    /// Whether there is a compiler and a loader that takes such a library.
    static let areSupported: Bool = {
        #if os(Linux)
        return compiler != nil && !isSanitized
        #else
        return false
        #endif
    }()

    private static let compiler: URL? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return ["cc", "clang", "gcc"].flatMap { name in folders.map { URL(fileURLWithPath: "\($0)/\(name)") } }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }()

    /// Builds the library in a folder.
    init(in folder: URL) throws {
        library = folder.appending(path: "faults.so")
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Faults/faults.c")
        let process = Process()
        process.executableURL = Self.compiler
        process.arguments = ["-O1", "-shared", "-fPIC", "-o", library.path, source.path, "-ldl"]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }

    /// A call of the command that writes, makes or renames a file.
    struct Call: Hashable {
        var number: Int
        var function: String
        var path: String

        /// What is done to which file, the same from run to run.
        var kind: String {
            if path.contains("/cache/") { return "\(function) in the cache" }
            let place = URL(fileURLWithPath: path)
            // Names of files under way have the process and a counter in them.
            return place.pathExtension == "partial" || place.lastPathComponent.hasPrefix(".segkit-")
                ? "\(function) in \(place.deletingLastPathComponent().path)" : "\(function) \(path)"
        }
    }

    /// How calls on files in `folder` go.
    enum Plan {
        /// All go well, and are noted.
        case none
        /// One fails.
        case failure(at: Int, code: Int32)
        /// All are interrupted once and then move a part of their bytes.
        case interruptions
        /// Every lock of a file fails.
        case locks(code: Int32)
        /// Of the requests for memory of so many bytes and more, one is refused, or none is and all are noted.
        case memory(of: Int, at: Int?)
    }

    /// Runs the command. Returns the calls as well.
    func run(_ arguments: [String], in folder: URL, _ plan: Plan, cache: URL? = nil) throws -> (CommandResult, [Call]) {
        let log = library.deletingLastPathComponent().appending(path: "calls-\(UUID().uuidString)")
        var environment = ["LD_PRELOAD": library.path, "FAULT_UNDER": folder.path + "/", "FAULT_LOG": log.path]
        environment["SEGKIT_CACHE"] = cache?.path
        switch plan {
        case .none: break
        case .failure(let number, let code):
            environment["FAULT_AT"] = "\(number)"
            environment["FAULT_CODE"] = "\(code)"
        case .interruptions: environment["FAULT_GENTLE"] = "1"
        case .locks(let code): environment["FAULT_LOCKS"] = "\(code)"
        case .memory(let size, let number):
            environment["FAULT_MEMORY"] = "\(size)"
            environment["FAULT_MEMORY_AT"] = number.map(String.init)
        }
        let result = try segkit(arguments, in: folder, environment: environment)
        let lines = (try? String(contentsOf: log, encoding: .utf8))?.split(separator: "\n") ?? []
        try? FileManager.default.removeItem(at: log)
        let calls = lines.compactMap { line -> Call? in
            let parts = line.split(separator: " ", maxSplits: 2)
            guard parts.count == 3, let number = Int(parts[0]) else { return nil }
            return Call(number: number, function: String(parts[1]), path: String(parts[2]))
        }
        return (result, calls)
    }

    /// Calls to fail, each in turn: one of every kind, or some of them unless `SEGKIT_FAULTS` is `all`.
    static func chosen(_ calls: [Call], atMost count: Int) -> [Call] {
        var seen: Set<String> = []
        let kinds = calls.filter { seen.insert($0.kind).inserted }
        guard ProcessInfo.processInfo.environment["SEGKIT_FAULTS"] != "all", kinds.count > count else { return kinds }
        return (0..<count).map { kinds[($0 * 2 + 1) * kinds.count / (count * 2)] }
    }

    /// The errors of a disk, in turn.
    static func code(_ index: Int) -> Int32 { [ENOSPC, EIO, EDQUOT, EROFS][index % 4] }
}

/// Files of a folder and its folders that have their name for good, by path, and those that were left under way.
func files(in folder: URL) -> (whole: Set<String>, partial: [String]) {
    var whole: Set<String> = []
    var partial: [String] = []
    let all = FileManager.default.enumerator(atPath: folder.path)
    while let path = all?.nextObject() as? String {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: folder.appending(path: path).path, isDirectory: &isFolder)
        guard exists, !isFolder.boolValue else { continue }
        if path.hasSuffix(".partial") || path.contains("/.segkit-") || path.hasPrefix(".segkit-") {
            partial.append(path)
        } else {
            whole.insert(path)
        }
    }
    return (whole, partial)
}
