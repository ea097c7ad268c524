import CKernels
import Platform
import Synchronization

/// What the threads of a pool share.
///
/// A job is written before its tickets are published and read after a chunk of it was claimed; the
/// caller replaces it only after all chunks have been counted as done.
// Unchecked: `job` is ordered by the tickets and by `unfinished`, as told above.
final class WorkerPoolState: @unchecked Sendable {
  /// What a chunk needs: plain words, because counting references to an object that all threads use
  /// would cost more than many a chunk.
  struct Job {
    /// Added to the number of each chunk.
    let first: Int
    let context: UnsafeRawPointer
    let function: WorkerPool.Function
  }

  private let threads: Int
  /// One for each thread.
  private let tickets: UnsafeMutablePointer<PaddedAtomic<UInt64>>
  private let unfinished = PaddedAtomic<Int>(0)
  private let sleepers = PaddedAtomic<Int>(0)
  private let isStopping = PaddedAtomic<Bool>(false)
  private let isRunning = Atomic<Bool>(false)
  private let finishedJobs = Atomic<Int>(0)
  private let bed = Condition()
  // In memory of its own: a stored property would be checked for exclusive access at each chunk.
  private let job = UnsafeMutablePointer<Job?>.allocate(capacity: 1)

  init(threads: Int) {
    self.threads = threads
    tickets = .allocate(capacity: threads)
    for thread in 0..<threads { (tickets + thread).initialize(to: PaddedAtomic(0)) }
    job.initialize(to: nil)
  }

  deinit {
    tickets.deinitialize(count: threads)
    tickets.deallocate()
    job.deinitialize(count: 1)
    job.deallocate()
  }

  /// Jobs that ended.
  var jobs: Int { finishedJobs.load(ordering: .relaxed) }

  /// Workers that sleep, or are about to.
  var sleeping: Int { sleepers.value.load(ordering: .sequentiallyConsistent) }

  /// Runs a job of at least one chunk with the workers' help; each thread begins with a share of its
  /// own, of neighbouring chunks, and then helps the others.
  func run(_ job: Job, count: Int) {
    let wasRunning = isRunning.exchange(true, ordering: .acquiring)
    precondition(!wasRunning, "a pool runs one job at a time")
    self.job.pointee = job
    unfinished.value.store(count, ordering: .relaxed)
    for thread in 0..<threads {
      let last = Ticket(bits: tickets[thread].value.load(ordering: .relaxed))
      let share = count * thread / threads..<count * (thread + 1) / threads
      // Sequentially consistent, here and in `sleep`: either the worker sees the new ticket, or the
      // caller sees the sleeper.
      tickets[thread].value.store(
        Ticket(after: last, share: share).bits, ordering: .sequentiallyConsistent)
    }
    if sleeping > 0 { bed.wakeAll() }
    finish(runChunks(as: 0))
    var patience = Patience()
    while unfinished.value.load(ordering: .acquiring) > 0 { patience.wait() }
    self.job.pointee = nil
    finishedJobs.add(1, ordering: .relaxed)
    isRunning.store(false, ordering: .releasing)
  }

  /// Serves jobs until the pool ends.
  func serve(as worker: Int) {
    while awaitShare(of: worker) {
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
  private func runChunks(as worker: Int) -> Int {
    guard let first = claim(as: worker), let job = job.pointee else { return 0 }
    job.function(job.context, job.first + first, worker)
    var done = 1
    // All further chunks are of the same job: it cannot end before this thread's are counted.
    while let chunk = claim(as: worker) {
      job.function(job.context, job.first + chunk, worker)
      done += 1
    }
    return done
  }

  /// Claims the next chunk of the worker's own share, or of another's.
  private func claim(as worker: Int) -> Int? {
    for offset in 0..<threads {
      let thread = worker + offset
      if let chunk = claim(from: thread < threads ? thread : thread - threads) { return chunk }
    }
    return nil
  }

  private func claim(from thread: Int) -> Int? {
    var bits = tickets[thread].value.load(ordering: .relaxed)
    while let chunk = Ticket(bits: bits).next {
      let (exchanged, original) = tickets[thread].value.weakCompareExchange(
        expected: bits, desired: Ticket(bits: bits).successor.bits,
        successOrdering: .acquiring, failureOrdering: .relaxed)
      if exchanged { return chunk }
      bits = original
    }
    return nil
  }

  /// Waits until there may be a chunk to claim; false when the pool ends.
  private func awaitShare(of worker: Int) -> Bool {
    var patience = Patience()
    while true {
      if isStopping.value.load(ordering: .relaxed) { return false }
      let current = Ticket(bits: tickets[worker].value.load(ordering: .relaxed))
      if current.next != nil { return true }
      if patience.isExhausted {
        sleep(after: current, as: worker)
        patience = Patience()
      } else {
        patience.wait()
      }
    }
  }

  private func sleep(after last: Ticket, as worker: Int) {
    bed.lock()
    sleepers.value.add(1, ordering: .sequentiallyConsistent)
    while job(of: worker) == last.job,
      !isStopping.value.load(ordering: .sequentiallyConsistent)
    {
      bed.wait()
    }
    sleepers.value.subtract(1, ordering: .sequentiallyConsistent)
    bed.unlock()
  }

  /// The number of the job that a worker's ticket belongs to.
  private func job(of worker: Int) -> UInt64 {
    Ticket(bits: tickets[worker].value.load(ordering: .sequentiallyConsistent)).job
  }
}
