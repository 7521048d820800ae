import Foundation
import TestSupport
import Testing

@Suite("segkit export")
struct ExportCommandTests {
    @Test("Rules for masks in a model file are not exported, and a warning names them; other models have none")
    func rules() throws {
        let folder = try TemporaryFolder()
        let text = smallStudy()
        let ruled = text + "\ninference: {rules: {fillHoles: true, leastArea: 40}}\n"
        for (name, text) in [("plain", text), ("ruled", ruled)] {
            try Data(text.utf8).write(to: folder.appending("\(name).yaml"))
            let trained = try segkit("train", "\(name).yaml", "--output", "\(name).safetensors", in: folder.url)
            #expect(trained.code == 0, "\(trained.error)")
            let exported = try segkit("export", "\(name).safetensors", "--onnx", "\(name).onnx", in: folder.url)
            #expect(exported.code == 0 && folder.files.contains("\(name).onnx"), "\(exported.error)")
            let warning = "rules for masks are not exported (holes filled, components from 40 px)"
            #expect(exported.error.contains(warning) == (name == "ruled"), "\(exported.error)")
        }
    }
}
