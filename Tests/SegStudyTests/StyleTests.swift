import Foundation
import SegPages
import SegStudy
import Testing

/// Colors of the report, computed as WCAG 2.2 and Machado, Oliveira and Fernandes (2009) say.
@Suite("Colors of the report")
struct StyleTests {
    /// The light theme's colors by name, then the dark one's.
    private static let themes: [[String: [Double]]] = {
        var themes: [[String: [Double]]] = []
        for match in ReportStyle.sheet.matches(of: /--([a-z0-9-]+):#([0-9a-f]{3,6});/) {
            let name = String(match.1)
            if name == "page" { themes.append([:]) }
            let digits = match.2.count == 3 ? match.2.map { "\($0)\($0)" }.joined() : String(match.2)
            let value = Int(digits, radix: 16) ?? 0
            themes[themes.count - 1][name] = [16, 8, 0].map { Double(value >> $0 & 0xFF) / 255 }
        }
        return themes
    }()

    private static func linear(_ color: [Double]) -> [Double] {
        color.map { $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
    }

    private static func contrast(_ a: [Double], _ b: [Double]) -> Double {
        func luminance(_ color: [Double]) -> Double {
            zip(linear(color), [0.2126, 0.7152, 0.0722]).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let (low, high) = (min(luminance(a), luminance(b)), max(luminance(a), luminance(b)))
        return (high + 0.05) / (low + 0.05)
    }

    @Test("Contrast is computed as WCAG does")
    func reference() {
        #expect(abs(Self.contrast([0, 0, 0], [1, 1, 1]) - 21) < 1e-9)
        // The lightest gray that still has 4.5 : 1 on white is #767676.
        #expect(Self.contrast([118, 118, 118].map { $0 / 255 }, [1, 1, 1]) >= 4.5)
        #expect(Self.contrast([119, 119, 119].map { $0 / 255 }, [1, 1, 1]) < 4.5)
    }

    @Test("Text has 4.5 : 1, lines and marks 3 : 1, in both themes", arguments: [0, 1])
    func contrasts(index: Int) throws {
        try #require(Self.themes.count == 2)
        let theme = Self.themes[index]
        func color(_ name: String) throws -> [Double] { try #require(theme[name], "\(name)") }
        for text in ["ink", "soft", "link"] {
            for ground in ["page", "raised"] {
                #expect(Self.contrast(try color(text), try color(ground)) >= 4.5, "\(text) on \(ground)")
            }
        }
        #expect(Self.contrast(try color("warn-ink"), try color("warn-page")) >= 4.5)
        for series in 0..<SeriesStyle.colorCount {
            #expect(Self.contrast(try color("c\(series)"), try color("page")) >= 3, "series \(series)")
        }
    }

    /// Full deuteranopia, protanopia and tritanopia, on linear RGB.
    private static let deficiencies: [[[Double]]] = [
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    ]

    /// CIELAB of linear sRGB under D65.
    private static func lab(_ linear: [Double]) -> [Double] {
        let matrix = [
            [0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041],
        ]
        let f = zip(matrix, [0.95047, 1, 1.08883]).map { row, white -> Double in
            let value = zip(row, linear).reduce(0) { $0 + $1.0 * $1.1 } / white
            return value > 216.0 / 24389 ? cbrt(value) : (24389.0 / 27 * value + 16) / 116
        }
        return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
    }

    @Test("Arms stay apart for the color-blind", arguments: [0, 1], deficiencies.indices)
    func distances(index: Int, deficiency: Int) throws {
        let theme = Self.themes[index]
        let colors = try (0..<SeriesStyle.colorCount).map { series -> [Double] in
            let linear = Self.linear(try #require(theme["c\(series)"]))
            let seen = Self.deficiencies[deficiency].map { row in
                min(max(zip(row, linear).reduce(0) { $0 + $1.0 * $1.1 }, 0), 1)
            }
            return Self.lab(seen)
        }
        for first in colors.indices {
            for second in colors.indices.dropFirst(first + 1) {
                let distance = zip(colors[first], colors[second]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                #expect(distance.squareRoot() >= (second < 4 ? 22 : 17), "series \(first) and \(second)")
            }
        }
    }
}
