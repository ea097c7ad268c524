import CKernels
import Foundation
import Synchronization
import Testing

@testable import Platform
@testable import Tensor

@Suite("Worker threads")
struct WorkerPoolTests {
  /// Counts how often each chunk ran.
  private final class Tally: Sendable {
    let counts: [Counter]

    final class Counter: Sendable {
      let value = Atomic<Int>(0)
    }

    init(_ count: Int) {
      counts = (0..<count).map { _ in Counter() }
    }

    var values: [Int] { counts.map { $0.value.load(ordering: .relaxed) } }
  }

  @Test("Every chunk of every job runs exactly once", arguments: [1, 2, 3, 4, 8])
  func once(threads: Int) {
    let pool = WorkerPool(threads: threads)
    #expect(pool.threads == threads)
    let tally = Tally(40)
    var expected = [Int](repeating: 0, count: 40)
    for job in 0..<3000 {
      let count = job % 41
      pool.run(count) { chunk, _ in tally.counts[chunk].value.add(1, ordering: .relaxed) }
      for chunk in 0..<count { expected[chunk] += 1 }
    }
    #expect(tally.values == expected)
  }

  @Test("A job has returned only when its writes can be read")
  func visible() {
    let pool = WorkerPool(threads: 4)
    var values = [Int](repeating: 0, count: 64)
    values.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let buffer = buffer
      for job in 1...2000 {
        pool.run(64) { chunk, _ in buffer[chunk] += chunk * job }
      }
    }
    let sum = 2000 * 2001 / 2
    #expect(values == (0..<64).map { $0 * sum })
  }

  @Test("Workers' numbers are below the number of threads, and no two threads share one at a time")
  func workers() {
    let pool = WorkerPool(threads: 3)
    let busy = Tally(3)
    let clashes = Tally(1)
    for _ in 0..<200 {
      pool.run(100) { _, worker in
        let (old, _) = busy.counts[worker].value.add(1, ordering: .acquiringAndReleasing)
        if old != 0 { clashes.counts[0].value.add(1, ordering: .relaxed) }
        busy.counts[worker].value.subtract(1, ordering: .acquiringAndReleasing)
      }
    }
    #expect(clashes.values == [0])
  }

  @Test("A job of more chunks than a ticket holds is complete")
  func manyChunks() {
    let pool = WorkerPool(threads: 2)
    let count = Ticket.limit + 3
    let sum = Atomic<Int>(0)
    run(pool, count, sum)
    #expect(sum.load(ordering: .relaxed) == count * (count - 1) / 2)
  }

  private func run(_ pool: WorkerPool, _ count: Int, _ sum: borrowing Atomic<Int>) {
    let tally = Tally(1)
    pool.run(count) { chunk, _ in tally.counts[0].value.add(chunk, ordering: .relaxed) }
    sum.store(tally.values[0], ordering: .relaxed)
  }

  @Test("Idle workers go to sleep, and wake for the next job")
  func sleep() {
    let pool = WorkerPool(threads: 3)
    let tally = Tally(8)
    for job in 1...5 {
      // Far longer than a worker's patience; a worker that never sleeps fails the test.
      for _ in 0..<20_000_000 where pool.sleepingWorkers < 2 { sched_yield() }
      #expect(pool.sleepingWorkers == 2)
      pool.run(8) { chunk, _ in tally.counts[chunk].value.add(1, ordering: .relaxed) }
      #expect(tally.values == Array(repeating: job, count: 8))
    }
  }

  @Test("Other workers do what one that is held up has not claimed")
  func heldUp() {
    let pool = WorkerPool(threads: 2)
    let others = Tally(1)
    let seen = Tally(1)
    pool.run(50) { chunk, _ in
      if chunk == 0 {
        // Without help this chunk is not held up for ever, and the test fails.
        for _ in 0..<20_000_000 where others.counts[0].value.load(ordering: .acquiring) < 49 {
          sched_yield()
        }
        seen.counts[0].value.store(others.values[0], ordering: .relaxed)
      } else {
        others.counts[0].value.add(1, ordering: .releasing)
      }
    }
    #expect(seen.values == [49])
  }

  #if os(Linux)
    /// The processor that runs this; 0 where the system does not tell.
    private static func processor() -> Int {
      let fields = SystemFile.read("/proc/thread-self/stat")?.split(separator: ")").last?
        .split(separator: " ")
      return fields.flatMap { $0.count > 36 ? Int($0[36]) : nil }.map { $0 + 1 } ?? 0
    }

    @Test("Where there is a thread for each processor, the workers leave one to the caller")
    func apart() throws {
      let processors = ThreadBudget.affinityCount
      #expect(WorkerPool(threads: processors + 1).callersProcessor == nil)
      let pool = WorkerPool(threads: processors)
      let home = try #require(pool.callersProcessor)
      let found = Tally(1)
      let caller = DedicatedThread(name: "caller", processor: home) {
        found.counts[0].value.store(Self.processor(), ordering: .relaxed)
      }
      try #require(caller).join()
      #expect(found.values[0] > 0)
      let places = Tally(processors)
      pool.run(processors * 100) { _, worker in
        places.counts[worker].value.store(Self.processor(), ordering: .relaxed)
      }
      // Zero is where a worker had nothing to do.
      #expect(!places.values.dropFirst().contains(found.values[0]))
    }
  #endif

  @Test("Pools that are made and dropped leave no job behind")
  func dropped() {
    let tally = Tally(4)
    for _ in 0..<100 {
      let pool = WorkerPool(threads: 3)
      pool.run(4) { chunk, _ in tally.counts[chunk].value.add(1, ordering: .relaxed) }
    }
    #expect(tally.values == [100, 100, 100, 100])
  }

  @Test("Tickets hand out each chunk once and outlive the largest number of a job")
  func tickets() {
    var ticket = Ticket(after: Ticket(bits: .max), share: 2..<5)
    #expect(ticket.job == 0)
    for chunk in 2..<5 {
      #expect(ticket.next == chunk)
      ticket = ticket.successor
    }
    #expect(ticket.next == nil)
    let largest = Ticket(after: ticket, share: 0..<Ticket.limit)
    #expect(largest.job == 1 && largest.next == 0)
  }
}
