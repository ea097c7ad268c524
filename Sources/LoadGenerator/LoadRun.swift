import NIOConcurrencyHelpers

/// One phase of a test: plays conversations as its settings ask and takes measure.
final class LoadRun: Sendable {
  private struct State {
    var measurement: Measurement
    var underWay = 0
    var nextConversation = 0
  }

  private let settings: LoadSettings
  private let model: String
  private let client: HTTPClient
  private let firstConversation: Int
  private let stopwatch = Stopwatch()
  private let state: NIOLockedValueBox<State>

  /// Prepares a phase; its time begins now.
  ///
  /// - Parameter firstConversation: Which prompts come first.
  init(settings: LoadSettings, model: String, client: HTTPClient, firstConversation: Int = 0) {
    self.settings = settings
    self.model = model
    self.client = client
    self.firstConversation = firstConversation
    state = NIOLockedValueBox(State(measurement: Measurement(objective: settings.objective)))
  }

  /// What the phase has shown so far.
  var measurement: Measurement { state.withLockedValue { $0.measurement } }

  /// The time since the phase began.
  var elapsed: Duration { stopwatch.elapsed }

  /// How far the phase has come.
  func progress(isWarmup: Bool) -> LoadProgress {
    let elapsed = stopwatch.elapsed
    return state.withLockedValue { state in
      LoadProgress(
        elapsed: elapsed, isWarmup: isWarmup, underWay: state.underWay,
        completed: state.measurement.completed, failed: state.measurement.failed,
        tokensPerSecond: Double(state.measurement.completionTokens)
          / max(0.001, elapsed.inSeconds),
        medianTimeToFirstToken: state.measurement.timeToFirstToken.percentile(50))
    }
  }

  /// Sends everything and waits for the answers, or until the task is cancelled.
  func run() async {
    switch settings.load {
    case .closedLoop(let clients): await runClients(clients)
    case .openLoop(let rate, let pattern): await runArrivals(rate, pattern)
    }
  }

  private func runClients(_ count: Int) async {
    await withDiscardingTaskGroup { group in
      for _ in 0..<min(count, conversations ?? count) {
        group.addTask {
          while !Task.isCancelled, !self.isTimeUp, let index = self.takeConversation() {
            await self.play(conversation: index, due: self.stopwatch.elapsed)
          }
        }
      }
    }
  }

  /// Starts conversations when they are due, whatever became of earlier ones.
  private func runArrivals(_ rate: Double, _ pattern: Arrivals.Pattern) async {
    await withDiscardingTaskGroup { group in
      let arrivals = Arrivals(
        rate: rate / Double(settings.turns), pattern: pattern, seed: settings.seed)
      for due in arrivals {
        if let duration = settings.duration, due >= duration { return }
        guard let index = takeConversation() else { return }
        guard (try? await stopwatch.sleep(until: due)) != nil else { return }
        group.addTask { await self.play(conversation: index, due: due) }
      }
    }
  }

  private var isTimeUp: Bool { settings.duration.map { stopwatch.elapsed >= $0 } ?? false }

  private var conversations: Int? {
    settings.requests.map { ($0 - 1) / settings.turns + 1 }
  }

  private func takeConversation() -> Int? {
    state.withLockedValue { state in
      guard state.nextConversation < conversations ?? .max else { return nil }
      defer { state.nextConversation += 1 }
      return state.nextConversation
    }
  }

  /// Sends the turns of a conversation one after another; one without an answer is the last.
  private func play(conversation: Int, due: Duration) async {
    let left = settings.requests.map { $0 - conversation * settings.turns } ?? settings.turns
    var request = ChatRequest(
      model: model, messages: [], ignoresEnd: settings.ignoresEnd,
      temperature: settings.temperature)
    for turn in 0..<min(settings.turns, left) {
      if turn > 0, isTimeUp || Task.isCancelled { return }
      let prompt = settings.prompts.prompt(
        conversation: firstConversation + conversation, turn: turn, turns: settings.turns)
      request.messages.append(ChatRequest.Message(role: "user", content: prompt.text))
      request.maximumTokens = prompt.maximumTokens ?? settings.outputTokens
      guard let answer = await ask(request, due: turn == 0 ? due : stopwatch.elapsed) else {
        return
      }
      request.messages.append(ChatRequest.Message(role: "assistant", content: answer.text))
    }
  }

  private func ask(_ request: ChatRequest, due: Duration) async -> Answer? {
    let body = request.json
    state.withLockedValue { $0.underWay += 1 }
    let sent = stopwatch.elapsed
    let result: Result<Answer, RequestFailure>
    do throws(RequestFailure) {
      let answer = try await client.send(
        .post("/chat/completions", json: body), reader: CompletionReader(),
        stopwatch: stopwatch)
      result = .success(answer)
    } catch {
      result = .failure(error)
    }
    let record = RequestRecord(
      intended: due, sent: sent, end: stopwatch.elapsed, result: result)
    state.withLockedValue { state in
      state.underWay -= 1
      state.measurement.add(record)
    }
    return try? result.get()
  }
}
