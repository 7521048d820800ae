import SegCore
import SegDatasets
import SegPhantoms
import SegSettings

extension PluginRegistry {
    mutating func addStandardDatasets() throws {
        try add(
            dataset: "breast",
            summary: "BrEaST, 256 images from Poland with BI-RADS descriptors: folder of images, masks and xlsx",
            settings: BrEaST.Settings.self
        ) { BrEaST(folder: $1, settings: $0) }
        try add(
            dataset: "busi",
            summary: "BUSI, 780 images from Egypt: folder with benign, malignant and normal",
            settings: BUSI.Settings.self
        ) { BUSI(folder: $1, selection: $0.curated) }
        try add(
            dataset: "udiat",
            summary: "UDIAT (Dataset B), 163 images from Spain: folder with original, GT and DatasetB.xlsx"
        ) { UDIAT(folder: $0) }
        try add(
            dataset: "bus-uclm",
            summary: "BUS-UCLM, 683 images of 38 patients from Spain: folder with images, masks and INFO.csv"
        ) { BUSUCLM(folder: $0) }
        try add(
            dataset: "bus-bra",
            summary: "BUS-BRA, 1875 images of 1064 patients from Brazil: folder with Images, Masks and bus_data.csv"
        ) { BUSBRA(folder: $0) }
        try add(
            dataset: "stu",
            summary: "STU-Hospital, 42 images from China without labels: folder with Test_Image_N.png and mask_N.png"
        ) { STUHospital(folder: $0) }
        try addGenericDatasets()
        try add(
            synthetic: "phantom",
            summary: "Synthetic breast ultrasound with known masks and labels, made in memory",
            settings: PhantomSettings.self
        ) { try $0.makeDataset() }
        try add(
            dataset: "phantom-folder",
            summary: "A folder that `segkit synthesize` wrote"
        ) { PhantomFolder(folder: $0) }
    }

    /// Data sets that need no code.
    private mutating func addGenericDatasets() throws {
        try add(
            dataset: "folder",
            summary: "A folder of images and masks that are matched by their file names",
            settings: FolderPattern.Settings.self
        ) { try FolderPattern(folder: $1, settings: $0) }
        try add(
            dataset: "manifest",
            summary: "A CSV or JSON table of images, masks, patients and labels: folder with manifest.csv",
            settings: Manifest.Settings.self
        ) { try Manifest(folder: $1, settings: $0) }
        try add(
            dataset: "coco",
            summary: "Outlines in a COCO annotation file: folder with one JSON and images",
            settings: COCO.Settings.self
        ) { try COCO(folder: $1, settings: $0) }
        try add(
            dataset: "nnunet",
            summary: "nnU-Net's layout in PNG or TIFF: folder with dataset.json, imagesTr and labelsTr",
            settings: NNUNet.Settings.self
        ) { try NNUNet(folder: $1, settings: $0) }
    }
}
