import Foundation
import SegInterop
import TestSupport
import Testing

@Suite("TensorBoard's event files")
struct TensorBoardTests {
    /// Values of RFC 3720, appendix B.4.
    private static let known: [([UInt8], UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        ([UInt8](0..<32), 0x46DD_794E), ((0..<32).reversed(), 0x113F_DB5C), ([], 0),
    ]

    @Test("Checksums are those of RFC 3720", arguments: known)
    func checksums(bytes: [UInt8], expected: UInt32) {
        #expect(CRC32C.checksum(bytes) == expected)
    }

    @Test("The bytes are those of TensorBoard's own writer")
    func bytes() throws {
        var events = TensorBoardEvents(wallTime: 1_700_000_000, writer: "tensorboard.summary.writer.event_file_writer")
        events.append([.init("loss/total", 1.25)], step: 0, wallTime: 1_700_000_000.5)
        events.append(
            [.init("loss/total", 0.1), .init("validation/dice", 0), .init("learning rate", 1e-3)],
            step: 1,
            wallTime: 1_700_000_001.25
        )
        events.append([], step: 2, wallTime: 1_700_000_002)
        events.append(
            [.init("validation/auroc", .nan), .init("Verlust/φ · Maß", .infinity)],
            step: 300,
            wallTime: 1_700_000_300
        )
        events.append([.init(String(repeating: "t", count: 200), -2.5)], step: 70_000, wallTime: 1_700_070_000)
        let expected = try #require(Data(base64Encoded: Self.written, options: .ignoreUnknownCharacters))
        #expect(events.data == expected)
    }

    @Test("A run's folder is made, its file replaced, and what cannot be written is named")
    func writing() throws {
        let folder = try TemporaryFolder()
        let events = TensorBoardEvents(wallTime: 1)
        for _ in 0..<2 { try events.write(toRun: folder.appending("runs/arm-1")) }
        #expect(folder.files == ["runs/arm-1/\(TensorBoardEvents.fileName)"])
        #expect(try Data(contentsOf: folder.appending(folder.files[0])) == events.data)
        let run = folder.appending("runs/arm-1/\(TensorBoardEvents.fileName)/run")
        #expect(message { try events.write(toRun: run) }.hasPrefix(run.path))
    }

    /// What `Generators/tensorboard_events.py` prints.
    private static let written = """
        SAAAAAAAAAD+kkidCQAAAED8VNlBGg1icmFpbi5FdmVudDoyUi4KLHRlbnNvcmJvYXJkLnN1bW1hcnkud3JpdGVyLmV2ZW50X2Zp
        bGVfd3JpdGVyDMwMlR4AAAAAAAAA2dwSMgkAACBA/FTZQSoTChEKCmxvc3MvdG90YWwVAACgPzw5hl9OAAAAAAAAAMS5Ba0JAABQ
        QPxU2UEQASpBChEKCmxvc3MvdG90YWwVzczMPQoWCg92YWxpZGF0aW9uL2RpY2UVAAAAAAoUCg1sZWFybmluZyByYXRlFW8SgzqB
        EX4EQgAAAAAAAAB5826qCQAAAIv8VNlBEKwCKjQKFwoQdmFsaWRhdGlvbi9hdXJvYxUAAMB/ChkKElZlcmx1c3Qvz4YgwrcgTWHD
        nxUAAIB/XtCZyeMAAAAAAAAAstPbvAkAAACcQFXZQRDwogQq0wEK0AEKyAF0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0
        dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0
        dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0
        dHR0dHR0dHR0dHR0dHR0dHR0dBUAACDA/KwWZA==
        """
}
