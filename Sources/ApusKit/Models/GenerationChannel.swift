/// Where an executor puts what the model says.
public struct LanguageModelExecutorGenerationChannel: Sendable {
  private let receive: @Sendable (Event) -> Void

  /// Makes a channel that hands every event on.
  public init(_ receive: @escaping @Sendable (Event) -> Void) { self.receive = receive }

  /// Puts an event in.
  nonisolated(nonsending) public func send(_ event: Event) async { receive(event) }

  /// What happens in a response.
  public struct Event: Sendable {
    /// What there is to say.
    package enum Kind: Sendable {
      case response(ResponseAction)
      case reasoning(ReasoningAction)
      case toolCalls(ToolCallsAction)
    }

    /// What happens.
    package let kind: Kind

    /// The answer goes on.
    public static func response(action: ResponseAction) -> Event {
      Event(kind: .response(action))
    }

    /// The model thinks.
    public static func reasoning(action: ReasoningAction) -> Event {
      Event(kind: .reasoning(action))
    }

    /// The model calls tools.
    public static func toolCalls(action: ToolCallsAction) -> Event {
      Event(kind: .toolCalls(action))
    }
  }

  /// How an answer goes on.
  public struct ResponseAction: Sendable {
    package enum Kind: Sendable {
      case append(String, tokens: Int)
      case usage(LanguageModelSession.Usage)
      case metadata([String: any Sendable])
    }

    package let kind: Kind

    /// Adds text.
    public static func appendText(_ text: String, tokenCount: Int) -> ResponseAction {
      ResponseAction(kind: .append(text, tokens: tokenCount))
    }

    /// Says what was processed so far, for this request.
    public static func updateUsage(
      input: LanguageModelSession.Usage.Input, output: LanguageModelSession.Usage.Output
    ) -> ResponseAction {
      ResponseAction(kind: .usage(.init(input: input, output: output)))
    }

    /// Adds to the metadata of the response's usage.
    public static func updateMetadata(_ metadata: [String: any Sendable]) -> ResponseAction {
      ResponseAction(kind: .metadata(metadata))
    }
  }

  /// How a model thinks.
  public struct ReasoningAction: Sendable {
    package let text: String
    package let tokens: Int

    /// Adds a thought, which is no part of the answer.
    public static func appendText(_ text: String, tokenCount: Int) -> ReasoningAction {
      ReasoningAction(text: text, tokens: tokenCount)
    }
  }

  /// How a model calls tools.
  public struct ToolCallsAction: Sendable {
    /// How a call goes on.
    public struct CallAction: Sendable {
      package let arguments: String
      package let tokens: Int

      /// Adds to the arguments, which are JSON when they are together.
      public static func appendArguments(_ text: String, tokenCount: Int) -> CallAction {
        CallAction(arguments: text, tokens: tokenCount)
      }
    }

    package let id: String
    package let name: String
    package let action: CallAction

    /// A call of a tool begins or goes on, by its id.
    public static func toolCall(
      id: String, name: String, action: CallAction
    ) -> ToolCallsAction {
      ToolCallsAction(id: id, name: name, action: action)
    }
  }
}
