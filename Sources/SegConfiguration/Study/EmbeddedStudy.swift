/// The study that `segkit study` runs when no file is named.
public enum EmbeddedStudy {
    /// The content of `Examples/Studies/quick.yaml`; a test checks that the two are equal.
    public static let quick = #"""
        # The study that `segkit study` runs when no file is named: synthetic centers, some minutes on two cores.
        # Train on one center, test on three others whose scanners and patients differ; three arms.
        study: quick
        question: >-
          Does learning malignancy beside segmentation cost segmentation on unseen centers, and does a BI-RADS consistency
          term help? A rehearsal on synthetic images: it shows how a study works, not what is true of patients.
        seeds: [1]
        output: runs/quick

        train:
          dataset: phantom
          # Of half as many, seeds differ by about as much as arms: Documentation/Interference.md has the figures of both.
          settings: {center: northern, count: 320, seed: 1}
          validationFraction: 0.25

        test:
          - dataset: phantom
            settings: {center: eastern, count: 80, seed: 2}
          - dataset: phantom
            settings: {center: southern, count: 80, seed: 3}
          - dataset: phantom
            settings: {center: western, count: 80, seed: 4}

        # What all arms share. `segkit plugins` lists every setting.
        model:
          backbone:
            name: unet
            settings: {width: 8, depth: 5, normalization: batch, upsampling: transposed}
          heads:
            segmentation: {weight: 1}
            classification: {weight: 1}

        training:
          imageSize: 64
          epochs: 20
          batchSize: 8
          learningRate: 0.002
          weightDecay: 0.01
          # Do the tasks' gradients pull the shared encoder apart? Looked at every fifth epoch.
          diagnostics:
            interference: {every: 5, batches: 4}

        metrics:
          emptyMasks: undefinedWhenReferenceEmpty

        # Each arm names only what differs from the above. The first is the reference that the others are compared with.
        reference: multi-task
        arms:
          - name: segmentation-only
            title: Segmentation only
            model:
              heads: {classification: off}
          - name: multi-task
            title: Multi-task baseline
          - name: consistency
            title: Multi-task + BI-RADS consistency
            # The settings that Examples/Studies/protocol.yaml chose on patients.
            model:
              heads:
                classification: {settings: {backboneGradient: 0}}
              terms:
                birads: {weight: 5, settings: {updatesMask: false, updatesPrior: false, priorSupervision: 1, statistics: running}}

        """#
}
