import GPTModel
import JSON

/// A call of a tool in an answer.
struct AnswerCall: Hashable, Sendable {
  /// Names the call for whoever answers it.
  let id: String
  /// The tool.
  let name: String
  /// Whether its input is a text.
  let isCustom: Bool
  /// The arguments as JSON, or the input of a custom tool, as far as they are written.
  var arguments = ""
  /// Whether the arguments are all there.
  var isComplete = false
}

/// What an event adds to the calls of an answer.
enum CallPiece: Hashable, Sendable {
  /// A call begins; calls are counted from 0.
  case began(Int, AnswerCall)
  /// A piece of a call's arguments.
  case arguments(Int, String)
  /// A call is over.
  case ended(Int, isComplete: Bool)
}

extension Array where Element == AnswerCall {
  /// Adds a piece.
  mutating func append(_ piece: CallPiece) {
    switch piece {
    case .began(_, let call): append(call)
    case .arguments(let index, let text): self[index].arguments += text
    case .ended(let index, let isComplete): self[index].isComplete = isComplete
    }
  }
}

/// Turns parts of an answer into pieces of calls, with ids and the inputs of custom tools.
struct CallTranslator: Sendable {
  private let tools: RequestedTools?
  /// How many calls there are.
  private(set) var count = 0
  /// The arguments of the last call, where they are to become an input; nil otherwise.
  private var held: String?
  private var hasArguments = false

  /// Begins where no call was made.
  init(_ tools: RequestedTools?) { self.tools = tools }

  /// Begins a call.
  mutating func begin(id: String?, name: String) -> CallPiece {
    let isCustom = tools?.isCustom(name) ?? false
    held = isCustom ? "" : nil
    hasArguments = false
    count += 1
    let id = id ?? "call_" + RandomName.make()
    return .began(count - 1, AnswerCall(id: id, name: name, isCustom: isCustom))
  }

  /// Takes a piece of arguments.
  mutating func append(_ text: String) -> [CallPiece] {
    hasArguments = true
    guard held != nil else { return [.arguments(count - 1, text)] }
    held? += text
    return []
  }

  /// Ends a call. One without arguments has an object of none.
  mutating func end(isComplete: Bool) -> [CallPiece] {
    var rest: String?
    if let held {
      rest = Self.input(held) ?? held
    } else if isComplete, !hasArguments {
      rest = "{}"
    }
    let pieces = rest.map { $0.isEmpty ? [] : [CallPiece.arguments(count - 1, $0)] } ?? []
    return pieces + [.ended(count - 1, isComplete: isComplete)]
  }

  /// The text that is the one argument; nil where the arguments are cut or others.
  private static func input(_ arguments: String) -> String? {
    guard case .object(let object)? = try? JSONValue(parsing: Array(arguments.utf8)),
      case .string(let text)? = object["input"]
    else { return nil }
    return text
  }
}
