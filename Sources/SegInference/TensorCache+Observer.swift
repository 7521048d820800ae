import Foundation
package import SegCache

extension TensorCache {
    /// Tells an observer which entries were found damaged since an earlier report, and whether the cache is too small.
    package func tell(_ observer: any StudyObserver, since earlier: Report?) {
        tellRebuilt(observer, since: earlier)
        let left = report.passedOver - (earlier?.passedOver ?? 0)
        if left > 0 {
            observer.message(
                "cache: \(folder.path) has no room for \(left) of the images, which are decoded again in every run: "
                    + "set SEGKIT_CACHE_SIZE to more than \(ByteSize.text(maximumBytes))"
            )
        }
    }

    /// Tells an observer which entries were found damaged since an earlier report.
    package func tellRebuilt(_ observer: any StudyObserver, since earlier: Report?) {
        for entry in report.rebuilt.dropFirst(earlier?.rebuilt.count ?? 0) {
            observer.message("cache: \(entry.name) was damaged and was made again: \(entry.reason)")
        }
    }
}
