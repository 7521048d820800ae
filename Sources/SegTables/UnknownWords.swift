import Foundation

/// What tables write where there is nothing to say. The one list of such words, for every column of every data set.
package enum UnknownWords {
    /// In small letters, without blanks around.
    package static let standard: Set<String> = [
        "", "-", "--", "---", "–", "—", "?", "??", ".", "/", "na", "n/a", "n.a.", "n. a.", "#n/a", "#na", "<na>", "nan",
        "-nan", "#nan", "nat", "none", "null", "(null)", "nil", "#null!", "#value!", "#ref!", "#name?", "#div/0!",
        "#num!",
        "unknown", "unk", "not known", "undefined", "missing", "not available", "not applicable", "not specified",
        "not stated", "not reported", "not recorded", "no data", "n/d", "n.d.", "blank", "(blank)", "empty", "(empty)",
        "void", "tbd", "-99", "-999", "-9999", "#nv", "#wert!", "#bezug!", "k.a.", "k. a.", "unbekannt", "inconnu",
        "desconocido", "desconhecido",
    ]

    /// Whether a text says nothing: one of the standard words, or of those that a data set adds, case aside.
    package static func contain(_ text: String, adding words: Set<String> = []) -> Bool {
        let plain = text.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        return standard.contains(plain) || words.contains(plain)
    }
}
