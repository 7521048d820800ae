import Foundation
import SegCore

/// MONAI's PersistentDataset and NumPy's savez_compressed, by the script `Python/data_cache_peers.py`.
struct PythonPeers {
    let python: String

    private struct Task: Encodable {
        struct Image: Encodable {
            var image: String
            var masks: [String]
        }

        var images: [Image]
        var size: Int
        var passes: Int
        var folder: String
    }

    func rows(records: [SampleRecord], size: Int, passes: Int, folder: URL) throws -> [Row] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let task = Task(
            images: records.map { .init(image: $0.imageFile.path, masks: $0.maskFiles.map(\.path)) },
            size: size,
            passes: passes,
            folder: folder.path
        )
        let (input, output) = (folder.appending(path: "task.json"), folder.appending(path: "rows.json"))
        try JSONEncoder().encode(task).write(to: input)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Python/data_cache_peers.py").standardizedFileURL
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, script.path, input.path, output.path]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw SegmentationError(
                "--python \(python)",
                "the script \(script.lastPathComponent) failed",
                cure: "install monai, torch, numpy and Pillow for it, or give --python none"
            )
        }
        return try JSONDecoder().decode([Row].self, from: Data(contentsOf: output))
    }
}
