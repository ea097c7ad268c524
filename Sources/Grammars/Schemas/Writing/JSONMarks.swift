import JSON

/// The structural lexemes of JSON with the white space that may stand beside them.
struct JSONMarks {
  /// What may stand between tokens.
  let space: Regex

  /// Creates the lexemes.
  init(_ whiteSpace: SchemaOptions.WhiteSpace) {
    let blanks = Regex.repetition(.byte(ByteSet(0x09...0x09, 0x20...0x20)), min: 0, max: 40)
    space =
      switch whiteSpace {
      case .none: .empty
      case .bounded: Regex.alternatives([Regex(" "), .sequence([Regex("\n"), blanks])]).optional
      }
  }

  private func mark(_ parts: Regex...) -> Regex {
    space == .empty ? joined(parts) : .sequence(parts)
  }

  private func joined(_ parts: [Regex]) -> Regex {
    .sequence(parts.filter { $0 != .empty })
  }

  /// The beginning of an object with members.
  var openObject: Regex { mark(Regex("{"), space) }
  /// The end of an object with members.
  var closeObject: Regex { mark(space, Regex("}")) }
  /// An object without members.
  var emptyObject: Regex { mark(Regex("{"), space, Regex("}")) }
  /// The beginning of an array with elements.
  var openArray: Regex { mark(Regex("["), space) }
  /// The end of an array with elements.
  var closeArray: Regex { mark(space, Regex("]")) }
  /// An array without elements.
  var emptyArray: Regex { mark(Regex("["), space, Regex("]")) }
  /// What parts members and elements.
  var comma: Regex { mark(space, Regex(","), space) }
  /// What parts a name from its value.
  var colon: Regex { mark(space, Regex(":"), space) }

  /// The name of a member and the colon.
  func name(_ text: String) -> Regex { mark(StringLanguages.constant(text), colon) }

  /// The texts of a value; members stay in their order.
  func constant(_ value: JSONValue) -> Regex {
    switch value {
    case .null: return Regex("null")
    case .bool(let flag): return Regex(flag ? "true" : "false")
    case .integer, .number:
      return Regex(ExactDecimal(value)?.canonicalText ?? "0")
    case .string(let text): return StringLanguages.constant(text)
    case .array(let elements):
      if elements.isEmpty { return emptyArray }
      return list(openArray, elements.map(constant), closeArray)
    case .object(let object):
      if object.members.isEmpty { return emptyObject }
      let members = object.members.map { mark(name($0.name), constant($0.value)) }
      return list(openObject, members, closeObject)
    }
  }

  private func list(_ open: Regex, _ parts: [Regex], _ close: Regex) -> Regex {
    var result = [open]
    for (index, part) in parts.enumerated() {
      if index > 0 { result.append(comma) }
      result.append(part)
    }
    return .sequence(result + [close])
  }
}

/// A set of texts with common beginnings written once.
enum TextTrie {
  /// The language of some texts.
  static func language(of texts: [[UInt8]]) -> Regex {
    let sorted = texts.sorted { $0.lexicographicallyPrecedes($1) }
    return language(of: sorted[...], from: 0, depth: 0)
  }

  private static func language(of texts: ArraySlice<[UInt8]>, from start: Int, depth: Int) -> Regex
  {
    guard let first = texts.first, let last = texts.last else { return .nothing }
    if depth > 100 { return .alternatives(texts.map { .literal(Array($0[start...])) }) }
    // Of sorted texts, what the first and the last have in common all have.
    let shortest = min(first.count, last.count)
    let common = (start..<shortest).first { first[$0] != last[$0] } ?? shortest
    let head = Regex.literal(Array(first[start..<common]))
    if first == last { return head }
    var parts: [Regex] = first.count == common ? [.empty] : []
    var rest = texts.drop { $0.count == common }
    while let next = rest.first {
      let group = rest.prefix { $0[common] == next[common] }
      parts.append(language(of: group, from: common, depth: depth + 1))
      rest = rest[group.endIndex...]
    }
    let tail = parts.count == 1 ? parts[0] : Regex.alternatives(parts)
    return common == start ? tail : .sequence([head, tail])
  }
}
