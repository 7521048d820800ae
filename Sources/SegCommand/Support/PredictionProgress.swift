import SegProgress

/// How many images are predicted, in a line that is rewritten, where standard error is a terminal; else nothing.
final class PredictionProgress {
    private let count: Int
    private let console: Console
    private var isShown = false
    private var shownAt = -1.0

    init(count: Int, console: Console = .standardError) { (self.count, self.console) = (count, console) }

    /// Says something on a line of its own.
    func say(_ body: () -> Void) {
        hide()
        body()
    }

    /// Shows that so many images are done, several times a second at most.
    func done(_ done: Int) {
        guard console.isTerminal, count > 1 else { return }
        let now = console.now()
        guard now - shownAt >= 0.1 || done == count else { return }
        shownAt = now
        console.write("\rPredicting: \(done) of \(count)\u{1B}[K")
        isShown = true
    }

    /// Leaves an empty line.
    func end() { hide() }

    private func hide() {
        guard isShown else { return }
        console.write("\r\u{1B}[K")
        isShown = false
    }
}
