import GPTModel

/// Servers behind a balancer, over the engine's own scheduler. The same settings and requests give the same
/// report.
package struct FleetSimulation {
  /// Something that happens at a time.
  private enum Event {
    case arrival(Int)
    case failure(Int)
    case drain(Int)
    /// Whether a server that is to stop has finished.
    case drainCheck(Int)
    case start(Int)
  }

  /// What a server can be.
  private enum State {
    case serving, draining, gone
  }

  private let settings: FleetSettings
  private let requests: [FleetRequest]
  private var generator: SeededGenerator
  private var router: FleetRouter
  private let replicas: [FleetReplica]
  private var states: [State]
  /// Since when each state is so, which the balancer learns later.
  private var changes: [Double]
  private var queue = EventQueue<Event>()
  private var report = FleetReport()

  /// Prepares a run.
  private init(_ settings: FleetSettings, _ requests: [FleetRequest]) {
    self.settings = settings
    self.requests = requests
    generator = SeededGenerator(seed: settings.seed)
    let count = max(1, settings.replicas)
    router = FleetRouter(settings.policy, replicas: count, cacheTokens: settings.cacheTokens)
    replicas = (0..<count).map { _ in FleetReplica(limits: settings.limits, cost: settings.cost) }
    states = Array(repeating: .serving, count: count)
    changes = Array(repeating: -.infinity, count: count)
  }

  /// Simulates requests in order of arrival to their end.
  package static func run(_ settings: FleetSettings, _ requests: [FleetRequest]) -> FleetReport {
    var simulation = FleetSimulation(settings, requests)
    return simulation.run()
  }

  private mutating func run() -> FleetReport {
    for (index, request) in requests.enumerated() {
      queue.add(.arrival(index), at: request.arrival)
    }
    for index in replicas.indices { scheduleFailure(of: index, after: 0) }
    if let time = settings.rollingRestartAt { queue.add(.drain(0), at: time) }
    let end = requests.last?.arrival ?? 0
    report.requests = requests.count
    while let (time, event) = queue.removeFirst(), time <= end || hasWork(event) {
      report.seconds = max(report.seconds, time)
      perform(event, at: time)
    }
    for replica in replicas {
      replica.advance(to: .infinity)
      collect(replica)
    }
    report.rows = replicas.map(\.rows)
    report.firstTokens.sort()
    report.cost = settings.pricePerHour * Double(replicas.count) * report.seconds / 3600
    return report
  }

  /// Whether an event after the last arrival matters still.
  private func hasWork(_ event: Event) -> Bool {
    if case .failure = event { false } else { true }
  }

  private mutating func perform(_ event: Event, at time: Double) {
    switch event {
    case .arrival(let index): send(index, at: time)
    case .failure(let index): fail(index, at: time)
    case .drain(let index): drain(index, at: time)
    case .drainCheck(let index): finishDrain(of: index, at: time)
    case .start(let index): change(index, to: .serving, at: time)
    }
  }

  private mutating func collect(_ replica: FleetReplica) {
    for outcome in replica.takeOutcomes() {
      let request = requests[outcome.request]
      report.answered += 1
      report.firstTokens.append(outcome.firstToken)
      report.promptTokens += request.promptTokens
      report.cachedTokens += outcome.cached
      report.answerTokens += settings.readsOnly ? 1 : request.answerTokens
    }
  }

  private mutating func change(_ index: Int, to state: State, at time: Double) {
    states[index] = state
    changes[index] = time
  }
}

// MARK: - Requests

extension FleetSimulation {
  /// Sends a request to the server that the balancer chooses; to another one where it is refused.
  private mutating func send(_ index: Int, at time: Double) {
    let request = requests[index]
    for replica in replicas {
      replica.advance(to: time)
      collect(replica)
    }
    var views = replicas.indices.filter { isBelievedToServe($0, at: time) }.map {
      FleetRouter.View(
        index: $0, load: replicas[$0].load, expectedRows: replicas[$0].expectedRows)
    }
    while let chosen = router.choose(request, among: views) {
      if states[chosen] == .serving, replicas[chosen].hasRoom {
        return submit(index, to: chosen, at: time)
      }
      report.retries += 1
      views.removeAll { $0.index == chosen }
    }
    report.refused += 1
  }

  /// Whether the balancer sends requests to a server; what changed is known after a while.
  private func isBelievedToServe(_ index: Int, at time: Double) -> Bool {
    let isKnown = time >= changes[index] + settings.healthLag
    return (states[index] == .serving) == isKnown
  }

  private mutating func submit(_ index: Int, to chosen: Int, at time: Double) {
    let request = requests[index]
    let expected = min(router.unseen(request, at: chosen), request.promptTokens)
    router.note(request, at: chosen)
    let answer = settings.readsOnly ? 1 : request.answerTokens
    // What does not fit the cache is cut, as a client would have to.
    let tokens = request.tokens(limit: max(1, settings.cacheTokens / 2 - answer))
    replicas[chosen].submit(
      FleetReplica.Job(
        request: index, arrival: request.arrival, prompt: tokens.count, left: answer,
        expected: expected),
      tokens: tokens, at: time)
  }
}

// MARK: - Servers that come and go

extension FleetSimulation {
  private mutating func scheduleFailure(of index: Int, after time: Double) {
    guard let hours = settings.hoursBetweenFailures, hours > 0 else { return }
    queue.add(.failure(index), at: time + generator.exponential(mean: hours * 3600))
  }

  /// Ends a server at once: answers that had begun are cut, others are asked for elsewhere.
  private mutating func fail(_ index: Int, at time: Double) {
    scheduleFailure(of: index, after: time)
    guard states[index] != .gone else { return }
    replicas[index].advance(to: time)
    collect(replicas[index])
    let lost = replicas[index].fail()
    router.forget(index, cacheTokens: settings.cacheTokens)
    report.failures += 1
    change(index, to: .gone, at: time)
    queue.add(.start(index), at: time + settings.repairTime)
    for job in lost {
      if job.hasBegun {
        report.cut += 1
      } else {
        report.retries += 1
        send(job.request, at: time)
      }
    }
  }

  private mutating func drain(_ index: Int, at time: Double) {
    if states[index] == .serving { change(index, to: .draining, at: time) }
    queue.add(.drainCheck(index), at: time + 1)
  }

  /// Restarts a server that has finished, and goes on with the next one once that is in use.
  private mutating func finishDrain(of index: Int, at time: Double) {
    replicas[index].advance(to: time)
    collect(replicas[index])
    guard states[index] == .draining else {
      // It failed meanwhile: its turn is over.
      return drainNext(after: index, at: time)
    }
    guard replicas[index].load == 0 else { return queue.add(.drainCheck(index), at: time + 1) }
    _ = replicas[index].fail()
    router.forget(index, cacheTokens: settings.cacheTokens)
    report.restarts += 1
    change(index, to: .gone, at: time)
    queue.add(.start(index), at: time + settings.restartTime)
    drainNext(after: index, at: time + settings.restartTime + settings.healthLag)
  }

  private mutating func drainNext(after index: Int, at time: Double) {
    if index + 1 < replicas.count { queue.add(.drain(index + 1), at: time) }
  }
}

/// Events by their times, and in the order in which they were added where these are equal: a heap.
private struct EventQueue<Event> {
  private var heap: [(time: Double, order: Int, event: Event)] = []
  private var added = 0

  mutating func add(_ event: Event, at time: Double) {
    heap.append((time, added, event))
    added += 1
    var place = heap.count - 1
    while place > 0, precedes(place, (place - 1) / 2) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func removeFirst() -> (time: Double, event: Event)? {
    guard !heap.isEmpty else { return nil }
    heap.swapAt(0, heap.count - 1)
    let first = heap.removeLast()
    var place = 0
    while true {
      let children = [2 * place + 1, 2 * place + 2].filter { $0 < heap.count }
      guard let least = children.min(by: precedes), precedes(least, place) else { break }
      heap.swapAt(least, place)
      place = least
    }
    return (first.time, first.event)
  }

  private func precedes(_ one: Int, _ other: Int) -> Bool {
    (heap[one].time, heap[one].order) < (heap[other].time, heap[other].order)
  }
}
