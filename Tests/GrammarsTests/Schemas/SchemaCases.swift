import Foundation
import Grammars
import JSON

/// A schema with instances.
struct SchemaCase: Sendable, CustomStringConvertible {
  /// What must become of the schema.
  enum Expectation: String, Sendable {
    case enforce
    case either
    case refuse
  }

  var id: String
  var expectation = Expectation.either
  var pointer = ""
  var needs: [String] = []
  var schema: JSONValue
  var valid: [JSONValue] = []
  var invalid: [JSONValue] = []

  var description: String { id }

  /// The cases of a file in `Goldens/structured`, or anywhere.
  static func load(_ name: String) throws -> [SchemaCase] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Goldens/structured")
    let file = name.hasPrefix("/") ? URL(filePath: name) : folder.appending(path: name)
    let bytes = [UInt8](try Data(contentsOf: file))
    let limits = JSONLimits(depth: 1000, values: 1_000_000)
    var document = try JSONValue(parsing: bytes, limits: limits)
    if case .object(let object) = document, let groups = object["groups"] { document = groups }
    guard case .array(let elements) = document else { return [] }
    return elements.compactMap(SchemaCase.init)
  }

  private init?(_ value: JSONValue) {
    guard case .object(let object) = value, case .string(let id)? = object["id"],
      let schema = object["schema"]
    else { return nil }
    self.id = id
    self.schema = schema
    if case .string(let text)? = object["expect"], let known = Expectation(rawValue: text) {
      expectation = known
    }
    if case .string(let text)? = object["pointer"] { pointer = text }
    if case .array(let list)? = object["needs"] {
      needs = list.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
    if case .array(let list)? = object["valid"] { valid = list }
    if case .array(let list)? = object["invalid"] {
      invalid = list.map { entry in
        if case .object(let object) = entry, object["why"] != nil, let data = object["data"] {
          data
        } else {
          entry
        }
      }
    }
  }
}

/// Writes instances as answers would: members of `properties` first, in the order of the schema.
struct InstanceWriter {
  let schema: JSONValue
  /// What follows `:` and `,`.
  var space = ""

  /// The text of an instance.
  func text(_ value: JSONValue) -> String { text(value, resolved(schema)) }

  private func text(_ value: JSONValue, _ schema: JSONObject) -> String {
    switch value {
    case .array(let elements):
      let parts = elements.enumerated().map { text($1, element($0, schema)) }
      return "[" + parts.joined(separator: "," + space) + "]"
    case .object(let object):
      let declared = members(schema["properties"])
      let first = declared.compactMap { name in object[name.name].map { (name.name, $0) } }
      let rest = object.members.filter { member in
        !declared.contains { $0.name.utf8.elementsEqual(member.name.utf8) }
      }
      let parts = (first + rest.map { ($0.name, $0.value) }).map { name, value in
        let inner =
          declared.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
          ?? schema["additionalProperties"]
        return string(.string(name)) + ":" + space + text(value, resolved(inner))
      }
      return "{" + parts.joined(separator: "," + space) + "}"
    case .number(let double) where double == double.rounded() && abs(double) < 1e15:
      return String(Int(double))
    default: return string(value)
    }
  }

  private func string(_ value: JSONValue) -> String {
    var writer = JSONWriter()
    writer.value(value)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private func members(_ value: JSONValue?) -> [JSONObject.Member] {
    if case .object(let object)? = value { object.members } else { [] }
  }

  private func element(_ index: Int, _ schema: JSONObject) -> JSONObject {
    if case .array(let list)? = schema["prefixItems"] ?? schema["items"], index < list.count {
      return resolved(list[index])
    }
    return resolved(schema["items"])
  }

  private func resolved(_ value: JSONValue?) -> JSONObject {
    guard case .object(let object)? = value else { return JSONObject() }
    guard case .string(let reference)? = object["$ref"], object["properties"] == nil,
      reference.hasPrefix("#")
    else { return object }
    var target = schema
    for part in reference.split(separator: "/").dropFirst() {
      guard case .object(let parent) = target, let next = parent[String(part)] else {
        return object
      }
      target = next
    }
    return target == value ? object : resolved(target)
  }
}
