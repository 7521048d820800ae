/// The name of a type or module that is to be written.
struct TypeName {
    let text: String

    /// Throws if it cannot name a type, or if the files would use another type of that name.
    init(_ name: String) throws {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: false
            }
        }
        guard isPlain, let first = name.first, first.isUppercase else {
            throw ScaffoldError(
                "'\(name)'",
                "is not the name of a Swift type",
                cure: "start with a capital letter and use letters and digits alone, such as MyHospital"
            )
        }
        let taken = [
            "Any", "Array", "AugmentationCatalog", "AugmentationPlugin", "Backbone", "BalancingStep", "Batch",
            "CSVReader",
            "CaseMetric", "ComposedBackbone", "ConsistencyTerm", "DatasetAdapter", "Double", "DoubleConvolution",
            "EmptyMaskHandling", "Encoder", "EncoderDecoder", "EncoderDesign", "EncoderOutline", "Float",
            "ImagePair", "Int", "LayerPlan", "LearningRateSchedule", "Mask", "MaskLoss", "MetricCase",
            "MetricDirection",
            "Module", "ModuleVisitor", "Optimizer", "OptimizerState", "Outputs", "Parameter", "Phase",
            "PluginRegistry", "PluginSettings", "Protocol", "RandomStream", "RatePlan", "ReportContent",
            "ReportContext", "ReportSection", "Sample", "SampleRecord", "Segkit", "SegmentationError",
            "SegmentationKit", "Self", "Settings", "String", "TaskBalancing", "TaskFactor", "TaskHead", "Tensor",
            "Type", "URL",
            "WeightInitializer",
        ]
        if taken.contains(name) {
            throw ScaffoldError(name, "is taken by a type that the file uses", cure: "choose another name")
        }
        text = name
    }

    /// `MyHospital` as configurations and commands would write it: `my-hospital`.
    var dashed: String {
        var result = ""
        var previous: Character = "A"
        for character in text {
            if character.isUppercase, !previous.isUppercase { result += "-" }
            result += character.lowercased()
            previous = character
        }
        return result
    }
}
