import Foundation
import SegAugmentation
import SegConfiguration
import SegCore
import SegInference
import SegProgress
import SegReport
import SegSettings
import SegStudy
import SegTraining

/// A small study of plugins that break, each in its own way.
enum FaultyStudy {
    private static let configuration = """
        study: faulty
        output: out
        train: {dataset: clinic, \(Chosen.name == "splits" ? "split: {published: halves}" : "validationFraction: 0.4")}
        model:
          backbone: {name: pancake}
          heads: {contour: 1, classification: 1}
          terms: {agreement: 0.1}
        training:
          epochs: 1
          imageSize: 16
          batchSize: 4
          optimizer: descent
          balancing: even
          augmentationSteps: [haze]
        metrics: {emptyMasks: undefinedWhenReferenceEmpty, bootstrapResamples: 200}
        arms: [{name: all}]
        """

    private static func registry() throws -> PluginRegistry {
        var registry = PluginRegistry.standard
        try registry.add(backbone: FaultyBackbone.self)
        try registry.add(head: FaultyHead.self)
        try registry.add(term: FaultyTerm.self)
        try registry.add(optimizer: FaultyOptimizer.self)
        try registry.add(balancing: FaultyBalancing.self)
        try registry.add(augmentation: FaultyAugmentation.self)
        try registry.add(section: FaultySection())
        try registry.add(synthetic: "clinic", settings: NoSettings.self) { _ in FaultyDataset() }
        return registry
    }

    /// Runs the study in the current folder, and ends the process as a command does.
    static func end() -> Never {
        // A parent may have started this process with the signal blocked.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        do {
            let registry = try registry()
            let study = try StudyConfiguration(
                ConfigurationDocument(text: configuration, name: "faulty.yaml"),
                registry: registry
            )
            let interrupts = InterruptHandler()
            let context = RunContext(registry: registry, isCancelled: { interrupts.isInterrupted })
            _ = try StudyRunner(study, in: context).run()
            print("studied")
            exit(0)
        } catch {
            FileHandle.standardError.write(Data("error: \(error)\n".utf8))
            exit(1)
        }
    }
}
