import GPTModel

extension FieldReader {
  /// The text of a field that is a string or an array of parts, of which only text is read.
  ///
  /// - Parameter kinds: The member that holds the text, by the part's type.
  func text(_ name: String, kinds: [String: String]) throws(APIError) -> String? {
    switch value(name) {
    case nil: return nil
    case .string(let text): return text
    case .array(let parts):
      var texts: [String] = []
      for (index, part) in parts.enumerated() {
        texts.append(try reader(name, element: index, part).partText(kinds: kinds))
      }
      return texts.joined(separator: "\n")
    default: throw mismatch(name, "a string or an array of parts")
    }
  }

  private func partText(kinds: [String: String]) throws(APIError) -> String {
    guard let type = try string("type") else { throw missing("type") }
    guard let member = kinds[type] else {
      guard Self.otherParts.contains(type) else {
        throw mismatch("type", kinds.keys.sorted().joined(separator: " or "))
      }
      throw .unsupported(path("type"), "images, audio and files are")
    }
    guard let text = try string(member) else { throw missing(member) }
    return text
  }

  /// Types of parts that the protocols know and this server cannot read.
  private static let otherParts: Set = [
    "image_url", "input_audio", "file", "video_url", "audio_url", "input_image", "input_file",
    "image", "document", "search_result", "tool_use", "tool_result", "server_tool_use",
    "web_search_tool_result", "thinking", "redacted_thinking", "container_upload",
  ]
}
