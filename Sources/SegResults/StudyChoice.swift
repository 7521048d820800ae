import SegPages

/// A file of settings that a study, or one of its arms, includes.
public struct IncludedFile: Codable, Hashable, Sendable {
    /// The file as the study names it.
    public var file: String
    /// The arm that includes it; `nil` for the study as a whole.
    public var arm: String?
    /// SHA-256 of the file, in hexadecimal digits.
    public var sha256: String
    /// The commit that the file is of, where it is under version control by git.
    public var commit: String?
    /// Whether the file was changed since that commit; `nil` where there is none.
    public var isChanged: Bool?
    /// Where its settings come from, as the file says.
    public var origin: String?

    public init(
        file: String,
        arm: String? = nil,
        sha256: String,
        commit: String? = nil,
        isChanged: Bool? = nil,
        origin: String? = nil
    ) {
        self.file = file
        self.arm = arm
        self.sha256 = sha256
        self.commit = commit
        self.isChanged = isChanged
        self.origin = origin
    }

    /// The file and where it comes from, in a sentence.
    public var sentence: String {
        var text = file
        if let arm { text += ", for the arm \(arm)" }
        if let commit {
            text += ", of commit \(commit.prefix(12))\(isChanged == true ? " but changed since" : "")"
        } else {
            text += ", not under version control"
        }
        text += "; SHA-256 \(sha256.prefix(12))…"
        return origin.map { "\(text). \($0)" } ?? text
    }
}

/// Which of a study's arms it chooses, by figures on the source data set alone.
public struct StudyChoice: Codable, Hashable, Sendable {
    /// What decides, in words.
    public var criterion: String
    /// The candidates, in the study's order.
    public var candidates: [Candidate]
    /// The chosen candidate's first arm; `nil` where none has what is asked for.
    public var chosen: String?

    /// An arm, or several whose figures are averaged.
    public struct Candidate: Codable, Hashable, Sendable {
        /// The arms' names.
        public var arms: [String]
        /// Mean Dice on the source; `nil` where an arm has no mask.
        public var dice: Double?
        /// Area under the ROC curve on the source; `nil` where an arm does not classify.
        public var auroc: Double?
        /// What decides: the sum of the figures asked for; `nil` where one is not there.
        public var score: Double?
        /// Whether it meets the further conditions of the choice.
        public var isEligible: Bool

        /// Its figures in words: `Dice 0.716, AUROC 0.728`.
        package var figures: String {
            [("Dice", dice), ("AUROC", auroc)].compactMap { name, value in
                value.map { "\(name) \(NumberFormat.fixed($0))" }
            }
            .joined(separator: ", ")
        }

        public init(arms: [String], dice: Double?, auroc: Double?, score: Double?, isEligible: Bool) {
            self.arms = arms
            self.dice = dice
            self.auroc = auroc
            self.score = score
            self.isEligible = isEligible
        }
    }

    public init(criterion: String, candidates: [Candidate], chosen: String?) {
        self.criterion = criterion
        self.candidates = candidates
        self.chosen = chosen
    }
}
