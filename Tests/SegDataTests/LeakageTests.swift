import Foundation
import SegCore
import SegData
import TestSupport
import Testing

@Suite("Patients on both sides")
struct LeakageTests {
    private func part(
        _ role: LeakageAudit.Part.Role,
        _ name: String,
        patients: [String?],
        _ namespace: PatientNamespace = .unknown,
        dataset: String? = nil,
        isPublished: Bool = false
    ) -> LeakageAudit.Part {
        let records = patients.enumerated().map { index, patient in
            var record = SampleRecord(
                id: "\(role.rawValue) \(index)",
                group: patient,
                imageFile: URL(fileURLWithPath: "/\(name)/\(index).png"),
                pathology: .benign
            )
            record.clinical.patient = patient
            return record
        }
        let thumbnails = records.map { record in
            var stream = RandomStream(seed: 1, "thumbnail", StreamKey(name + record.id))
            let image = GrayImage(width: 40, height: 40, pixels: (0..<1600).map { _ in stream.uniform() })
            return Thumbnail(image: image, record: RecordReference(dataset: name, id: record.id))
        }
        return LeakageAudit.Part(
            role: role,
            name: name,
            dataset: dataset ?? name,
            records: records,
            thumbnails: thumbnails,
            patients: namespace,
            isPublished: isPublished
        )
    }

    private func leaks(_ namespaces: (PatientNamespace, PatientNamespace)) -> [String] {
        LeakageAudit([
            part(.training, "train", patients: ["P1", "P17", nil], namespaces.0),
            part(.external, "test", patients: ["P17", "P90", "P17", nil], namespaces.1),
        ]).leaks.map(\.first.group)
    }

    @Test(
        "one name in two folders of a clinic is a leak, whatever the folders are called, and until something says otherwise"
    )
    func folders() {
        #expect(leaks((.unknown, .unknown)) == ["the patient P17"])
        #expect(leaks((.shared, .shared)) == ["the patient P17"] && leaks((.shared, .unknown)) == ["the patient P17"])
        #expect(leaks((.named("A"), .named("A"))) == ["the patient P17"])
        #expect(leaks((.named("A"), .named("B"))) == [] && leaks((.named("A"), .shared)) == [])
        #expect(leaks((.own, .unknown)) == [] && leaks((.own, .own)) == [] && leaks((.unknown, .own)) == [])
    }

    @Test("names that differ in case, blanks or zeros are one patient's, in another data set")
    func names() {
        let audit = LeakageAudit([
            part(.training, "train", patients: ["P1", "17", "170", "ANFO"]),
            part(.external, "test", patients: ["p 01", "17.0", "1700", "anfa"]),
        ])
        #expect(
            audit.leaks.map(\.sentence) == [
                "the patient P1 is in training (train training 0) and, as the patient p 01, in the external set (test external 0)",
                "the patient 17 is in training (train training 1) and, as the patient 17.0, in the external set (test external 1)",
            ]
        )
    }

    @Test("a case without a patient is nobody's, in another data set")
    func cases() {
        let audit = LeakageAudit([
            part(.training, "a", patients: [nil, nil]), part(.external, "b", patients: [nil]),
        ])
        #expect(audit.leaks == [])
        #expect(audit.comparisons.map(\.sentence) == ["the patients of a and b were not compared: a names no patients"])
    }

    @Test("what was compared is told, and why the rest was not")
    func comparisons() {
        let audit = LeakageAudit([
            part(.training, "a", patients: ["1", "2"]), part(.validation, "a", patients: ["3"]),
            part(.external, "b", patients: ["9"]), part(.external, "c", patients: ["1"], .own),
            part(.external, "d", patients: [nil]),
        ])
        #expect(audit.leaks == [])
        #expect(
            audit.comparisons.map(\.sentence) == [
                "the patients of a and b were compared by name",
                "the patients of a and c were not compared: c has patients of its own",
                "the patients of a and d were not compared: d names no patients",
            ]
        )
    }

    @Test("two copies of a published set have the same patients; the error for others says how to tell people apart")
    func copies() {
        let copies = LeakageAudit([
            part(.training, "BUS-BRA", patients: ["1", "2"], .own, isPublished: true),
            part(.external, "again", patients: ["2"], .own, dataset: "BUS-BRA", isPublished: true),
        ])
        #expect(copies.leaks.map(\.second.group) == ["the patient 2"])
        let folders = LeakageAudit([
            part(.training, "north", patients: ["P1"], .own, dataset: "export"),
            part(.external, "south", patients: ["P1"], .own, dataset: "export"),
        ])
        #expect(folders.leaks == [])
        let text = message {
            try LeakageAudit([part(.training, "a", patients: ["P1"]), part(.external, "b", patients: ["P1"])])
                .requireNone()
        }
        #expect(text.contains("the patient P1 is in training (a training 0) and in the external set (b external 0)"))
        #expect(text.contains("if these are other people of the same name, say so in the data set: `patients: own`"))
    }
}
