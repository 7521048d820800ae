import Foundation

/// The processors that the process may use: those of its affinity, and no more than the quotas of its control groups let it.
///
/// A container or a job of a cluster sees all processors of its machine; with a thread for each, those that have used up the
/// quota are stopped while others wait for them.
package enum AvailableProcessors {
    /// At least 1. A quota of two and a half processors counts as three.
    package static var count: Int {
        // By the affinity on Linux.
        let active = max(1, ProcessInfo.processInfo.activeProcessorCount)
        guard let membership = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8),
            let quota = quota(membership: membership, root: "/sys/fs/cgroup")
        else { return active }
        return min(active, max(1, Int(quota.rounded(.up))))
    }

    /// The least quota of the groups that the process is in and of those above them, in processors; `nil` if there is none.
    ///
    /// - Source: the kernel's documentation of control groups, version 2 (`cpu.max`: quota and period, or `max`) and
    ///   version 1 (`cpu.cfs_quota_us`, −1 for none, and `cpu.cfs_period_us`).
    ///
    /// - Parameters:
    ///   - membership: the content of `/proc/self/cgroup`.
    ///   - root: where the control groups are mounted.
    package static func quota(membership: String, root: String) -> Double? {
        var quotas: [Double] = []
        for line in membership.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let controllers = fields[1].split(separator: ",")
            let folders = groups(fields[2])
            if fields[0] == "0" && controllers.isEmpty {
                quotas += folders.compactMap { versionTwo("\(root)\($0)") }
            } else if controllers.contains("cpu") {
                for mount in ["cpu", String(fields[1])] {
                    quotas += folders.compactMap { versionOne("\(root)/\(mount)\($0)") }
                }
            }
        }
        return quotas.min()
    }

    /// A group's path and those above it, down to the empty one of the root.
    private static func groups(_ path: Substring) -> [String] {
        var groups = [""]
        for part in path.split(separator: "/") where part != ".." {
            groups.append("\(groups[groups.count - 1])/\(part)")
        }
        return groups
    }

    private static func versionTwo(_ folder: String) -> Double? {
        let words = text("\(folder)/cpu.max")?.split(separator: " ") ?? []
        guard words.count == 2 else { return nil }
        return share(Double(words[0]), Double(words[1]))
    }

    private static func versionOne(_ folder: String) -> Double? {
        share(
            text("\(folder)/cpu.cfs_quota_us").flatMap { Double($0) },
            text("\(folder)/cpu.cfs_period_us").flatMap { Double($0) }
        )
    }

    private static func share(_ quota: Double?, _ period: Double?) -> Double? {
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return quota / period
    }

    private static func text(_ file: String) -> String? {
        (try? String(contentsOfFile: file, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
