// Whoever imports SegTraining has what a training is made of: how often it waited for batches, which stands in its history,
// the processes that train together, and the optimizers, schedules and balancings.
@_exported public import SegBatches
@_exported public import SegOptimization
@_exported public import SegReplicas
