public import SegCore
public import SegSettings
import SegTensor

/// Makes an encoder's recipe from its configuration.
public typealias MakeEncoder =
    @Sendable (_ configuration: ConfigurationValue, _ subject: String) throws -> EncoderDesign

extension PluginKind where Make == MakeEncoder {
    /// Turns images into features of several resolutions, for any decoder.
    public static var encoder: PluginKind { PluginKind("encoder") }
}

extension PluginRegistry {
    /// Adds an encoder that the backbones' setting `encoder` can name. Throws if the name is taken.
    ///
    /// - Parameter design: throws ``SegmentationError`` for settings that fit no encoder.
    public mutating func add<Settings: PluginSettings>(
        encoder name: String,
        summary: String,
        settings: Settings.Type,
        design: @escaping @Sendable (Settings) throws -> EncoderDesign
    ) throws {
        try add(.encoder, named: name, summary: summary, settings: settings) { configuration, subject in
            try PluginContext.with("encoder `\(name)`") { try design(Settings(configuration, subject: subject)) }
        }
    }
}

/// Settings of a backbone whose encoder can be exchanged for one by name.
public protocol EncoderChoice: ComposedSettings, ExplainedSettings {
    /// The encoder; the backbone's own if `nil`.
    var encoder: NamedPlugin? { get set }

    /// How many of the last stages of the encoder keep their resolution and spread their taps instead. Default: none.
    var dilatedStages: Int { get }

    /// Settings of the backbone's own encoder, which mean nothing beside another.
    static var ownEncoder: [String] { get }
}

extension EncoderChoice {
    public static var meanings: [String: SettingMeaning] { sharedMeanings }

    /// What settings mean that most backbones have.
    public static var sharedMeanings: [String: SettingMeaning] {
        [
            "depth": "Stages, the bottleneck included",
            "width": "Channels of the first stage; each has twice as many as the one before",
            "maximumWidth": "Channels of a stage at most",
            "normalization": "What follows each convolution",
            "activation": "The nonlinearity",
            "upsampling": "How the decoder doubles the resolution",
            "dropout": "The share of channels that each stage drops in training",
            "encoder": "An [encoder](#encoder) by name instead of the backbone's own, such as `resnet18`",
        ]
    }

    public static var ownEncoder: [String] { ["depth", "width", "maximumWidth"] }

    public var dilatedStages: Int { 0 }

    public func resolved(in registry: PluginRegistry, subject: String) throws -> Self {
        var result = self
        result.encoder = try encoder.map { try registry.resolved(.encoder, $0, subject: "\(subject).encoder") }
        return result
    }

    /// The recipe of the encoder that they name; `nil` if they name none.
    ///
    /// - Throws: ``SegmentationError`` for a name that the registry lacks, wrong settings, settings of the backbone's own
    ///   encoder beside another, and more dilated stages than the encoder can have.
    func design(in registry: PluginRegistry, subject: String) throws -> EncoderDesign? {
        guard let encoder else { return nil }
        let own = try ConfigurationValue(encoding: self).members ?? [:]
        let defaults = try ConfigurationValue(encoding: Self()).members ?? [:]
        for name in Self.ownEncoder where own[name] != defaults[name] {
            throw SegmentationError(
                "\(subject).\(name)",
                "is a setting of the backbone's own encoder, and `encoder` names \(encoder.name)",
                cure: "leave it out, or leave `encoder` out"
            )
        }
        let design = try registry.find(.encoder, encoder.name, subject: "\(subject).encoder")
            .make(encoder.settings, "\(subject).encoder.settings")
        guard dilatedStages <= design.dilatableStages else {
            throw SegmentationError(
                "\(subject).dilatedStages",
                "is \(dilatedStages), and `\(encoder.name)` can keep the resolution of "
                    + (design.dilatableStages == 0
                        ? "none of its stages" : "its last \(design.dilatableStages) stages at most"),
                cure: "set dilatedStages to \(design.dilatableStages == 0 ? "0" : "\(design.dilatableStages) or less")"
            )
        }
        return design.dilated(lastStages: dilatedStages)
    }
}

/// A backbone whose encoder can be exchanged for one by name: `{name: unet, settings: {encoder: resnet18}}`.
public protocol EncoderChoosing: ComposedBackbone where Settings: EncoderChoice {
    /// - Parameter encoder: takes the place of the backbone's own.
    init(
        _ settings: Settings,
        encoder: EncoderDesign?,
        inputChannels: Int,
        initializer: inout WeightInitializer
    ) throws
}

extension EncoderChoosing {
    /// The backbone with an encoder of the library's own that its settings may name.
    public init(_ settings: Settings, inputChannels: Int = 1, initializer: inout WeightInitializer) throws {
        try self.init(
            settings,
            encoder: settings.encoder == nil
                ? nil : settings.design(in: EncoderNames.standard, subject: "settings"),
            inputChannels: inputChannels,
            initializer: &initializer
        )
    }
}

private enum EncoderNames {
    static let standard: PluginRegistry = {
        var registry = PluginRegistry()
        do { try registry.addStandardEncoders() } catch {
            preconditionFailure("the library's own encoders have unique names: \(error)")
        }
        return registry
    }()
}

extension PluginRegistry {
    /// Adds a backbone whose encoder can be exchanged, under its type's name unless another is given. Throws if the name is
    /// taken.
    public mutating func add<Plugin: EncoderChoosing>(backbone: Plugin.Type, named name: String = Plugin.name) throws {
        try add(.backbone, named: name, summary: Plugin.summary, settings: Plugin.Settings.self) {
            configuration,
            subject,
            registry,
            channels,
            initializer in
            try PluginContext.with("backbone `\(name)`") {
                let settings = try Plugin.Settings(configuration, subject: subject)
                return try Plugin(
                    settings,
                    encoder: settings.design(in: registry, subject: subject),
                    inputChannels: channels,
                    initializer: &initializer
                )
            }
        }
    }
}
