import SegCore

extension PhantomGenerator {
    /// Puts an echogenic nodule, as a lipoma is one, beside the lesion of four images in five, and returns its mask, empty in
    /// the others and where there is no room.
    ///
    /// All chance comes from a stream of its own: the tissue and the lesion are what they are without it.
    func insertOther(into tissue: inout PhantomTissue, of scanned: Case, apartFrom lesion: Mask) -> Mask {
        let none = Mask(emptyWithWidth: tissue.width, height: tissue.height)
        var stream = stream("other", scanned.index)
        guard stream.chance(0.8) else { return none }
        let nodule = PhantomLesion.echogenicNodule(center.patients, using: &stream)
        let reach = LesionOutline(nodule).reach + 0.5
        let (width, depth) = (Float(tissue.width) * tissue.pixel, Float(tissue.height) * tissue.pixel)
        let highest = scanned.layers.skin + 0.6 + reach
        for _ in 0..<24 {
            let x = reach + stream.uniform() * max(0, width - 2 * reach)
            let y = highest + stream.uniform() * max(0, scanned.layers.muscle - reach - highest)
            guard y + reach < depth, x + reach < width else { continue }
            func pixels(_ place: Float, _ count: Int) -> Range<Int> {
                let first = min(max(Int((place - reach) / tissue.pixel), 0), count)
                return first..<max(first, min(Int((place + reach) / tissue.pixel) + 1, count))
            }
            let columns = pixels(x, tissue.width)
            let isFree = pixels(y, tissue.height).allSatisfy { row in columns.allSatisfy { !lesion[$0, row] } }
            if isFree { return tissue.insert(nodule, centerX: x, centerY: y, using: &stream) }
        }
        return none
    }
}

extension PhantomLesion {
    /// A smooth, flat nodule that is brighter than the tissue around it.
    static func echogenicNodule(
        _ patients: SyntheticCenter.Patients,
        using stream: inout RandomStream
    ) -> PhantomLesion {
        var nodule = PhantomLesion(pathology: .benign, patients: patients, using: &stream)
        nodule.radius = stream.uniform(in: 2...4)
        nodule.aspect = stream.uniform(in: 0.45...0.7)
        nodule.tilt = 0.15 * stream.normal()
        nodule.spicules = []
        nodule.calcifications = []
        nodule.haloWidth = 0
        nodule.marginWidth = 0.3
        nodule.contrast = stream.uniform(in: 12...16)
        nodule.heterogeneity = 1
        nodule.attenuation = 0
        nodule.edgeShadow = 0
        nodule.isCyst = false
        return nodule
    }
}
