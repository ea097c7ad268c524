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
  /// End all generations with an error.
  case cut
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
    case open, draining, cut, stopped
  }

  private let limits: SchedulerLimits
  /// Requests that may wait for room.
  private let waitingForRoom: Int
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let arrival: UnsafeMutablePointer<pthread_cond_t>
  private var phase = Phase.open
  private var commands: [Command] = []
  private var nextID: UInt64 = 0
  private var published = EngineStatus()
  private var ledger = RequestLedger()
  private var room = RoomQueue()
  /// The tasks of those that wait for room.
  private var applicants: [SequenceID: WaitingTask] = [:]
  /// What cancelling requests that waited took until their places were free.
  private var cancelToFree = DurationTally()
  private var stepStart: ContinuousClock.Instant?
  private var drained: [CheckedContinuation<Void, Never>] = []
  /// Generations that a drain did not wait for.
  private var cutCount = 0

  private typealias WaitingTask = CheckedContinuation<Void, any Error>

  /// Creates an empty box.
  ///
  /// - Parameters:
  ///   - limits: What may be in the queue at a time.
  ///   - waitingForRoom: Requests that may wait for room in it.
  init(limits: SchedulerLimits, waitingForRoom: Int) {
    self.limits = limits
    self.waitingForRoom = waitingForRoom
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
      status.waitingForRoom = room.count
      status.cancelToFree[.queued] = cancelToFree
      if let stepStart { status.secondsInStep = (ContinuousClock.now - stepStart) / .seconds(1) }
      return status
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
    let awoken = locked {
      published = status
      stepStart = isStepping ? .now : nil
      for change in changes { ledger.apply(change) }
      for id in ended { ledger.end(id) }
      return settle()
    }
    awoken.resume()
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}

// MARK: - Places

extension Mailbox {
  /// Gives a request a place in the queue, or refuses it at once, however long the current step takes.
  ///
  /// - Returns: The identity that it was given, with which a generation is to be enqueued.
  func reserve(_ terms: RequestTerms, tokens: Int) throws(EngineError) -> SequenceID {
    let result: Result<SequenceID, EngineError> = locked {
      if let reason = refusal(of: terms.client, tokens: tokens) { return .failure(reason) }
      let id = makeID()
      ledger.add(id, of: terms.client, tokens: tokens)
      return .success(id)
    }
    return try result.get()
  }

  /// Waits until there is a place in the queue.
  ///
  /// - Returns: The identity that the request was given, with which a generation is to be enqueued.
  /// - Throws: An `EngineError` where there will be none, `CancellationError` when the task is cancelled.
  func waitForPlace(_ terms: RequestTerms, tokens: Int) async throws -> SequenceID {
    let id = locked { makeID() }
    let applicant = RoomQueue.Applicant(
      id: id, client: terms.client, priority: terms.priority, tokens: tokens,
      deadline: terms.longestWait.flatMap { $0 < 1e9 ? .now + .seconds(max($0, 0)) : nil })
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { apply(applicant, $0) }
    } onCancel: {
      leave(id)
    }
    guard !Task.isCancelled else {
      giveBack(id)
      throw CancellationError()
    }
    return id
  }

  /// Hands over the generation of a request that has a place.
  func enqueue(_ generation: Generation) {
    let awoken: Awoken? = locked {
      if phase == .cut || phase == .stopped {
        ledger.end(generation.id)
        cutCount += 1
        return settle()
      }
      commands.append(.submit(generation))
      pthread_cond_signal(arrival)
      return nil
    }
    guard let awoken else { return }
    generation.fail(.shuttingDown)
    awoken.resume()
  }

  /// Refuses a client's next request where one with so many tokens would be refused now.
  func checkRoom(for client: String, tokens: Int = 1) throws(EngineError) {
    if let refusal = locked({ refusal(of: client, tokens: tokens) }) { throw refusal }
  }

  /// Asks for a generation to be stopped; where it waits its place is free at once.
  func cancel(_ id: SequenceID) {
    let time = ContinuousClock.now
    let awoken = locked {
      guard phase != .stopped, let reached = ledger.phase(of: id) else { return Awoken() }
      commands.append(.cancel(id, Cancellation(phase: reached, time: time)))
      if reached == .queued {
        ledger.withdraw(id)
        cancelToFree.add((.now - time) / .seconds(1))
      }
      pthread_cond_signal(arrival)
      return settle()
    }
    awoken.resume()
  }

  /// Why a request would be refused; to be called while the mutex is held.
  private func refusal(of client: String, tokens: Int) -> EngineError? {
    guard phase == .open else { return .shuttingDown }
    if let refusal = ledger.refusal(of: client, tokens: tokens, limits: limits) {
      return EngineError(refusal)
    }
    // Whoever waits for room goes first.
    guard !room.isEmpty, room.next(ledger, limits) != nil else { return nil }
    return .queueFull(limit: limits.waitingSequences)
  }

  /// Lets a request wait for room, unless there is some.
  private func apply(_ applicant: RoomQueue.Applicant, _ task: WaitingTask) {
    let awoken = locked {
      if let refusal = refusalToWait(applicant) {
        return Awoken(refused: [(task, refusal)])
      }
      room.append(applicant)
      applicants[applicant.id] = task
      return settle()
    }
    awoken.resume()
    // Who was cancelled before there was something to leave.
    if Task.isCancelled { leave(applicant.id) }
  }

  /// Why a request may not even wait for room.
  private func refusalToWait(_ applicant: RoomQueue.Applicant) -> (any Error)? {
    guard phase == .open else { return EngineError.shuttingDown }
    guard applicant.tokens <= limits.waitingTokens else {
      return EngineError.tokensQueued(limit: limits.waitingTokens)
    }
    let isTaken = refusal(of: applicant.client, tokens: applicant.tokens) != nil
    guard isTaken, room.count >= waitingForRoom else { return nil }
    return EngineError.queueFull(limit: limits.waitingSequences + waitingForRoom)
  }

  /// Ends waiting for room, if the request still does.
  private func leave(_ id: SequenceID) {
    let awoken = locked {
      guard room.remove(id), let task = applicants.removeValue(forKey: id) else {
        return Awoken()
      }
      // One with a shorter prompt may have waited behind it.
      var awoken = settle()
      awoken.refused.append((task, CancellationError()))
      return awoken
    }
    awoken.resume()
  }

  /// Gives back a place for which no generation was enqueued.
  private func giveBack(_ id: SequenceID) {
    let awoken = locked {
      ledger.end(id)
      return settle()
    }
    awoken.resume()
  }

  private func makeID() -> SequenceID {
    defer { nextID += 1 }
    return SequenceID(nextID)
  }
}

// MARK: - The end

extension Mailbox {
  /// Refuses new requests from now on; returns when all generations have ended.
  func drain() async {
    await withCheckedContinuation { continuation in
      let awoken = locked {
        if phase == .open { phase = .draining }
        var awoken = turnAway(room.removeAll(), .shuttingDown)
        if ledger.isEmpty || phase == .stopped {
          awoken.drained.append(continuation)
        } else {
          drained.append(continuation)
        }
        return awoken
      }
      awoken.resume()
    }
  }

  /// Ends what a drain waits for.
  func cut() {
    locked {
      guard phase == .draining else { return }
      phase = .cut
      commands.append(.cut)
      pthread_cond_signal(arrival)
    }
  }

  /// Notes that generations were ended because a drain did not wait longer.
  func noteCut(_ count: Int) {
    locked { cutCount += count }
  }

  /// Generations that were ended because a drain did not wait longer.
  var cutGenerations: Int { locked { cutCount } }

  /// Ends the engine's thread after its current step.
  func stop() {
    locked {
      phase = .stopped
      pthread_cond_signal(arrival)
    }
  }

  /// Takes what is left after the end: submitted generations that never ran.
  func abandon() -> [Command] {
    let (left, awoken) = locked {
      var awoken = turnAway(room.removeAll(), .shuttingDown)
      awoken.drained = drained
      defer { (commands, drained, ledger) = ([], [], RequestLedger()) }
      return (commands, awoken)
    }
    awoken.resume()
    return left
  }
}

// MARK: - Who goes on

extension Mailbox {
  /// Tasks that go on once the mutex is free.
  private struct Awoken {
    var admitted: [WaitingTask] = []
    var refused: [(WaitingTask, any Error)] = []
    var drained: [CheckedContinuation<Void, Never>] = []

    func resume() {
      for task in admitted { task.resume() }
      for (task, reason) in refused { task.resume(throwing: reason) }
      for waiter in drained { waiter.resume() }
    }
  }

  /// Lets in who waits for room that there is now, turns away who waited too long, and notices when all
  /// generations have ended; to be called while the mutex is held.
  private func settle() -> Awoken {
    var awoken = Awoken()
    if !room.isEmpty {
      awoken = turnAway(room.removeExpired(at: .now), .waitedTooLong)
      while let next = room.admit(ledger, limits) {
        ledger.add(next.id, of: next.client, tokens: next.tokens)
        if let task = applicants.removeValue(forKey: next.id) { awoken.admitted.append(task) }
      }
    }
    if phase != .open, ledger.isEmpty { swap(&awoken.drained, &drained) }
    return awoken
  }

  private func turnAway(_ ids: [SequenceID], _ reason: EngineError) -> Awoken {
    var awoken = Awoken()
    for id in ids {
      if let task = applicants.removeValue(forKey: id) { awoken.refused.append((task, reason)) }
    }
    return awoken
  }
}
