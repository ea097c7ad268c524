import JSON

extension SchemaReader {
  /// Keywords whose value is a schema, a list of schemas, or a table of schemas.
  private static let schemaKeywords: Set<String> = [
    "additionalProperties", "items", "additionalItems", "contains", "propertyNames", "not", "if",
    "then", "else", "unevaluatedItems", "unevaluatedProperties", "contentSchema",
  ]
  private static let listKeywords: Set<String> = [
    "allOf", "anyOf", "oneOf", "prefixItems", "items",
  ]
  private static let tableKeywords: Set<String> = [
    "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies",
  ]

  /// Notes where schemas with a URI and anchors are.
  mutating func indexResources() {
    resources[""] = Location(pointer: "", value: document, base: "")
    index(Location(pointer: "", value: document, base: ""))
  }

  /// The depth of the document bounds the recursion.
  private mutating func index(_ location: Location) {
    guard case .object(let object) = location.value else { return }
    let base = base(of: object, within: location.base)
    let key = ExactText(base)
    if !base.isEmpty, resources[key] == nil { resources[key] = location }
    for keyword in ["$anchor", "$dynamicAnchor"] {
      guard case .string(let name)? = object[keyword] else { continue }
      anchors[ExactText(base + "#" + name)] = location
      if keyword == "$dynamicAnchor" { dynamicAnchors[ExactText(name), default: 0] += 1 }
    }
    if dialect == .draft07, case .string(let id)? = object["$id"], id.begins(with: "#") {
      anchors[ExactText(base + id)] = location
    }
    for member in object.members {
      if member.name.begins(with: "unevaluated") { usesUnevaluated = true }
      let pointer = SchemaPointer.child(location.pointer, member.name)
      if Self.schemaKeywords.contains(member.name) {
        index(Location(pointer: pointer, value: member.value, base: base))
      }
      switch member.value {
      case .array(let elements) where Self.listKeywords.contains(member.name):
        for (number, element) in elements.enumerated() {
          let inner = SchemaPointer.child(pointer, String(number))
          index(Location(pointer: inner, value: element, base: base))
        }
      case .object(let table) where Self.tableKeywords.contains(member.name):
        for entry in table.members {
          let inner = SchemaPointer.child(pointer, entry.name)
          index(Location(pointer: inner, value: entry.value, base: base))
        }
      default: break
      }
    }
  }

  private func base(of object: JSONObject, within base: String) -> String {
    guard case .string(let id)? = object["$id"] else { return base }
    if dialect == .draft07, id.begins(with: "#") || object["$ref"] != nil { return base }
    let split = URIReference.split(id)
    return split.path.isEmpty ? base : URIReference.resolve(split.path, against: base)
  }

  /// Takes over the URI that a subschema gives itself.
  mutating func enterResource(_ frame: inout SchemaFrame) {
    if let id = frame.object["$id"] {
      guard case .string = id else { return fault(.invalid, frame.pointer("$id"), "is no string") }
    }
    frame.location.base = base(of: frame.object, within: frame.location.base)
  }

  /// Reads the keywords that refer to other subschemas.
  mutating func readReferences(_ frame: inout SchemaFrame) {
    for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
      guard let value = frame.object[keyword] else { continue }
      if keyword == "$recursiveRef", dialect != .draft2019 { continue }
      if keyword == "$dynamicRef", dialect != .draft2020 { continue }
      guard case .string(let reference) = value else {
        fault(.invalid, frame.pointer(keyword), "is no string")
        continue
      }
      if keyword == "$recursiveRef", usesRecursiveAnchor {
        frame.refuse(keyword, "depends on the way it is reached, which cannot be enforced")
        continue
      }
      let fragment = ExactText(URIReference.split(reference).fragment)
      if keyword == "$dynamicRef", dynamicAnchors[fragment] ?? 0 > 1 {
        frame.refuse(keyword, "depends on the way it is reached, which cannot be enforced")
        continue
      }
      refer(&frame, keyword, reference)
    }
  }

  private var usesRecursiveAnchor: Bool {
    resources.values.contains { location in
      guard case .object(let object) = location.value else { return false }
      return object["$recursiveAnchor"] == .bool(true)
    }
  }

  private mutating func refer(_ frame: inout SchemaFrame, _ keyword: String, _ reference: String) {
    let split = URIReference.split(reference)
    let base = URIReference.resolve(split.path, against: frame.location.base)
    guard let resource = resources[ExactText(base)] else {
      frame.refuse(keyword, "refers to another document, which is not fetched")
      return
    }
    let target: Location?
    if split.fragment.isEmpty {
      target = resource
    } else if split.fragment.begins(with: "/") {
      target = find(split.fragment, from: resource)
    } else {
      target = anchors[ExactText(base + "#" + split.fragment)]
    }
    guard let target else {
      fault(.invalid, frame.pointer(keyword), "refers to nothing in the document")
      return
    }
    frame.add(.all([subschema(target)]), keyword)
  }

  /// Follows a JSON pointer from a resource on.
  private func find(_ fragment: String, from resource: Location) -> Location? {
    var location = resource
    let parts = fragment.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    for part in parts.dropFirst() {
      guard let token = URIReference.pointerToken(Substring(part)) else { return nil }
      if case .object(let object) = location.value {
        location.base = base(of: object, within: location.base)
      }
      switch location.value {
      case .object(let object):
        guard let value = object[token] else { return nil }
        location.value = value
      case .array(let elements):
        guard let index = Int(token), elements.indices.contains(index) else { return nil }
        location.value = elements[index]
      default: return nil
      }
      location.pointer = SchemaPointer.child(location.pointer, token)
    }
    return location
  }
}

/// As much of URI references as the references of schemas need.
enum URIReference {
  private static let (colon, slash) = (UInt8(ascii: ":"), UInt8(ascii: "/"))

  /// A reference without its fragment, and the fragment with escapes taken away.
  static func split(_ reference: String) -> (path: String, fragment: String) {
    guard let mark = reference.utf8.firstIndex(of: UInt8(ascii: "#")) else {
      return (reference, "")
    }
    let fragment = reference[reference.utf8.index(after: mark)...]
    return (String(reference[..<mark]), unescaped(fragment))
  }

  /// A reference as seen from a base.
  static func resolve(_ reference: String, against base: String) -> String {
    if reference.isEmpty { return base }
    if hasScheme(reference) { return reference }
    let root = rootEnd(of: base)
    if reference.begins(with: "//") {
      return base.utf8.firstIndex(of: colon).map { base[...$0] + reference } ?? reference
    }
    if reference.begins(with: "/") { return base[..<root] + reference }
    if let last = base[root...].utf8.lastIndex(of: slash) { return base[...last] + reference }
    return base[..<root] + (root == base.startIndex ? "" : "/") + reference
  }

  private static func hasScheme(_ reference: String) -> Bool {
    guard let end = reference.utf8.firstIndex(of: colon) else { return false }
    return end > reference.startIndex && reference.utf8[..<end].allSatisfy(isPartOfScheme)
  }

  private static func isPartOfScheme(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+")...UInt8(ascii: "."): byte != 0x2C
    default: false
    }
  }

  /// Where the path of a URI begins.
  private static func rootEnd(of base: String) -> String.Index {
    guard hasScheme(base), let end = base.utf8.firstIndex(of: colon) else {
      return base.startIndex
    }
    let rest = base.utf8[base.utf8.index(after: end)...]
    guard rest.starts(with: "//".utf8) else { return rest.startIndex }
    return rest.dropFirst(2).firstIndex(of: slash) ?? base.endIndex
  }

  private static func unescaped(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2)
      if byte == UInt8(ascii: "%"), digits.count == 2,
        let value = UInt8(Substring(digits), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The name that a part of a JSON pointer stands for; nil where an escape is malformed.
  static func pointerToken(_ part: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = part.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "~") else {
        bytes.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
      case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
      default: return nil
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
