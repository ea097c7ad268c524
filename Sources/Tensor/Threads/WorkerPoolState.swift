import CKernels
import Synchronization

/// What the threads of a pool share.
///
/// A job is written before its ticket is published and read after a chunk of it was claimed; the
/// caller replaces it only after all chunks have been counted as done.
// Unchecked: `job` is ordered by the ticket and by `unfinished`, as told above.
final class WorkerPoolState: @unchecked Sendable {
  /// What a chunk needs.
  struct Job {
    /// Added to the number of each chunk.
    let first: Int
    let body: @Sendable (_ chunk: Int, _ worker: Int) -> Void
  }

  private let ticket = PaddedAtomic<UInt64>(0)
  private let unfinished = PaddedAtomic<Int>(0)
  private let sleepers = PaddedAtomic<Int>(0)
  private let isStopping = PaddedAtomic<Bool>(false)
  private let isRunning = Atomic<Bool>(false)
  private let bed = Condition()
  // In memory of its own: a stored property would be checked for exclusive access at each chunk.
  private let job = UnsafeMutablePointer<Job?>.allocate(capacity: 1)

  init() {
    job.initialize(to: nil)
  }

  deinit {
    job.deinitialize(count: 1)
    job.deallocate()
  }

  /// Workers that sleep, or are about to.
  var sleeping: Int { sleepers.value.load(ordering: .sequentiallyConsistent) }

  /// Runs a job of at least one chunk with the workers' help.
  func run(_ job: Job, count: Int) {
    let wasRunning = isRunning.exchange(true, ordering: .acquiring)
    precondition(!wasRunning, "a pool runs one job at a time")
    self.job.pointee = job
    unfinished.value.store(count, ordering: .relaxed)
    let last = Ticket(bits: ticket.value.load(ordering: .relaxed))
    // Sequentially consistent, here and in `sleep`: either the worker sees the new ticket, or the
    // caller sees the sleeper.
    ticket.value.store(
      Ticket(after: last, count: count).bits, ordering: .sequentiallyConsistent)
    if sleeping > 0 { bed.wakeAll() }
    finish(runChunks(as: 0))
    var patience = Patience()
    while unfinished.value.load(ordering: .acquiring) > 0 { patience.wait() }
    self.job.pointee = nil
    isRunning.store(false, ordering: .releasing)
  }

  /// Serves jobs until the pool ends.
  func serve(as worker: Int) {
    while awaitChunk() {
      finish(runChunks(as: worker))
    }
  }

  /// Ends `serve` on all threads.
  func stop() {
    isStopping.value.store(true, ordering: .sequentiallyConsistent)
    bed.wakeAll()
  }

  private func finish(_ chunks: Int) {
    if chunks > 0 { unfinished.value.subtract(chunks, ordering: .acquiringAndReleasing) }
  }

  /// Claims and runs chunks while there are any; returns how many.
  ///
  /// Never inlined, so that the reference to the job's body is gone before the chunks are counted.
  @inline(never)
  private func runChunks(as worker: Int) -> Int {
    guard let first = claim(), let job = job.pointee else { return 0 }
    job.body(job.first + first, worker)
    var done = 1
    // All further chunks are of the same job: it cannot end before this thread's are counted.
    while let chunk = claim() {
      job.body(job.first + chunk, worker)
      done += 1
    }
    return done
  }

  private func claim() -> Int? {
    var bits = ticket.value.load(ordering: .relaxed)
    while let chunk = Ticket(bits: bits).next {
      let (exchanged, original) = ticket.value.weakCompareExchange(
        expected: bits, desired: Ticket(bits: bits).successor.bits,
        successOrdering: .acquiring, failureOrdering: .relaxed)
      if exchanged { return chunk }
      bits = original
    }
    return nil
  }

  /// Waits until there may be a chunk to claim; false when the pool ends.
  private func awaitChunk() -> Bool {
    var patience = Patience()
    while true {
      if isStopping.value.load(ordering: .relaxed) { return false }
      let current = Ticket(bits: ticket.value.load(ordering: .relaxed))
      if current.next != nil { return true }
      if patience.isExhausted {
        sleep(after: current)
        patience = Patience()
      } else {
        patience.wait()
      }
    }
  }

  private func sleep(after last: Ticket) {
    bed.lock()
    sleepers.value.add(1, ordering: .sequentiallyConsistent)
    while Ticket(bits: ticket.value.load(ordering: .sequentiallyConsistent)).job == last.job,
      !isStopping.value.load(ordering: .sequentiallyConsistent)
    {
      bed.wait()
    }
    sleepers.value.subtract(1, ordering: .sequentiallyConsistent)
    bed.unlock()
  }
}
