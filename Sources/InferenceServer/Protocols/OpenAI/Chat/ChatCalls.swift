import JSON

extension CallPiece {
  /// Whether a chunk tells it; what ends a call is told by what follows.
  var isShown: Bool { if case .ended = self { false } else { true } }

  /// Writes the element of a delta's `tool_calls`: id and name once, then pieces of arguments.
  ///
  /// - Parameter isCustom: Whether the call's input is a text.
  func write(isCustom: Bool, to json: inout JSONWriter) {
    json.object { json in
      switch self {
      case .began(let index, let call):
        json.member("index", index)
        call.writeHead(to: &json)
        call.writeBody(name: call.name, "", to: &json)
      case .arguments(let index, let text):
        json.member("index", index)
        json.member(isCustom ? "custom" : "function") { json in
          json.object { $0.member(isCustom ? "input" : "arguments", text) }
        }
      case .ended: break
      }
    }
  }
}

extension AnswerCall {
  /// Writes the element of a message's `tool_calls`.
  func write(to json: inout JSONWriter) {
    json.object { json in
      writeHead(to: &json)
      writeBody(name: name, arguments, to: &json)
    }
  }

  fileprivate func writeHead(to json: inout JSONWriter) {
    json.member("id", id)
    json.member("type", isCustom ? "custom" : "function")
  }

  fileprivate func writeBody(name: String, _ text: String, to json: inout JSONWriter) {
    json.member(isCustom ? "custom" : "function") { json in
      json.object { json in
        json.member("name", name)
        json.member(isCustom ? "input" : "arguments", text)
      }
    }
  }
}
