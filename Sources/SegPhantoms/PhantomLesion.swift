import Foundation
import SegCore

/// A lesion as drawn before its image: outline, echo and attenuation.
///
/// Each class draws a latent suspicion from its own distribution, and the outline, margin and shadow follow that
/// rather than the class: some benign lesions look suspicious and some malignant ones do not, as in real data, and the
/// findings go together as they do there. The distributions are set so that circularity, orientation, sharpness of the
/// margin and posterior echo of the true masks separate the classes as well as they do in patients (a test holds them to
/// that); no outcome of a training was looked at for it.
struct PhantomLesion: Hashable, Sendable {
    var pathology: Pathology
    /// Geometric mean of the semi-axes, mm.
    var radius: Float
    /// Depth over width of the ellipse under the outline.
    var aspect: Float
    /// Rotation of that ellipse, radians.
    var tilt: Float
    /// Waves of the outline: order, amplitude relative to the radius, phase.
    var waves: [Wave]
    /// Spicules: thin rays beyond the outline.
    var spicules: [Spicule]
    /// Width of the transition at the margin, mm.
    var marginWidth: Float
    /// Width of an echogenic halo, mm; 0 for none.
    var haloWidth: Float
    /// Echo against the tissue around it, dB.
    var contrast: Float
    /// Fluctuation of the echo inside, dB.
    var heterogeneity: Float
    /// Attenuation beyond that of the tissue around it, dB/(cm MHz).
    var attenuation: Float
    /// Shadow of a smooth edge, by refraction, dB.
    var edgeShadow: Float
    var isCyst: Bool
    /// Bright points inside, relative to the center, in radii.
    var calcifications: [Calcification]

    struct Wave: Hashable, Sendable {
        var order: Float
        var amplitude: Float
        var phase: Float
    }

    struct Spicule: Hashable, Sendable {
        var angle: Float
        /// Beyond the outline, in radii.
        var length: Float
        /// Angular width at the base, radians.
        var width: Float
    }

    struct Calcification: Hashable, Sendable {
        var x: Float
        var y: Float
    }

    init(pathology: Pathology, patients: SyntheticCenter.Patients, using stream: inout RandomStream) {
        self.pathology = pathology
        let isMalignant = pathology == .malignant
        let suspicion = min(max((isMalignant ? 0.62 : 0.3) + 0.24 * stream.normal(), 0), 1)
        isCyst = !isMalignant && suspicion < 0.35 && stream.chance(patients.cystShare * 1.6)

        let range = patients.lesionRadius
        let size = (stream.uniform() + stream.uniform()) / 2
        radius = range.lowerBound * pow(range.upperBound / range.lowerBound, size)
        aspect = exp(log(0.48 + 0.46 * suspicion) + 0.25 * stream.normal())
        tilt = stream.normal() * (0.12 + 0.35 * suspicion)

        let irregularity = suspicion * suspicion
        // A few broad lobes on any lesion; the finer waves come with suspicion.
        waves = (2...4).map { order in
            Wave(
                order: Float(order),
                amplitude: abs(stream.normal()) * (0.02 + 0.05 * irregularity),
                phase: stream.uniform(in: 0...(2 * .pi))
            )
        }
        waves += (5...13).map { order in
            Wave(
                order: Float(order),
                amplitude: abs(stream.normal()) * 0.05 * irregularity * (6 / Float(order)).squareRoot(),
                phase: stream.uniform(in: 0...(2 * .pi))
            )
        }
        let spiculeCount = suspicion > 0.55 && stream.chance(0.55) ? 4 + stream.index(below: 9) : 0
        spicules = (0..<spiculeCount).map { _ in
            Spicule(
                angle: stream.uniform(in: -.pi ... .pi),
                length: stream.uniform(in: 0.1...0.45) * suspicion,
                width: stream.uniform(in: 0.06...0.16)
            )
        }

        marginWidth = 0.1 + 2.4 * suspicion * stream.uniform(in: 0.3...1)
        haloWidth = suspicion > 0.5 && stream.chance(0.3) ? stream.uniform(in: 0.5...1.6) : 0
        contrast = isCyst ? stream.uniform(in: -38 ... -26) : min(-7 + 4 * stream.normal(), -2.5)
        heterogeneity = isCyst ? 0.5 : 1 + 5 * suspicion * stream.uniform(in: 0.5...1)
        let shadow = 0.05 * (suspicion - 0.4) + 0.45 * stream.normal()
        attenuation = isCyst ? -0.3 : min(max(shadow, -0.4), 1.2)
        edgeShadow = suspicion < 0.5 ? stream.uniform(in: 0...7) : 0
        let calcificationCount = isCyst || !stream.chance(0.1 + 0.35 * suspicion) ? 0 : 3 + stream.index(below: 9)
        calcifications = (0..<calcificationCount).map { _ in
            Calcification(x: 0.4 * stream.normal(), y: 0.3 * stream.normal())
        }
    }

    /// The same lesion in another plane: a little larger or smaller, turned, its fine outline changed.
    func seen(using stream: inout RandomStream) -> PhantomLesion {
        var view = self
        view.radius *= stream.uniform(in: 0.88...1.1)
        view.aspect *= exp(0.08 * stream.normal())
        view.tilt += 0.1 * stream.normal()
        for index in view.waves.indices { view.waves[index].phase += 0.5 * stream.normal() }
        for index in view.spicules.indices { view.spicules[index].angle += 0.15 * stream.normal() }
        return view
    }
}

extension PhantomLesion {
    /// The margin by the BI-RADS lexicon's terms.
    var margin: String {
        if spicules.count >= 4 { return "spiculated" }
        if marginWidth > 0.7 { return "indistinct" }
        return fineIrregularity > 0.045 ? "microlobulated" : "circumscribed"
    }

    /// The shape by the lexicon's terms.
    var shape: String {
        if fineIrregularity > 0.045 || spicules.count >= 4 { return "irregular" }
        return aspect > 0.87 && aspect < 1.15 ? "round" : "oval"
    }

    var orientation: String { aspect > 1 ? "not parallel" : "parallel" }

    var posteriorFeatures: String {
        attenuation > 0.25 ? "shadowing" : attenuation < -0.15 ? "enhancement" : "no"
    }

    /// Root mean square of the outline's waves beyond the broad lobes.
    private var fineIrregularity: Float {
        waves.filter { $0.order > 4 }.reduce(0) { $0 + $1.amplitude * $1.amplitude / 2 }.squareRoot()
    }
}
