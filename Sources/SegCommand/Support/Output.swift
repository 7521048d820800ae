import SegTraining

/// Writes a line to standard error: progress and errors, while standard output has the results.
func printToStandardError(_ text: String) {
    Console.writeToStandardError(text + "\n")
}
