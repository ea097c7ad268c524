import Synchronization

/// A model that says what a test wants it to say: no weights, no threads.
///
/// A form that is asked for is checked, as a real model keeps to it: an answer without it is an error.
///
/// ```swift
/// let model = ScriptedLanguageModel([.call("weather", json: #"{"city":"Bern"}"#), .text("Rain.")])
/// let session = LanguageModelSession(model: model, tools: [Weather()])
/// ```
public struct ScriptedLanguageModel: LanguageModel {
  /// What the model says to a request.
  public enum Answer: Sendable {
    /// Text, or JSON where a form was asked for.
    case text(String)
    /// The beginning of an answer that its limit cut.
    case cut(String)
    /// A call of a tool.
    case call(String, json: String)
    /// Calls of tools, at once.
    case calls([(tool: String, json: String)])
    /// An error.
    case failure(any Error)
  }

  /// There are no more answers.
  public struct Exhausted: Error, Sendable, Hashable {
    /// How many there were.
    public let answers: Int
  }

  private let script: Script

  /// Says answers, one after the other.
  public init(_ answers: [Answer]) { script = Script(answers) }

  /// Asks a closure for each answer.
  public init(_ answer: @escaping @Sendable (Transcript) -> Answer) { script = Script(answer) }

  /// To answer in a form, and to call tools.
  public var capabilities: LanguageModelCapabilities {
    LanguageModelCapabilities([.guidedGeneration, .toolCalling])
  }

  public var executorConfiguration: Executor.Configuration {
    Executor.Configuration(script: ObjectIdentifier(script))
  }

  /// The requests so far, the oldest first.
  public var requests: [LanguageModelExecutorGenerationRequest] { script.requests }

  /// Says what the script says.
  public struct Executor: LanguageModelExecutor {
    public typealias Model = ScriptedLanguageModel

    /// Names the script.
    public struct Configuration: Hashable, Sendable {
      let script: ObjectIdentifier
    }

    public init(configuration: Configuration) {}

    nonisolated(nonsending) public func respond(
      to request: LanguageModelExecutorGenerationRequest, model: ScriptedLanguageModel,
      streamingInto channel: LanguageModelExecutorGenerationChannel
    ) async throws {
      var calls: [(tool: String, json: String)] = []
      var finish = GenerationReport.Finish.stop
      switch try model.script.answer(to: request) {
      case .failure(let error): throw error
      case .text(let text):
        try request.schema?.check(text)
        await say(text, channel)
      case .cut(let text):
        finish = .length
        await say(text, channel)
      case .call(let tool, let json): calls = [(tool, json)]
      case .calls(let several): calls = several
      }
      if !calls.isEmpty { finish = .toolCalls }
      for (index, call) in calls.enumerated() {
        let arguments = LanguageModelExecutorGenerationChannel.ToolCalls.ToolCall.Action
          .appendArguments(call.json, tokenCount: 1)
        await channel.send(
          .toolCalls(
            action: .toolCall(
              id: "\(model.script.count)-\(index)", name: call.tool, action: arguments)))
      }
      let report = GenerationReport(finish: finish, fingerprint: "scripted")
      await channel.send(
        .response(action: .updateMetadata([GenerationReport.key: report])))
    }

    /// Says a text word by word.
    nonisolated(nonsending) private func say(
      _ text: String, _ channel: LanguageModelExecutorGenerationChannel
    ) async {
      var word = ""
      for character in text {
        word.append(character)
        guard character == " " else { continue }
        await channel.send(.response(action: .appendText(word, tokenCount: 1)))
        word = ""
      }
      if !word.isEmpty {
        await channel.send(.response(action: .appendText(word, tokenCount: 1)))
      }
    }
  }
}

/// What a model says, and what it was asked.
private final class Script: Sendable {
  private struct State {
    var requests: [LanguageModelExecutorGenerationRequest] = []
    var answers: [ScriptedLanguageModel.Answer] = []
  }

  private let state: Mutex<State>
  private let closure: (@Sendable (Transcript) -> ScriptedLanguageModel.Answer)?

  init(_ answers: [ScriptedLanguageModel.Answer]) {
    state = Mutex(State(answers: answers))
    closure = nil
  }

  init(_ answer: @escaping @Sendable (Transcript) -> ScriptedLanguageModel.Answer) {
    state = Mutex(State())
    closure = answer
  }

  var requests: [LanguageModelExecutorGenerationRequest] { state.withLock { $0.requests } }
  var count: Int { state.withLock { $0.requests.count } }

  func answer(
    to request: LanguageModelExecutorGenerationRequest
  ) throws -> ScriptedLanguageModel.Answer {
    let next = state.withLock { state -> ScriptedLanguageModel.Answer? in
      state.requests.append(request)
      let index = state.requests.count - 1
      return state.answers.indices.contains(index) ? state.answers[index] : nil
    }
    if let closure { return closure(request.transcript) }
    guard let next else { throw ScriptedLanguageModel.Exhausted(answers: count - 1) }
    return next
  }
}
