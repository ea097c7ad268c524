import ChatTemplates
import Foundation
import JSON
import Testing
import Tokenizers

/// What jinja2 made of templates, conversations and snippets; Tests/Goldens/chat_templates.py
/// wrote it.
struct ChatTemplateGoldens {
  /// What one rendering ended with.
  enum Outcome: Hashable {
    case text(String)
    case raised(String)
    case error
  }

  /// A conversation with everything else that a rendering is given.
  struct Scene {
    let name: String
    let messages: [ChatMessage]
    let options: ChatTemplate.Options
  }

  let templates: [(name: String, source: String)]
  let conversations: [Scene]
  /// For each template, the outcome of each conversation.
  let renderings: [[Outcome]]
  let snippetScene: Scene
  let snippets: [(source: String, outcome: Outcome)]
  let specialTokens: [String: String]

  /// The goldens of a file that the script wrote of templates elsewhere; nil where none is named.
  static let campaign = ProcessInfo.processInfo.environment["APUS_TEMPLATE_CAMPAIGN"]

  /// Reads goldens.
  ///
  /// - Parameter path: The file; nil for the one beside the script.
  init(path: String? = nil) throws {
    let file =
      path.map { URL(filePath: $0) }
      ?? URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Goldens/chat_templates.json").standardized
    let bytes = [UInt8](try Data(contentsOf: file))
    let limits = JSONLimits(depth: 64, values: 200_000)
    let root = try JSONValue(parsing: bytes, limits: limits).members
    guard case .integer(let seconds) = root["now"] else { throw GoldenFault() }
    let now = TemplateDate(unixSeconds: seconds)
    specialTokens = try root["specialTokens"].orThrow().members.members.reduce(into: [:]) {
      $0[$1.name] = $1.value.string
    }
    let texts = try root["texts"].orThrow().elements.map { Outcome($0) }
    templates = try root["templates"].orThrow().elements.map {
      (try $0.members["name"].orThrow().string, try $0.members["source"].orThrow().string)
    }
    conversations = try root["conversations"].orThrow().elements.map { try Scene($0, now) }
    renderings = try root["renderings"].orThrow().elements.map {
      $0.elements.map { texts[$0.integer] }
    }
    snippetScene = try Scene(try root["scene"].orThrow(), now)
    snippets = try root["snippets"].orThrow().elements.map {
      ($0.elements[0].string, texts[$0.elements[1].integer])
    }
  }

  /// What our own renderings of a template end with, one for each scene.
  func outcomes(_ source: String, _ scenes: [Scene]) -> [Outcome] {
    guard let template = try? ChatTemplate(source: source, specialTokens: specialTokens) else {
      return scenes.map { _ in .error }
    }
    return scenes.map { Self.outcome(template, $0) }
  }

  private static func outcome(_ template: ChatTemplate, _ scene: Scene) -> Outcome {
    do {
      let segments = try template.render(scene.messages, options: scene.options)
      return .text(segments.map(\.text).joined())
    } catch {
      return error.kind == .raised ? .raised(error.message) : .error
    }
  }
}

/// The golden file is not what its script writes.
struct GoldenFault: Error {}

extension ChatTemplateGoldens.Outcome {
  fileprivate init(_ value: JSONValue) {
    switch value {
    case .string(let text): self = .text(text)
    case .object(let object): self = .raised(object["raised"]?.string ?? "")
    default: self = .error
    }
  }

  /// Whether two outcomes are the same byte for byte, not only canonically.
  func matches(_ other: Self) -> Bool {
    switch (self, other) {
    case (.text(let one), .text(let other)), (.raised(let one), .raised(let other)):
      one.utf8.elementsEqual(other.utf8)
    case (.error, .error): true
    default: false
    }
  }
}

extension ChatTemplateGoldens.Scene {
  fileprivate init(_ value: JSONValue, _ now: TemplateDate) throws {
    let members = value.members
    name = members["name"]?.string ?? ""
    messages = try members["messages"].orThrow().elements.map { message in
      var extra = JSONObject()
      for member in message.members.members where member.name != "role" {
        if member.name == "content", case .string = member.value { continue }
        extra[member.name] = member.value
      }
      return ChatMessage(
        role: message.members["role"]?.string ?? "",
        content: message.members["content"]?.string ?? "", extra: extra)
    }
    var options = ChatTemplate.Options()
    options.tools = members["tools"]?.elements ?? []
    options.documents = members["documents"]?.elements ?? []
    options.extra = members["extra"]?.members ?? JSONObject()
    if case .bool(let flag)? = members["add_generation_prompt"] {
      options.addGenerationPrompt = flag
    }
    options.now = now
    self.options = options
  }
}

extension JSONValue {
  fileprivate var members: JSONObject {
    if case .object(let object) = self { object } else { JSONObject() }
  }

  fileprivate var elements: [JSONValue] {
    if case .array(let elements) = self { elements } else { [] }
  }

  fileprivate var string: String {
    if case .string(let text) = self { text } else { "" }
  }

  fileprivate var integer: Int {
    if case .integer(let integer) = self { integer } else { 0 }
  }
}

extension JSONValue? {
  fileprivate func orThrow() throws -> JSONValue {
    guard let self else { throw GoldenFault() }
    return self
  }
}
