/// Where an executor puts what the model says.
public struct LanguageModelExecutorGenerationChannel: Sendable {
  private let receive: @Sendable (Event) -> Void

  /// Makes a channel that hands every event on.
  public init(_ receive: @escaping @Sendable (Event) -> Void) { self.receive = receive }

  /// Puts an event in.
  nonisolated(nonsending) public func send(_ event: Event) async { receive(event) }

  /// Values that usages and entries carry.
  public typealias Metadata = [String: any Sendable & Codable & Equatable]
  /// What was processed.
  public typealias Usage = LanguageModelSession.Usage

  /// What happens in a response. There is one entry of each kind in a response, so ids of entries tell nothing.
  public struct Event: Sendable {
    /// What there is to say.
    package enum Kind: Sendable {
      case response(Response.Action)
      case reasoning(Reasoning.Action)
      case toolCalls(ToolCalls.Action)
    }

    /// What happens.
    package let kind: Kind

    /// The answer goes on.
    public static func response(entryID: String? = nil, action: Response.Action) -> Event {
      Event(kind: .response(action))
    }

    /// The model thinks.
    public static func reasoning(entryID: String? = nil, action: Reasoning.Action) -> Event {
      Event(kind: .reasoning(action))
    }

    /// The model calls tools.
    public static func toolCalls(entryID: String? = nil, action: ToolCalls.Action) -> Event {
      Event(kind: .toolCalls(action))
    }
  }

  /// The answer.
  public enum Response {
    /// How it goes on.
    public struct Action: Sendable {
      package let kind: ActionKind

      /// Adds text.
      public static func appendText(
        _ text: String, segmentID: String? = nil, tokenCount: Int
      ) -> Action {
        Action(kind: .append(text, tokens: tokenCount))
      }
    }
  }

  /// What the model thinks, which is no part of the answer.
  public enum Reasoning {
    /// How it goes on.
    public struct Action: Sendable {
      package let kind: ActionKind

      /// Adds a thought.
      public static func appendText(
        _ text: String, segmentID: String? = nil, tokenCount: Int
      ) -> Action {
        Action(kind: .append(text, tokens: tokenCount))
      }
    }
  }

  /// The calls of tools.
  public enum ToolCalls {
    /// A call.
    public enum ToolCall {
      /// How it goes on.
      public struct Action: Sendable {
        package let arguments: String
        package let tokens: Int

        /// Adds to the arguments, which are JSON when they are together.
        public static func appendArguments(_ content: String, tokenCount: Int) -> Action {
          Action(arguments: content, tokens: tokenCount)
        }
      }
    }

    /// How they go on.
    public struct Action: Sendable {
      package enum Kind: Sendable {
        case call(id: String, name: String, ToolCall.Action)
        case removal(id: String)
        case other(ActionKind)
      }

      package let kind: Kind

      /// A call begins or goes on, by its id.
      public static func toolCall(id: String, name: String, action: ToolCall.Action) -> Action {
        Action(kind: .call(id: id, name: name, action))
      }

      /// A call is taken back.
      public static func removeToolCall(id: String) -> Action { Action(kind: .removal(id: id)) }
    }
  }

  /// What answers, thoughts and calls have in common.
  package enum ActionKind: Sendable {
    case append(String, tokens: Int)
    case usage(Usage)
    case metadata([String: any Sendable])
  }
}

extension LanguageModelExecutorGenerationChannel.Response.Action {
  /// Says what was processed so far, for this request.
  public static func updateUsage(
    input: LanguageModelSession.Usage.Input, output: LanguageModelSession.Usage.Output,
    metadata: LanguageModelExecutorGenerationChannel.Metadata = [:]
  ) -> Self {
    Self(kind: .usage(.init(input: input, output: output, metadata: metadata)))
  }

  /// Adds to the metadata of the response's usage.
  public static func updateMetadata(
    _ values: LanguageModelExecutorGenerationChannel.Metadata
  ) -> Self {
    Self(kind: .metadata(values))
  }
}

extension LanguageModelExecutorGenerationChannel.Reasoning.Action {
  /// Says what was processed so far, for this request.
  public static func updateUsage(
    input: LanguageModelSession.Usage.Input, output: LanguageModelSession.Usage.Output,
    metadata: LanguageModelExecutorGenerationChannel.Metadata = [:]
  ) -> Self {
    Self(kind: .usage(.init(input: input, output: output, metadata: metadata)))
  }
}

extension LanguageModelExecutorGenerationChannel.ToolCalls.Action {
  /// Says what was processed so far, for this request.
  public static func updateUsage(
    input: LanguageModelSession.Usage.Input, output: LanguageModelSession.Usage.Output,
    metadata: LanguageModelExecutorGenerationChannel.Metadata = [:]
  ) -> Self {
    Self(kind: .other(.usage(.init(input: input, output: output, metadata: metadata))))
  }
}
