// Whoever imports SegTraining has the optimizers, schedules and balancings that a training is made of.
@_exported public import SegOptimization
