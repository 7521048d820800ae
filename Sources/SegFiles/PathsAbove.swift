/// The paths above one, nearest first, each a part shorter as it is written: `/a/b/..` has `/a/b` and `/a`. The root is left out.
///
/// Foundation's `deletingLastPathComponent` makes a path longer that ends with `..`, so that a loop over it need not end.
package struct PathsAbove: Sequence, IteratorProtocol {
    private var path: Substring

    package init(_ path: String) { self.path = Self.trimmed(path[...]) }

    package mutating func next() -> String? {
        guard let slash = path.lastIndex(of: "/") else { return nil }
        path = Self.trimmed(path[..<slash])
        return path.isEmpty ? nil : String(path)
    }

    private static func trimmed(_ path: Substring) -> Substring {
        path.last == "/" ? path[..<(path.lastIndex { $0 != "/" }.map(path.index(after:)) ?? path.startIndex)] : path
    }
}
