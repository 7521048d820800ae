import SegCore

/// A synthetic hospital: a scanner with its settings, and the patients it sees.
///
/// Centers differ as real ones do, so that a model trained at one meets another picture at the next. All values are
/// this project's choice within the ranges of clinical linear probes.
public struct SyntheticCenter: Hashable, Sendable {
    /// The name, part of every sample's id.
    public var name: String
    /// The scanner.
    public var scanner: Scanner
    /// The patients.
    public var patients: Patients

    public init(name: String, scanner: Scanner, patients: Patients) {
        self.name = name
        self.scanner = scanner
        self.patients = patients
    }

    /// What shapes the picture. Ranges are drawn from once an image.
    public struct Scanner: Hashable, Sendable {
        /// Columns of the image, px.
        public var width = 400
        /// Rows of the image, px.
        public var height = 320
        /// Depth shown, mm; with `height` it gives the pixel's side.
        public var depth: ClosedRange<Float> = 36...44
        /// Center frequency, MHz. It sets both the pulse's length and the beam's width, and scales attenuation.
        public var frequency: Float = 10
        /// Full width of the pulse's envelope at half maximum, in wavelengths.
        public var pulseWavelengths: Float = 1.6
        /// Focal length over aperture: the beam's width at the focus is the wavelength times this.
        public var focalRatio: Float = 3.4
        /// Depth of the focus, mm.
        public var focus: Float = 18
        /// Range of echoes that the gray levels show, dB.
        public var dynamicRange: Float = 62
        /// Overall gain against the preset, dB.
        public var gain: ClosedRange<Float> = -3...3
        /// Error of the time-gain compensation at the bottom of the image, dB.
        public var compensationError: ClosedRange<Float> = -8...4
        /// Electronic noise against the echo of glandular tissue at the surface, dB.
        public var noise: Float = -62
        /// Images averaged by spatial compounding; each has its own speckle.
        public var looks = 1
        /// Half width of the video filter that smooths the envelope sideways, px.
        public var smoothing = 1
        /// Exponent of the gray map: above 1 darkens the middle grays.
        public var gamma: Float = 1.1

        public init() {}
    }

    /// What shapes the anatomy and the lesions.
    public struct Patients: Hashable, Sendable {
        /// How many of twenty patients have no lesion.
        public var normalOfTwenty = 2
        /// Of twenty patients, how many have a malignant lesion; the others' are benign.
        public var malignantOfTwenty = 8
        /// Images of one patient; they show the same lesion in different planes.
        public var imagesPerPatient = 1
        /// Radius of lesions, mm.
        public var lesionRadius: ClosedRange<Float> = 3.5...9
        /// Share of benign lesions that are cysts.
        public var cystShare: Float = 0.2
        /// Share of the breast's depth that is glandular rather than fat.
        public var glandularShare: ClosedRange<Float> = 0.35...0.65

        public init() {}
    }
}

extension SyntheticCenter {
    /// A modern 10 MHz scanner with a wide gray scale; mostly screening findings.
    public static var northern: SyntheticCenter {
        SyntheticCenter(name: "northern", scanner: Scanner(), patients: Patients())
    }

    /// An older 7.5 MHz scanner: coarse speckle, a narrow gray scale, deep images, large lesions.
    public static var eastern: SyntheticCenter {
        var scanner = Scanner()
        scanner.width = 360
        scanner.height = 330
        scanner.depth = 42...54
        scanner.frequency = 7.5
        scanner.pulseWavelengths = 2
        scanner.focalRatio = 4
        scanner.focus = 22
        scanner.dynamicRange = 50
        scanner.gain = -6...5
        scanner.compensationError = -14...4
        scanner.noise = -56
        var patients = Patients()
        patients.normalOfTwenty = 3
        patients.malignantOfTwenty = 6
        patients.lesionRadius = 4.5...12
        patients.glandularShare = 0.25...0.55
        return SyntheticCenter(name: "eastern", scanner: scanner, patients: patients)
    }

    /// A compounding 12 MHz scanner: fine, smooth speckle, wide images; several images a patient.
    public static var southern: SyntheticCenter {
        var scanner = Scanner()
        scanner.width = 460
        scanner.height = 300
        scanner.depth = 28...36
        scanner.frequency = 12
        scanner.pulseWavelengths = 1.5
        scanner.focalRatio = 3
        scanner.focus = 14
        scanner.dynamicRange = 72
        scanner.gain = -2...4
        scanner.compensationError = -6...6
        scanner.noise = -66
        scanner.looks = 3
        scanner.gamma = 1.25
        var patients = Patients()
        patients.normalOfTwenty = 8
        patients.malignantOfTwenty = 4
        patients.imagesPerPatient = 3
        patients.lesionRadius = 2.5...7
        patients.glandularShare = 0.4...0.75
        return SyntheticCenter(name: "southern", scanner: scanner, patients: patients)
    }

    /// A portable 8.5 MHz scanner: noisy depth, dark gray map, tall images; two images a patient.
    public static var western: SyntheticCenter {
        var scanner = Scanner()
        scanner.width = 320
        scanner.height = 360
        scanner.depth = 38...50
        scanner.frequency = 8.5
        scanner.pulseWavelengths = 1.8
        scanner.focalRatio = 3.2
        scanner.focus = 26
        scanner.dynamicRange = 56
        scanner.gain = -8...2
        scanner.compensationError = -10...0
        scanner.noise = -48
        scanner.gamma = 1.35
        var patients = Patients()
        patients.normalOfTwenty = 0
        patients.malignantOfTwenty = 9
        patients.imagesPerPatient = 2
        patients.lesionRadius = 3.5...10
        patients.cystShare = 0.3
        return SyntheticCenter(name: "western", scanner: scanner, patients: patients)
    }

    /// The four centers of the embedded study.
    public static var all: [SyntheticCenter] { [northern, eastern, southern, western] }

    /// The same center with a coarser or finer picture: `share` times as many columns and rows for the same depth.
    ///
    /// Anatomy, lesions and pulse keep their millimeters; pixels are `1/share` as large. Speckle is drawn for each pixel, so
    /// images are other images rather than the same ones scaled.
    ///
    /// - Parameter share: above 0; at least 16 rows and columns are left.
    public func atResolution(_ share: Double) -> SyntheticCenter {
        precondition(share > 0, "a picture needs pixels")
        func scaled(_ count: Int, atLeast least: Int) -> Int { max(least, Int((Double(count) * share).rounded())) }
        var center = self
        center.scanner.width = scaled(scanner.width, atLeast: 16)
        center.scanner.height = scaled(scanner.height, atLeast: 16)
        center.scanner.smoothing = scaled(scanner.smoothing, atLeast: 0)
        return center
    }

    /// The center of that name.
    ///
    /// - Parameter subject: where the name stands, for messages.
    ///
    /// - Throws: ``SegmentationError`` naming those that there are.
    public static func named(_ name: String, subject: String = "center") throws -> SyntheticCenter {
        if let center = all.first(where: { $0.name == name }) { return center }
        throw SegmentationError.unknown("synthetic center", called: name, at: subject, among: all.map(\.name))
    }
}
