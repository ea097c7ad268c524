#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the engine's thread is told from outside.
enum Command {
  /// Start a generation.
  case submit(Generation)
  /// Stop a generation and free what it holds.
  case cancel(SequenceID, Cancellation)
}

/// When a generation was cancelled, and how far it had come.
struct Cancellation {
  let phase: GenerationPhase
  let time: ContinuousClock.Instant
}

/// The one place where other threads and the engine's thread meet.
///
/// `@unchecked Sendable`: every access to the state holds the mutex.
final class Mailbox: @unchecked Sendable {
  /// Whether new requests are taken.
  private enum Phase {
    case open, draining, stopped
  }

  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let arrival: UnsafeMutablePointer<pthread_cond_t>
  private var phase = Phase.open
  private var commands: [Command] = []
  private var nextID: UInt64 = 0
  private var published = EngineStatus()
  private var ledger = RequestLedger()
  /// What cancelling requests that waited took until their places were free.
  private var cancelToFree = DurationTally()
  private var stepStart: ContinuousClock.Instant?
  private var drained: [CheckedContinuation<Void, Never>] = []

  init() {
    mutex = .allocate(capacity: 1)
    arrival = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(arrival, nil)
  }

  deinit {
    pthread_cond_destroy(arrival)
    pthread_mutex_destroy(mutex)
    arrival.deallocate()
    mutex.deallocate()
  }

  /// The engine's status as last published, and what waits now.
  var status: EngineStatus {
    locked {
      var status = published
      status.waiting = ledger.waiting
      status.waitingTokens = ledger.waitingTokens
      status.cancelToFree[.queued] = cancelToFree
      if let stepStart { status.secondsInStep = (ContinuousClock.now - stepStart) / .seconds(1) }
      return status
    }
  }

  /// Puts a new generation into the box, or refuses it at once, however long the current step takes.
  ///
  /// - Returns: The identity that it was given.
  func submit(
    _ generation: Generation, limits: SchedulerLimits
  ) throws(EngineError) -> SequenceID {
    let (client, tokens) = (generation.request.terms.client, generation.request.prompt.count)
    let result: Result<SequenceID, EngineError> = locked {
      if let reason = refusal(of: client, tokens: tokens, limits: limits) {
        return .failure(reason)
      }
      let id = SequenceID(nextID)
      nextID += 1
      generation.id = id
      commands.append(.submit(generation))
      ledger.add(id, of: client, tokens: tokens)
      pthread_cond_signal(arrival)
      return .success(id)
    }
    return try result.get()
  }

  /// Refuses a client's next request where one with so many tokens would be refused now.
  func checkRoom(
    for client: String, tokens: Int = 1, limits: SchedulerLimits
  ) throws(EngineError) {
    if let refusal = locked({ refusal(of: client, tokens: tokens, limits: limits) }) {
      throw refusal
    }
  }

  /// Why a request would be refused; to be called while the mutex is held.
  private func refusal(of client: String, tokens: Int, limits: SchedulerLimits) -> EngineError? {
    guard phase == .open else { return .shuttingDown }
    return ledger.refusal(of: client, tokens: tokens, limits: limits).map { EngineError($0) }
  }

  /// Asks for a generation to be stopped; where it waits its place is free at once.
  func cancel(_ id: SequenceID) {
    let time = ContinuousClock.now
    locked {
      guard phase != .stopped, let reached = ledger.phase(of: id) else { return }
      commands.append(.cancel(id, Cancellation(phase: reached, time: time)))
      if reached == .queued {
        ledger.withdraw(id)
        cancelToFree.add((.now - time) / .seconds(1))
      }
      pthread_cond_signal(arrival)
    }
  }

  /// Takes all commands; waits for one while `idle`. Nil when the engine is to end.
  func take(idle: Bool) -> [Command]? {
    locked {
      while idle, commands.isEmpty, phase != .stopped { pthread_cond_wait(arrival, mutex) }
      guard phase != .stopped else { return nil }
      let taken = commands
      commands.removeAll(keepingCapacity: true)
      return taken
    }
  }

  /// Publishes the status before or after a step, and what became of generations since the last time.
  func publish(
    _ status: EngineStatus, changes: [PhaseChange], ended: [SequenceID], isStepping: Bool
  ) {
    let resumed: [CheckedContinuation<Void, Never>] = locked {
      published = status
      stepStart = isStepping ? .now : nil
      for change in changes { ledger.apply(change) }
      for id in ended { ledger.end(id) }
      guard ledger.isEmpty else { return [] }
      defer { drained = [] }
      return drained
    }
    for waiter in resumed { waiter.resume() }
  }

  /// Refuses new requests from now on; returns when all generations have ended.
  func drain() async {
    await withCheckedContinuation { continuation in
      let done = locked {
        if phase == .open { phase = .draining }
        let isDone = ledger.isEmpty || phase == .stopped
        if !isDone { drained.append(continuation) }
        return isDone
      }
      if done { continuation.resume() }
    }
  }

  /// Ends the engine's thread after its current step.
  func stop() {
    locked {
      phase = .stopped
      pthread_cond_signal(arrival)
    }
  }

  /// Takes what is left after the end: submitted generations that never ran.
  func abandon() -> [Command] {
    let (left, waiters) = locked {
      defer { (commands, drained, ledger) = ([], [], RequestLedger()) }
      return (commands, drained)
    }
    for waiter in waiters { waiter.resume() }
    return left
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}
