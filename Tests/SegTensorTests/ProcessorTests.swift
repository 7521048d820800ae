import Foundation
import SegTensor
import Testing

@Suite("Processors that a process may use")
struct ProcessorTests {
    /// A folder of control groups: contents by path.
    private func quota(_ membership: String, _ files: [String: String]) throws -> Double? {
        let root = FileManager.default.temporaryDirectory.appending(path: "groups-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for (path, text) in files {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file)
        }
        return AvailableProcessors.quota(membership: membership, root: root.path)
    }

    @Test func versionTwo() throws {
        #expect(try quota("0::/\n", ["cpu.max": "250000 100000\n"]) == 2.5)
        #expect(try quota("0::/\n", ["cpu.max": "max 100000\n"]) == nil)
        // The least of a group and those above it.
        let nested = ["a/cpu.max": "400000 100000", "a/b/cpu.max": "max 100000", "cpu.max": "800000 100000"]
        #expect(try quota("0::/a/b\n", nested) == 4)
        #expect(try quota("0::/elsewhere\n", nested) == 8)
        #expect(try quota("0::/\n", [:]) == nil)
        #expect(try quota("0::/\n", ["cpu.max": "damaged"]) == nil)
        #expect(try quota("", ["cpu.max": "100000 100000"]) == nil)
    }

    @Test func versionOne() throws {
        let membership = "12:memory:/job\n4:cpu,cpuacct:/job/7\n0::/\n"
        let files = [
            "cpu,cpuacct/job/7/cpu.cfs_quota_us": "150000\n", "cpu,cpuacct/job/7/cpu.cfs_period_us": "50000\n",
            "cpu/job/cpu.cfs_quota_us": "-1", "cpu/job/cpu.cfs_period_us": "100000",
        ]
        #expect(try quota(membership, files) == 3)
        #expect(try quota("4:cpu,cpuacct:/job\n", files) == nil)
    }

    @Test func numbersOfThreads() {
        #expect(WorkerPool.threadCount(of: "8") == 8 && WorkerPool.threadCount(of: "1024") == 1024)
        for text in ["0", "-1", "1025", "two", "", "2.5"] { #expect(WorkerPool.threadCount(of: text) == nil) }
        #expect((1...ProcessInfo.processInfo.activeProcessorCount).contains(AvailableProcessors.count))
    }
}
