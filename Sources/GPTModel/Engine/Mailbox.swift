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
  case cancel(SequenceID, at: ContinuousClock.Instant)
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
  private var submitsInBox = 0
  private var tokensInBox = 0
  private var stepStart: ContinuousClock.Instant?
  /// Generations of each client that have not ended.
  private var active: [String: Int] = [:]
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

  /// The engine's status as last published, with what waits in the box.
  var status: EngineStatus {
    locked {
      var status = published
      status.waiting += submitsInBox
      status.waitingTokens += tokensInBox
      if let stepStart { status.secondsInStep = (ContinuousClock.now - stepStart) / .seconds(1) }
      return status
    }
  }

  /// Puts a new generation into the box, or refuses it at once, however long the current step takes.
  func submit(
    _ request: GenerationRequest, limits: SchedulerLimits, _ make: (SequenceID) -> Generation
  ) throws(EngineError) {
    let refusal: EngineError? = locked {
      if let reason = self.refusal(of: request, limits: limits) { return reason }
      commands.append(.submit(make(SequenceID(nextID))))
      nextID += 1
      submitsInBox += 1
      tokensInBox += request.prompt.count
      active[request.terms.client, default: 0] += 1
      pthread_cond_signal(arrival)
      return nil
    }
    if let refusal { throw refusal }
  }

  /// Asks for a generation to be stopped.
  func cancel(_ id: SequenceID) {
    locked {
      commands.append(.cancel(id, at: .now))
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
      submitsInBox = 0
      tokensInBox = 0
      return taken
    }
  }

  private func refusal(of request: GenerationRequest, limits: SchedulerLimits) -> EngineError? {
    guard phase == .open else { return .shuttingDown }
    guard published.waiting + submitsInBox < limits.waitingSequences else {
      return .queueFull(limit: limits.waitingSequences)
    }
    let tokens = published.waitingTokens + tokensInBox
    guard request.prompt.count <= limits.waitingTokens - min(tokens, limits.waitingTokens) else {
      return .tokensQueued(limit: limits.waitingTokens)
    }
    guard active[request.terms.client, default: 0] < limits.sequencesPerClient else {
      return .tooManyForClient(limit: limits.sequencesPerClient)
    }
    return nil
  }

  /// Publishes the status before or after a step, and the clients whose generations have ended.
  func publish(_ status: EngineStatus, ended: [String], isStepping: Bool) {
    let resumed: [CheckedContinuation<Void, Never>] = locked {
      published = status
      stepStart = isStepping ? .now : nil
      for client in ended {
        active[client, default: 1] -= 1
        if active[client] == 0 { active[client] = nil }
      }
      guard active.isEmpty else { return [] }
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
        let isDone = active.isEmpty || phase == .stopped
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
      defer { (commands, drained, active) = ([], [], [:]) }
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
