import CSegTIFF
import Foundation
import SegCore

/// What ImageJ writes into the description of a stack's first page: lines of `key=value`.
struct ImageJDescription: Hashable {
    private var values: [String: String] = [:]

    /// `nil` for descriptions that are not ImageJ's.
    init?(_ text: String) {
        guard text.hasPrefix("ImageJ=") else { return nil }
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            values[String(parts[0])] = String(parts[1]).trimmingCharacters(in: .whitespaces)
        }
    }

    /// The description that says how far apart slices are, in the unit of the file's resolution.
    static func text(sliceSpacing: Double) -> String {
        "ImageJ=1.54f\nunit=cm\nspacing=\(sliceSpacing / 10)\n"
    }

    /// The length of the unit of distance, mm; `nil` for pixels and for units of anything else.
    var unit: Double? {
        // ImageJ writes the micro sign as an escape, so that the text is ASCII.
        switch values["unit"]?.lowercased().replacingOccurrences(of: "\\u00b5", with: "µ") {
        case "nm": 1e-6
        case "um", "µm", "μm", "micron", "microns", "micrometer": 1e-3
        case "mm", "millimeter": 1
        case "cm": 10
        case "m", "meter": 1000
        case "inch", "in": 25.4
        default: nil
        }
    }

    /// The distance of slices, mm.
    var sliceSpacing: Double? {
        guard let unit, let spacing = values["spacing"].flatMap(Double.init), spacing != 0, spacing.isFinite else {
            return nil
        }
        return abs(spacing) * unit
    }

    /// How many images the file holds, of which ImageJ writes only the first as a page if the file is large.
    var images: Int { count("images") }
    var channels: Int { count("channels") }
    var slices: Int { count("slices") }
    var frames: Int { count("frames") }

    private func count(_ key: String) -> Int { values[key].flatMap { Int($0) } ?? 1 }
}

extension PixelSpacing {
    /// The spacing that the tags for the resolution give, `nil` if they mean nothing.
    ///
    /// 72 and 96 px per inch are not measurements: graphics programs write them when they know nothing. ImageJ ignores
    /// the first as well.
    init?(_ page: seg_tiff_page, unit describedUnit: Double?) {
        guard page.x_resolution > 0, page.y_resolution > 0 else { return nil }
        if let describedUnit {
            self.init(x: describedUnit / page.x_resolution, y: describedUnit / page.y_resolution)
        } else if page.unit == SEG_TIFF_CENTIMETER {
            self.init(x: 10 / page.x_resolution, y: 10 / page.y_resolution)
        } else if page.unit == SEG_TIFF_INCH, ![72, 96].contains(page.x_resolution) {
            self.init(x: 25.4 / page.x_resolution, y: 25.4 / page.y_resolution)
        } else {
            return nil
        }
        guard x.isFinite, y.isFinite, x > 0, y > 0 else { return nil }
    }
}
