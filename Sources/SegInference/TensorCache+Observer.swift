package import SegCache

extension TensorCache {
    /// Tells an observer which entries were found damaged since an earlier report.
    package func tell(_ observer: any StudyObserver, since earlier: Report?) {
        for entry in report.rebuilt.dropFirst(earlier?.rebuilt.count ?? 0) {
            observer.message("cache: \(entry.name) was damaged and was made again: \(entry.reason)")
        }
    }
}
