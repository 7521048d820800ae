import Foundation

/// Writes a line to standard error: progress and errors, while standard output has the results.
func printToStandardError(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}
