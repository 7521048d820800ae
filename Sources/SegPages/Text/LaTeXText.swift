/// Text as LaTeX reads it.
package enum LaTeXText {
    /// Text of others with every character that LaTeX would take for a command written out.
    ///
    /// Letters beyond ASCII stay as they are, in UTF-8, which LaTeX reads since 2018. Mathematical characters that its
    /// fonts lack become mathematics; control characters become spaces.
    package static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            if let command = commands[scalar] {
                result += command
            } else if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) {
                result += " "
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }

    private static let commands: [Unicode.Scalar: String] = {
        var commands: [Unicode.Scalar: String] = [
            "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#", "_": "\\_",
            "%": "\\%", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}", "<": "\\textless{}",
            ">": "\\textgreater{}", "|": "\\textbar{}", "\"": "\\textquotedblright{}", "\u{A0}": "~", "\u{202F}": "\\,",
            "\u{2009}": "\\,", "–": "--", "—": "---", "’": "'", "‘": "`", "“": "``", "”": "''", "…": "\\ldots{}",
        ]
        let mathematics: [Unicode.Scalar: String] = [
            "−": "-", "×": "\\times", "±": "\\pm", "·": "\\cdot", "≤": "\\leq", "≥": "\\geq", "≠": "\\neq",
            "≈": "\\approx", "→": "\\rightarrow", "←": "\\leftarrow", "∞": "\\infty", "√": "\\surd", "Σ": "\\Sigma",
            "Δ": "\\Delta", "Φ": "\\Phi", "Ω": "\\Omega", "α": "\\alpha", "β": "\\beta", "γ": "\\gamma",
            "δ": "\\delta", "ε": "\\varepsilon", "κ": "\\kappa", "λ": "\\lambda", "μ": "\\mu", "π": "\\pi",
            "ρ": "\\rho", "σ": "\\sigma", "τ": "\\tau", "φ": "\\varphi", "χ": "\\chi", "ω": "\\omega", "²": "^{2}",
            "³": "^{3}", "½": "\\frac{1}{2}", "⌊": "\\lfloor", "⌋": "\\rfloor",
        ]
        for (scalar, command) in mathematics { commands[scalar] = "\\ensuremath{\(command)}" }
        return commands
    }()
}
