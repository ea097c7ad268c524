import CKernels
import Platform

/// Threads that split one job at a time into chunks; idle threads spin briefly, then sleep.
///
/// Each thread begins with a share of neighbouring chunks, which stream well from memory, and claims
/// them one by one, so that others can do what a thread that the system has suspended did not begin.
public final class WorkerPool: Sendable {
  /// What runs a chunk: the context handed to `run`, the chunk's number and the worker's.
  package typealias Function = @convention(c) (UnsafeRawPointer, Int, Int) -> Void

  /// The threads that run chunks, the calling one included.
  public let threads: Int
  /// The processor that the workers leave to the thread that calls `run`, counted in the process's mask:
  /// there it is in the way of none of them. Nil where workers are not tied to processors.
  package let callersProcessor: Int?
  private let state: WorkerPoolState
  private let workers: [DedicatedThread]

  /// Starts `threads - 1` workers, or as many as the system allows.
  ///
  /// Each is tied to a processor of its own if the pool is to use all that this process may use.
  public init(threads: Int) {
    let isPinned = threads == ThreadBudget.affinityCount
    let state = WorkerPoolState(threads: max(threads, 1))
    var workers: [DedicatedThread] = []
    for index in 1..<max(threads, 1) {
      let started = DedicatedThread(name: "apus-\(index)", processor: isPinned ? index : nil) {
        state.serve(as: index)
      }
      guard let worker = started else { break }
      workers.append(worker)
    }
    self.state = state
    self.workers = workers
    callersProcessor = isPinned ? 0 : nil
    self.threads = workers.count + 1
  }

  deinit {
    state.stop()
    for worker in workers { worker.join() }
  }

  /// Workers that sleep: all of them, some time after the last job.
  package var sleepingWorkers: Int { state.sleeping }

  /// Jobs so far that threads shared: each makes all of them wait for the last.
  package var sharedJobs: Int { state.jobs }

  /// Runs `body(chunk, worker)` once for each chunk in `0..<count`, and returns when all have run.
  ///
  /// Workers are numbered `0..<threads`; the caller is 0. One thread at a time may call this, and
  /// `body` may not.
  public func run(_ count: Int, _ body: @escaping @Sendable (_ chunk: Int, _ worker: Int) -> Void) {
    withUnsafePointer(to: body) { body in
      run(count, context: body) { context, chunk, worker in
        context.assumingMemoryBound(to: Body.self).pointee(chunk, worker)
      }
    }
  }

  private typealias Body = @Sendable (Int, Int) -> Void

  /// The same for a function of plain words, which counts no references and allocates nothing.
  ///
  /// `context` must stay valid until this returns.
  package func run(_ count: Int, context: UnsafeRawPointer, _ function: Function) {
    if workers.isEmpty || count <= 1 {
      for chunk in 0..<max(count, 0) { function(context, chunk, 0) }
      return
    }
    for first in stride(from: 0, to: count, by: Ticket.limit) {
      let job = WorkerPoolState.Job(first: first, context: context, function: function)
      state.run(job, count: min(Ticket.limit, count - first))
    }
  }
}
