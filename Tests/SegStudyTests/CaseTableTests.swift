import Foundation
import SegCore
import SegResults
import SegStudy
import Testing

@Suite struct CaseTableTests {
    static func row(_ arm: String, _ seed: UInt64, _ dataset: String, _ caseID: String) -> CaseResult {
        CaseResult(
            arm: arm,
            seed: seed,
            dataset: dataset,
            caseID: caseID,
            group: caseID,
            pathology: .benign,
            dice: 0.5,
            iou: 0.25
        )
    }

    @Test func fieldsAreQuotedAsRFC4180Asks() {
        var row = Self.row("arm \"x\"", 7, "A,B", "benign (1)")
        row.group = "line\nbreak"
        row.pathology = nil
        row.hausdorff95 = 12.5
        row.surfaceDistance = .nan
        row.hausdorff95InMillimeters = 0.75
        row.surfaceDice = 0.875
        row.detection = LesionCounts(found: 2, missed: 1, invented: 3)
        row.malignancyProbability = .nan
        row.scaledMalignancyProbability = 0.25
        row.lesionFraction = 0.1
        row.predictedFraction = 0.125
        row.imageArea = 412.5
        row.category = .lowSuspicion
        row.expectedDice = 0.75
        row.features = ["enc": 1.25, "other,one": -.infinity]
        let csv = CaseTable([row], arms: [], datasets: [], features: ["enc", "depth"]).csv()
        let lines = csv.components(separatedBy: "\r\n")
        #expect(
            lines == [
                "arm,seed,dataset,case,group,pathology,dice,iou,hd95_px,assd_px,hd95_mm,assd_mm,nsd,"
                    + "lesions_found,lesions_missed,lesions_invented,p_malignant,p_malignant_scaled,prior,lesion_fraction,"
                    + "predicted_fraction,image_mm2,birads,expected_dice,enc,depth,"
                    + "\"other,one\"",
                "\"arm \"\"x\"\"\",7,\"A,B\",benign (1),\"line\nbreak\",,0.5,0.25,12.5,NaN,0.75,,0.875,2,1,3,NaN,0.25,,0.1,0.125,412.5,4a,0.75,1.25,,-Inf",
                "",
            ]
        )
    }

    @Test func carriageReturnsAndSpacesAtTheEndsAreQuoted() {
        var row = Self.row("a", 1, "d", "one\r\ntwo")
        row.group = " g"
        let csv = CaseTable([row], arms: [], datasets: [], features: []).csv()
        #expect(csv.hasSuffix("a,1,d,\"one\r\ntwo\",\" g\",benign,0.5,0.25,,,,,,,,,,,,,,,,\r\n"))
    }

    @Test func rowsHaveOneOrder() {
        let sorted = [
            Self.row("b", 1, "Z", "case2"), Self.row("b", 1, "Z", "case1x"), Self.row("b", 2, "Z", "case0"),
            Self.row("b", 1, "A", "é"), Self.row("a", 10, "Z", "c"), Self.row("a", 1, "unknown", "c"),
            Self.row("later", 1, "Z", "c"), Self.row("more", 1, "Z", "c"),
        ]
        let expected = [sorted[1], sorted[0]] + sorted[2...]
        for rows in [sorted, sorted.reversed(), Array(sorted[4...] + sorted[..<4])] {
            let table = CaseTable(rows, arms: ["b", "a"], datasets: ["Z", "A"], features: [])
            #expect(table.rows == expected)
        }
    }

    @Test func noRowsLeaveTheHeader() {
        let csv = CaseTable([], arms: [], datasets: [], features: ["enc"]).csv()
        #expect(csv == CaseTable.fixedColumns.joined(separator: ",") + ",enc\r\n")
    }
}
