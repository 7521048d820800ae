import Foundation
import SegCore
import SegData
import TestSupport
import Testing

@Suite("Damaged split files")
struct SplitDamageTests {
    @Test("a file damaged by chance is an error that names it or a division of its records, never a crash")
    func damage() throws {
        let records = (0..<6).map { index in
            SampleRecord(id: "case \(index)", imageFile: URL(fileURLWithPath: "/\(index).png"), pathology: .benign)
        }
        let split = try Split.holdOut(records, validationFraction: 0.3, seed: 1)
        let file = SplitFile(dataset: "clinic", method: "by hand", records: records, parts: [("only", split)])
        try withTemporaryFolder { folder in
            let url = folder.appending(path: "split.json")
            try file.write(to: url)
            var failures = 0
            for damaged in Damage([UInt8](try Data(contentsOf: url)), count: 10_000) {
                try Data(damaged).write(to: url)
                do {
                    let read = try SplitFile(contentsOf: url)
                    _ = try read.split(part: nil, of: records, file: url.path)
                } catch {
                    #expect(error is SegmentationError)
                    failures += 1
                }
            }
            #expect(failures > 1000)
        }
    }
}
