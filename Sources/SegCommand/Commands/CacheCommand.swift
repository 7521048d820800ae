import ArgumentParser
import Foundation
import SegCache
import SegCore
import SegStudy

/// `segkit cache`
struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Look into, check, shrink or empty the cache of decoded images.",
        discussion: """
            Decoding and resizing a data set's images takes longer than reading them back, so `study`, `train`, \
            `evaluate`, `data split` and `data audit` keep what they decoded. An entry is found by a hash of everything that shaped it, the \
            bytes of the image and mask files above all: a changed file is decoded again, however it changed. A damaged \
            entry is noticed by its checksums and made again. Results never depend on the cache.

            The cache lies in ~/.cache/segmentation-kit, or in the folder that SEGKIT_CACHE names; SEGKIT_CACHE=off, or \
            --no-cache with a command, goes without. It takes at most 4 GiB, or what SEGKIT_CACHE_SIZE says, such as 2G; \
            what was used longest ago goes first. Several processes may use it at once. Documentation/Cache.md says \
            more.

            EXAMPLES
              \(program) cache info
              \(program) cache fill --dataset busi --folder ~/data/BUSI --size 256
              \(program) cache verify --repair
              \(program) cache prune --to 1G
              \(program) cache clear
            """,
        subcommands: [
            CacheInfoCommand.self, CacheFillCommand.self, CacheVerifyCommand.self, CachePruneCommand.self,
            CacheClearCommand.self,
        ]
    )
}

/// Which cache.
struct CacheFolderOption: ParsableArguments {
    @Option(help: "The cache's folder; the one that studies use if left out.")
    var folder: String?

    /// - Throws: ``SegmentationError`` if the environment turns the cache off and no folder is given.
    func cache() throws -> TensorCache {
        let folder = folder.map { URL(fileURLWithPath: $0, isDirectory: true) }
        if let cache = try TensorCache.standard(
            folder: folder,
            warning: { printToStandardError("warning: \($0)") }
        ) {
            return cache
        }
        throw SegmentationError(
            "SEGKIT_CACHE",
            "it is `off`, so there is no cache",
            cure: "name a folder with --folder, or unset it"
        )
    }
}

/// `segkit cache info`
struct CacheInfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Show where the cache is, how large it is and when it was used.",
        discussion: """
            EXAMPLE
              \(program) cache info
            """
    )

    @OptionGroup var folder: CacheFolderOption

    func run() throws {
        let cache = try folder.cache()
        func line(_ name: String, _ value: String) {
            print(name.padding(toLength: 12, withPad: " ", startingAt: 0) + value)
        }
        line("folder", cache.folder.path)
        guard cache.exists || FileManager.default.fileExists(atPath: cache.folder.path) else {
            line("entries", "none: there is no cache yet")
            return
        }
        let status = try cache.status()
        line("entries", "\(status.entries)")
        line("size", "\(ByteSize.text(status.bytes)) of at most \(ByteSize.text(cache.maximumBytes))")
        if status.tensorBytes > 0 {
            let percent = 100 * Double(status.bytes) / Double(status.tensorBytes)
            line(
                "tensors",
                "\(ByteSize.text(status.tensorBytes)), stored in \(String(format: "%.1f", percent)) % of that"
            )
        }
        if let oldest = status.oldestUse, let newest = status.newestUse {
            line("used", "first \(oldest.formatted(.iso8601)), last \(newest.formatted(.iso8601))")
        }
        if !status.strangers.isEmpty {
            line(
                "not ours",
                status.strangers.prefix(5).joined(separator: ", ") + (status.strangers.count > 5 ? " …" : "")
            )
        }
    }
}

/// `segkit cache verify`
struct CacheVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read every entry and list those that are damaged.",
        discussion: """
            A damaged entry does no harm: it is made again when it is next needed. Exit code 0: none is damaged, or all \
            damaged ones were removed; 1: some are.

            EXAMPLES
              \(program) cache verify
              \(program) cache verify --repair
            """
    )

    @OptionGroup var folder: CacheFolderOption

    @Flag(help: "Remove damaged entries.")
    var repair = false

    func run() throws {
        let cache = try folder.cache()
        let progress = StageProgress()
        var entries = 0
        let damages = try cache.verify(repair: repair) { done, total in
            entries = total
            progress.stage("Verifying", done: done, total: total)
        }
        for damage in damages { print("\(damage.file): \(damage.reason)") }
        let summary = "\(entries) \(entries == 1 ? "entry" : "entries"), \(damages.count) damaged"
        print(repair && !damages.isEmpty ? summary + " and removed" : summary)
        if !damages.isEmpty, !repair { throw ExitCode.failure }
    }
}

/// `segkit cache prune`
struct CachePruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove the entries that were used longest ago until the cache is small enough.",
        discussion: """
            EXAMPLE
              \(program) cache prune --to 1G
            """
    )

    @OptionGroup var folder: CacheFolderOption

    @Option(help: "The size to shrink to, such as 500M or 1G.")
    var to: String

    func validate() throws { _ = try bytes() }

    func run() throws { print(try folder.cache().prune(to: bytes()).text) }

    private func bytes() throws -> Int {
        do {
            return try ByteSize.parse(to, subject: "--to")
        } catch let error as SegmentationError {
            throw ValidationError("\(error)")
        }
    }
}

/// `segkit cache clear`
struct CacheClearCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear",
        abstract: "Remove all entries.",
        discussion: """
            Asks nothing. Only files that a cache made are removed, and only from a folder that a cache has tagged.

            EXAMPLE
              \(program) cache clear
            """
    )

    @OptionGroup var folder: CacheFolderOption

    func run() throws { print(try folder.cache().clear().text) }
}

extension TensorCache.Removal {
    fileprivate var text: String {
        "removed \(entries) \(entries == 1 ? "entry" : "entries"), \(ByteSize.text(bytes))"
    }
}
