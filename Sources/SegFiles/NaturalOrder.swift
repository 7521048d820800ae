/// A name cut into text and numbers, so that `benign (2)` precedes `benign (10)`.
///
/// Compared by Unicode scalars and not by a locale, so that every machine lists a data set in the same order.
struct NaturalOrder: Comparable {
    private enum Part: Equatable {
        /// Digits without leading zeros.
        case number(String)
        case text(String)
    }

    private let name: String
    private let parts: [Part]

    init(_ name: String) {
        self.name = name
        var parts: [Part] = []
        var rest = name[...]
        while let first = rest.first {
            let isNumber = Self.isDigit(first)
            let run = rest.prefix { Self.isDigit($0) == isNumber }
            parts.append(isNumber ? .number(String(run.drop { $0 == "0" })) : .text(String(run)))
            rest = rest[run.endIndex...]
        }
        self.parts = parts
    }

    static func < (first: NaturalOrder, second: NaturalOrder) -> Bool {
        for (left, right) in zip(first.parts, second.parts) where left != right {
            switch (left, right) {
            case (.number(let left), .number(let right)):
                return left.count == right.count ? precedes(left, right) : left.count < right.count
            case (.text(let left), .text(let right)): return precedes(left, right)
            case (.number, .text): return true
            case (.text, .number): return false
            }
        }
        // Equal but for leading zeros or length.
        return first.parts.count == second.parts.count
            ? precedes(first.name, second.name) : first.parts.count < second.parts.count
    }

    private static func precedes(_ first: String, _ second: String) -> Bool {
        first.unicodeScalars.lexicographicallyPrecedes(second.unicodeScalars)
    }

    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
}

extension Sequence<String> {
    /// Names in natural order: `2` before `10`.
    public func naturallySorted() -> [String] {
        map { (key: NaturalOrder($0), name: $0) }.sorted { $0.key < $1.key }.map(\.name)
    }
}
