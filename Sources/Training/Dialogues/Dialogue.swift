package import ChatTemplates
import JSON

/// A conversation from which a model learns, or by which it is examined.
package struct Dialogue: Sendable, Hashable {
  /// The messages, oldest first.
  package var messages: [ChatMessage]
  /// The kind of task, for figures by kind.
  package var family: String

  /// Names both.
  package init(_ messages: [ChatMessage], family: String = "dialogue") {
    self.messages = messages
    self.family = family
  }

  /// Reads the dialogues of a file, `{"messages": [{"role": …, "content": …}], "family": …}` on each line.
  package static func read(_ bytes: [UInt8], file: String) throws(TrainingError) -> [Dialogue] {
    var dialogues: [Dialogue] = []
    try JSONLines.forEach(in: bytes, file: file) { object, place throws(TrainingError) in
      dialogues.append(try Dialogue(object, place))
    }
    guard !dialogues.isEmpty else {
      throw TrainingError(.data, field: file, "there is no dialogue")
    }
    return dialogues
  }

  /// Reads the members of an object.
  init(_ object: JSONObject, _ place: String) throws(TrainingError) {
    guard case .array(let entries)? = object["messages"], !entries.isEmpty else {
      throw TrainingError(.data, field: place, "no messages")
    }
    var messages: [ChatMessage] = []
    for entry in entries {
      guard case .object(let entry) = entry else {
        throw TrainingError(.data, field: place, "a message is no object")
      }
      let role = try entry.text("role", place)
      guard ChatMessage.usualRoles.contains(role) else {
        throw TrainingError(
          .data, field: place,
          "the role \(role.prefix(32).debugDescription) is not one of \(ChatMessage.usualRoles.sorted())"
        )
      }
      messages.append(ChatMessage(role: role, content: try entry.text("content", place)))
    }
    self.init(messages, family: object.textIfPresent("family") ?? "dialogue")
  }

  /// The object of a line.
  package var line: [UInt8] {
    var json = JSONWriter()
    json.object { write(to: &$0) }
    return json.bytes
  }

  /// Writes the members of an object.
  func write(to json: inout JSONWriter) {
    json.member("family", family)
    json.member("messages") { json in
      json.array { json in
        for message in messages {
          json.object {
            $0.member("role", message.role)
            $0.member("content", message.content)
          }
        }
      }
    }
  }
}

/// A prompt with two answers of which the first was preferred.
package struct PreferencePair: Sendable, Hashable {
  /// What comes before the answer.
  package var prompt: [ChatMessage]
  /// The better answer.
  package var chosen: String
  /// The other one.
  package var rejected: String

  /// Names all.
  package init(prompt: [ChatMessage], chosen: String, rejected: String) {
    self.prompt = prompt
    self.chosen = chosen
    self.rejected = rejected
  }

  /// Reads the pairs of a file, `{"messages": […], "chosen": …, "rejected": …}` on each line.
  package static func read(
    _ bytes: [UInt8], file: String
  ) throws(TrainingError) -> [PreferencePair] {
    var pairs: [PreferencePair] = []
    try JSONLines.forEach(in: bytes, file: file) { object, place throws(TrainingError) in
      let pair = PreferencePair(
        prompt: try Dialogue(object, place).messages, chosen: try object.text("chosen", place),
        rejected: try object.text("rejected", place))
      guard pair.chosen != pair.rejected else {
        throw TrainingError(.data, field: place, "both answers are the same")
      }
      pairs.append(pair)
    }
    guard !pairs.isEmpty else { throw TrainingError(.data, field: file, "there is no pair") }
    return pairs
  }

  /// The object of a line.
  package var line: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      Dialogue(prompt, family: "pair").write(to: &json)
      json.member("chosen", chosen)
      json.member("rejected", rejected)
    }
    return json.bytes
  }
}
