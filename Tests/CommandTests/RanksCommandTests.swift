import Foundation
import TestSupport
import Testing

#if !MPI
/// What a launcher such as `mpirun` starts several times, by a program that was built without MPI.
@Suite("Processes that a launcher started")
struct RanksCommandTests {
    private static func environment(rank: Int) -> [String: String] {
        ["OMPI_COMM_WORLD_RANK": "\(rank)", "OMPI_COMM_WORLD_SIZE": "2"]
    }

    @Test(
        "a training or a study of each of them is refused in one line, before anything is written",
        arguments: [
            (["train", "--output", "m.safetensors"], "build it with `swift build -c release --traits MPI`"),
            (["study"], "--jobs trains several at a time"),
        ]
    )
    func refused(arguments: [String], cure: String) throws {
        let folder = try TemporaryFolder()
        let first = try segkit(arguments, in: folder.url, environment: Self.environment(rank: 0))
        #expect(first.code == 1)
        #expect(first.errorLines.count == 1 && first.error.contains(cure), "\(first.error)")
        let second = try segkit(arguments, in: folder.url, environment: Self.environment(rank: 1))
        #expect(second.code == 0 && second.error.isEmpty && second.output.isEmpty)
        #expect(try folder.content().isEmpty)
    }

    @Test("one process that a launcher started trains, and checks are for each")
    func alone() throws {
        let folder = try TemporaryFolder()
        let alone = ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "1"]
        // It goes on to read the study.
        let result = try segkit(
            ["train", "none.yaml", "--output", "m.safetensors"],
            in: folder.url,
            environment: alone
        )
        #expect(result.error.contains("none.yaml"))
        #expect(try segkit(["study", "--check"], in: folder.url, environment: Self.environment(rank: 1)).code == 0)
    }
}
#endif
