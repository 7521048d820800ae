import SegCore

extension PhantomGenerator {
    /// A lesion and where its center lies in the image, mm.
    struct PlacedLesion {
        var lesion: PhantomLesion
        var x: Float
        var y: Float
    }

    /// Everything about an image but its pixels.
    struct Case {
        var index: Int
        var patient: Int
        var pathology: Pathology
        /// The side of a pixel, mm.
        var pixel: Float
        var layers: PhantomTissue.Layers
        /// The lesion in this plane, as large as it would be with room enough.
        var lesion: PhantomLesion?
        /// Chance of this plane, as far as it was drawn from.
        private var view: RandomStream

        init(_ generator: PhantomGenerator, index: Int) {
            precondition(index >= 0, "images are numbered from 0")
            let (scanner, patients) = (generator.center.scanner, generator.center.patients)
            self.index = index
            patient = index / max(1, patients.imagesPerPatient)
            pathology = Self.pathology(of: patient, generator)

            var stream = generator.stream("patient", patient)
            let depth = stream.uniform(in: scanner.depth)
            pixel = depth / Float(scanner.height)
            layers = PhantomTissue.Layers(depth: depth, patients: patients, using: &stream)
            view = generator.stream("view", index)
            guard pathology.hasLesion else { return }
            lesion = PhantomLesion(pathology: pathology, patients: patients, using: &stream).seen(using: &view)
        }

        /// The lesion where it lies, and its center, mm. Takes its outline, which a list of records needs not.
        func placed(in scanner: SyntheticCenter.Scanner) -> PlacedLesion? {
            guard var lesion else { return nil }
            var view = view
            let depth = pixel * Float(scanner.height)
            let width = Float(scanner.width) * pixel
            // A lesion larger than the plane allows is scaled down rather than cut off.
            var reach = LesionOutline(lesion).reach
            let room = min(width * 0.46, (depth - layers.skin) * 0.42)
            if reach > room {
                lesion.radius *= room / reach
                reach = room
            }
            let x = width / 2 + view.uniform(in: -1...1) * (width / 2 - reach) * 0.8
            let middle = layers.fat + (layers.gland - layers.fat) * view.uniform(in: 0.25...0.75)
            let highest = layers.skin + 0.6 + reach
            let y = min(max(middle, highest), max(highest, depth * 0.92 - reach))
            return PlacedLesion(lesion: lesion, x: x, y: y)
        }

        /// Twenty patients in a row have the center's exact shares, in shuffled order: a small set is as balanced as a
        /// large one.
        private static func pathology(of patient: Int, _ generator: PhantomGenerator) -> Pathology {
            let patients = generator.center.patients
            var block = (0..<20).map { place -> Pathology in
                if place < patients.normalOfTwenty { return .normal }
                return place < patients.normalOfTwenty + patients.malignantOfTwenty ? .malignant : .benign
            }
            var stream = generator.stream("block", patient / 20)
            stream.shuffle(&block)
            return block[patient % 20]
        }
    }
}
