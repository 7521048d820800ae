/// Measures how fast training goes, and from that when it ends.
///
/// The rate counts the steps alone; the time left counts what happens between epochs too, such as validation.
struct RateMeter {
    private var lastStep = 0.0
    private var images = 0
    private var steps = 0
    private var stepSeconds = 0.0
    private var pauseSeconds = 0.0
    private var epochs = 0

    mutating func begin(at now: Double) {
        lastStep = now
    }

    mutating func add(images count: Int, at now: Double) {
        images += count
        steps += 1
        stepSeconds += now - lastStep
        lastStep = now
    }

    mutating func endEpoch(at now: Double) {
        epochs += 1
        pauseSeconds += now - lastStep
        lastStep = now
    }

    /// Training images a second; `nil` before the first step.
    var imagesPerSecond: Double? { stepSeconds > 0 ? Double(images) / stepSeconds : nil }

    /// Seconds that the remaining steps, and the validations among them, should take.
    func secondsLeft(steps left: Int, stepsPerEpoch: Int) -> Double? {
        guard steps > 0, stepsPerEpoch > 0 else { return nil }
        let epochsLeft = (left + stepsPerEpoch - 1) / stepsPerEpoch
        let pause = epochs > 0 ? pauseSeconds / Double(epochs) : 0
        return stepSeconds / Double(steps) * Double(left) + pause * Double(epochsLeft)
    }
}
