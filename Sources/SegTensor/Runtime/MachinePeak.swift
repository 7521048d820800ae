internal import CSegKernels

/// What the machine's arithmetic gives at most with the instruction set and the worker pool in use.
public enum MachinePeak {
    /// Fused multiply-adds in 32-bit floats, counted as two, in 10⁹ a second: the best of several short runs of chains
    /// that touch no memory.
    public static func gigaflops() -> Double {
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let rounds = 200_000
        let tasks = pool.threadCount * 8
        let operations = Double(tasks * rounds) * 32 * Double(kernels.peak_chains)
        let total = Locked<Float>(0)
        let clock = ContinuousClock()
        var best = 0.0
        for _ in 0..<12 {
            let start = clock.now
            pool.run(tasks) { _, _ in
                let sum = kernels.peak(rounds)
                total.withLock { $0 += sum }
            }
            best = max(best, operations / ((clock.now - start) / .seconds(1)) / 1e9)
        }
        precondition(total.withLock { $0.isFinite })
        return best
    }
}
