package import JSON

extension CallFormat {
  /// A call as conversations hold it.
  package struct Call: Hashable, Sendable {
    /// The id, which some formats show.
    package var id: String
    /// The tool's name.
    package var name: String
    /// The arguments.
    package var arguments: JSONObject

    /// Creates a call.
    package init(id: String, name: String, arguments: JSONObject) {
      self.id = id
      self.name = name
      self.arguments = arguments
    }
  }

  /// Writes calls as the model writes them.
  package func text(of calls: [Call]) -> String {
    switch layout {
    case .channels:
      return calls.map {
        "<|channel|>commentary to=functions.\($0.name) <|constrain|>json<|message|>"
          + Self.json(.object($0.arguments)) + "<|call|>"
      }.joined(separator: "<|start|>assistant")
    case .recipients:
      return calls.map { "\($0.name)\n" + Self.json(.object($0.arguments)) }.joined(
        separator: ">>>")
    case .blocks: break
    }
    let begin = (begins.first ?? "") + (isList ? "[" : "")
    let end = (isList ? listEnd : "") + end
    let texts = calls.enumerated().map { callBegin + text(of: $1, number: $0) + callEnd }
    guard !isSingle else {
      return texts.map { begin + $0 + end }.joined(separator: blockSeparator)
    }
    return begin + texts.joined(separator: separator) + end
  }

  private func text(of call: Call, number: Int) -> String {
    let arguments = Self.json(.object(call.arguments))
    switch body {
    case .object(let fields):
      let first = fields.number.map { "\"\($0)\": \"\(number)\", " } ?? ""
      let last = fields.id.map { ", \"\($0)\": \(Self.json(.string(call.id)))" } ?? ""
      return "{\(first)\"\(fields.name)\": \(Self.json(.string(call.name))), "
        + "\"\(fields.arguments)\": \(arguments)\(last)}"
    case .keyed: return "{\(Self.json(.string(call.name))): \(arguments)}"
    case .named(let named):
      let name = named.nameIsID ? "functions.\(call.name):\(number)" : call.name
      return name + named.argumentsMark + arguments
    case .tagged(let tags):
      return call.name + tags.nameEnd
        + call.arguments.members.map { Self.text(of: $0, tags) }.joined()
    case .python:
      let members = call.arguments.members.map { "\($0.name)=\(Self.python($0.value))" }
      return "\(call.name)(\(members.joined(separator: ", ")))"
    case .braces(let quote):
      return call.name + Self.braces(.object(call.arguments), quote: quote)
    }
  }

  private static func text(of member: JSONObject.Member, _ tags: TaggedCall) -> String {
    let isText: Bool
    let value: String
    if case .string(let text) = member.value {
      (isText, value) = (true, text)
    } else {
      (isText, value) = (false, json(member.value))
    }
    let keyEnd = tags.typedKeyEnds.count == 2 ? tags.typedKeyEnds[isText ? 0 : 1] : tags.keyEnd
    return tags.keyBegin + member.name + keyEnd + value + tags.valueEnd
  }

  /// JSON on one line, with a blank after commas and colons.
  package static func json(_ value: JSONValue) -> String {
    switch value {
    case .array(let values): return "[" + values.map(json).joined(separator: ", ") + "]"
    case .object(let object):
      let members = object.members.map { json(.string($0.name)) + ": " + json($0.value) }
      return "{" + members.joined(separator: ", ") + "}"
    default:
      var writer = JSONWriter()
      writer.value(value)
      return String(decoding: writer.bytes, as: UTF8.self)
    }
  }

  static func python(_ value: JSONValue) -> String {
    switch value {
    case .null: return "None"
    case .bool(let flag): return flag ? "True" : "False"
    case .array(let values): return "[" + values.map(python).joined(separator: ", ") + "]"
    case .object(let object):
      let members = object.members.map { python(.string($0.name)) + ": " + python($0.value) }
      return "{" + members.joined(separator: ", ") + "}"
    default: return json(value)
    }
  }

  static func braces(_ value: JSONValue, quote: String) -> String {
    switch value {
    case .string(let text): return quote + text + quote
    case .array(let values):
      return "[" + values.map { braces($0, quote: quote) }.joined(separator: ",") + "]"
    case .object(let object):
      let members = object.members.map { "\($0.name):" + braces($0.value, quote: quote) }
      return "{" + members.joined(separator: ",") + "}"
    default: return json(value)
    }
  }
}
