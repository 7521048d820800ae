import Foundation
import SegTensor
import Synchronization
import Testing

@Suite struct RuntimeTests {
    @Test(arguments: [1, 2, 5])
    func everyTaskRunsOnce(_ threads: Int) {
        let pool = WorkerPool(threadCount: threads)
        for round in 0..<3000 {
            let count = round % 9
            let hits = (0..<9).map { _ in Counter() }
            pool.run(count) { task, worker in
                hits[task].add(worker < threads ? 1 : 1000)
            }
            #expect(hits.enumerated().allSatisfy { $1.value == ($0 < count ? 1 : 0) })
        }
    }

    /// A task that runs another loop does it by itself.
    @Test func nestedLoopsFinish() {
        let pool = WorkerPool(threadCount: 3)
        let total = Counter()
        for _ in 0..<200 {
            pool.run(7) { _, _ in
                pool.run(5) { task, _ in total.add(task) }
            }
        }
        #expect(total.value == 200 * 7 * 10)
    }

    /// Whoever comes while the workers are busy works alone; nobody's tasks are lost or done twice.
    @Test func callersOnSeveralThreadsDoNotDisturbEachOther() {
        let pool = WorkerPool(threadCount: 3)
        let total = Counter()
        let finished = DispatchGroup()
        for caller in 0..<4 {
            let thread = Thread {
                WorkerPool.with(pool) {
                    for round in 0..<50 {
                        let x = Tensor(repeating: Float(caller + 1), shape: [3, 1 << 15])
                        let sum = (x + Float(round)).sum().item
                        if sum == Float((caller + 1 + round) * 3 << 15) { total.add(1) }
                    }
                }
                finished.leave()
            }
            finished.enter()
            thread.start()
        }
        finished.wait()
        #expect(total.value == 4 * 50)
    }

    /// Pools come and go without leaving their threads behind.
    @Test func poolsStopTheirThreads() {
        let total = Counter()
        for _ in 0..<50 {
            let pool = WorkerPool(threadCount: 4)
            pool.run(16) { _, _ in total.add(1) }
        }
        #expect(total.value == 50 * 16)
    }

    @Test func memoryIsUsedAgain() {
        // A size that nothing else here asks for.
        let count = 1_234_567
        let first = Storage(count: count).pointer
        let second = Storage(count: count)
        #expect(second.pointer == first)
        #expect(Int(bitPattern: first) % 64 == 0)
        // While it is in use, it is nobody else's.
        let third = Storage(zeros: count)
        #expect(third.pointer != second.pointer)
        #expect(third.pointer[0] == 0 && third.pointer[count - 1] == 0)
    }

    @Test func nothingIsRecordedWithoutGradients() {
        let parameter = Parameter(pseudo(1, [4]))
        #expect(parameter.tensor.squared().isRecorded)
        withoutGradients {
            #expect(!parameter.tensor.squared().isRecorded)
        }
        #expect(!parameter.tensor.detached.squared().isRecorded)
        // The operand was recorded, but what is done with it here is not.
        let y = parameter.tensor.squared()
        #expect(!withoutGradients { y + 1 }.isRecorded)
    }

    @Test func gradientsAddUp() {
        let parameter = Parameter(Tensor([1, 2, 3], shape: [3]))
        for round in 1...2 {
            let x = parameter.tensor
            // One tensor used three times.
            (x * x + x).sum().backward()
            #expect(parameter.gradient?.values() == [3, 5, 7].map { $0 * Float(round) })
        }
        parameter.clearGradient()
        #expect(parameter.gradient == nil)
    }

    /// A graph may outlive the parameters that it came from.
    @Test func aParameterThatIsGoneIsLeftOut() {
        let kept = Parameter(Tensor(3))
        let y = Parameter(Tensor(2)).tensor * kept.tensor
        y.backward()
        #expect(kept.gradient?.item == 2)
    }

    @Test func assigningAValueLeavesTheOldOneAlone() {
        let parameter = Parameter(Tensor([1, 2], shape: [2]))
        let held = parameter.value
        parameter.value = Tensor([3, 4], shape: [2])
        #expect(held.values() == [1, 2])
        #expect(parameter.value.values() == [3, 4])
    }

    @Test func shapesBroadcastFromTheLastAxis() {
        #expect(Shape.broadcast([2, 3], [3]) == [2, 3])
        #expect(Shape.broadcast([2, 1], [1, 4]) == [2, 4])
        #expect(Shape.broadcast([], [5]) == [5])
        #expect(Shape.broadcast([0, 3], [1, 3]) == [0, 3])
        #expect(Shape.broadcast([2], [3]) == nil)
    }
}

private final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .relaxed) }
    func add(_ amount: Int) { count.add(amount, ordering: .relaxed) }
}
