import Foundation

/// What is left of a predicted mask, as files say it: rules of size, applied in this order.
public struct MaskRules: Hashable, Sendable, Codable {
    /// Whether what a mask encloses is filled in.
    public var fillHoles: Bool
    /// Connected parts of fewer pixels of the image are dropped; 0 for none.
    public var leastArea: Int
    /// Whether the largest connected part alone is kept.
    public var largest: Bool

    public init(fillHoles: Bool = false, leastArea: Int = 0, largest: Bool = false) {
        self.fillHoles = fillHoles
        self.leastArea = leastArea
        self.largest = largest
    }

    /// The mask as it is.
    public static let none = MaskRules()

    /// The rules in words, none where nothing is done.
    public var words: [String] {
        (fillHoles ? ["holes filled"] : []) + (leastArea > 1 ? ["components from \(leastArea) px"] : [])
            + (largest ? ["largest component"] : [])
    }

    /// The rules in a line.
    public var text: String { words.isEmpty ? "none" : words.joined(separator: ", ") }
}

/// The rules for masks in a model file, and what they were chosen by.
public struct StoredRules: Hashable, Sendable, Codable {
    /// One of those compared.
    public struct Candidate: Hashable, Sendable, Codable {
        /// What it leaves of masks.
        public var rules: MaskRules
        /// The mean Dice of the validation part's images with a lesion.
        public var dice: Double

        public init(rules: MaskRules, dice: Double) {
            self.rules = rules
            self.dice = dice
        }
    }

    /// What is done to masks.
    public var rules: MaskRules
    /// What was compared, from the simplest; empty where the study states the rules itself.
    public var candidates: [Candidate]
    /// What a rule must gain in mean Dice over a simpler one to be preferred.
    public var leastGain: Double?
    /// Images that were compared on.
    public var images: Int?

    public init(rules: MaskRules, candidates: [Candidate] = [], leastGain: Double? = nil, images: Int? = nil) {
        self.rules = rules
        self.candidates = candidates
        self.leastGain = leastGain
        self.images = images
    }

    /// How they came about, in a sentence.
    public var sentence: String {
        guard let before = candidates.first, let images else {
            return "Rules for masks: \(rules.text), as the study says."
        }
        let chosen = candidates.first { $0.rules == rules } ?? before
        func number(_ value: Double) -> String { String(format: "%.3f", value) }
        return "Rules for masks, chosen among \(candidates.count) on \(images) validation images: \(rules.text) "
            + "(mean Dice \(number(chosen.dice)), without rules \(number(before.dice)))."
    }
}
