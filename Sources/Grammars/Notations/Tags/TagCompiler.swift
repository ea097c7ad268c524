import JSON

/// Compiles the formats of structural tags.
struct TagCompiler {
  /// A begin mark, what follows it, and the end mark.
  struct Tag {
    var begin: String
    var content: JSONValue
    var ends: [String]
    var pointer: String
  }

  /// Where rules are added.
  var builder: GrammarBuilder
  private let context: NotationContext
  private let spelling: MarkSpelling

  /// Begins.
  init(_ context: NotationContext, _ builder: GrammarBuilder) {
    self.context = context
    spelling = MarkSpelling(controlToken: context.controlToken)
    self.builder = builder
  }

  /// The grammar of a format.
  ///
  /// - Parameter marks: What ends the format, and what free text at its end may therefore not hold.
  mutating func compile(
    _ format: JSONValue, at pointer: String, depth: Int, before marks: [String] = []
  ) throws(GrammarErrors) -> Grammar.Expression {
    if depth > NotationLimits.depth { throw fault(.tooComplex, pointer, "nests too deeply") }
    guard case .object(let members) = format, case .string(let type)? = members["type"] else {
      throw fault(.invalid, pointer, "has no type")
    }
    switch type {
    case "const_string": return literal(try string(members, "value", pointer))
    case "json_schema":
      return try schema(members["json_schema"] ?? .bool(true), at: pointer + "/json_schema")
    case "regex":
      return try regex(try string(members, "pattern", pointer), at: pointer + "/pattern")
    case "grammar":
      return try grammar(try string(members, "grammar", pointer), at: pointer + "/grammar")
    case "any_text":
      let excluded = try strings(members["excludes"], pointer + "/excludes")
      return freeText(without: marks + excluded)
    case "sequence", "or":
      return try elements(members, type, at: pointer, depth: depth, before: marks)
    case "tag":
      return try compile(try tag(members, "content", at: pointer), depth: depth)
    case "triggered_tags":
      return try triggered(
        members, names: ("tags", "content"), at: pointer, depth: depth, before: marks)
    case "tags_with_separator": return try separated(members, at: pointer, depth: depth)
    case "optional", "star", "plus":
      guard let content = members["content"] else {
        throw fault(.invalid, pointer, "has no content")
      }
      let inner = try compile(content, at: pointer + "/content", depth: depth + 1, before: marks)
      return .repetition(inner, min: type == "plus" ? 1 : 0, max: type == "optional" ? 1 : nil)
    default: throw fault(.unsupported, pointer + "/type", "is \(type), which is not known")
    }
  }

  /// Free text in which triggers begin tags.
  mutating func triggered(
    _ members: JSONObject, names: (tags: String, content: String), at pointer: String, depth: Int,
    before marks: [String] = []
  ) throws(GrammarErrors) -> Grammar.Expression {
    let triggers = try strings(members["triggers"], pointer + "/triggers")
    let tags = try self.tags(members[names.tags], names.content, at: pointer + "/" + names.tags)
    if triggers.isEmpty { throw fault(.invalid, pointer, "has no triggers") }
    var bodies: [Grammar.Expression] = []
    for tag in tags {
      guard triggers.contains(where: { tag.begin.begins(with: $0) }) else {
        throw fault(.invalid, tag.pointer, "begins with no trigger")
      }
      bodies.append(try compile(tag, depth: depth))
    }
    let excluded = try strings(members["excludes"], pointer + "/excludes")
    let free = freeText(without: triggers + excluded + marks)
    let tag = Grammar.Expression.alternatives(bodies)
    let once = try bool(members, "stop_after_first", pointer)
    let atLeastOne = try bool(members, "at_least_one", pointer)
    if atLeastOne {
      if once { return tag }
      return .sequence([tag, .repetition(.sequence([free, tag]), min: 0, max: nil), free])
    }
    if once { return .sequence([free, .repetition(tag, min: 0, max: 1)]) }
    return .sequence([.repetition(.sequence([free, tag]), min: 0, max: nil), free])
  }

  private mutating func separated(
    _ members: JSONObject, at pointer: String, depth: Int
  ) throws(GrammarErrors) -> Grammar.Expression {
    let separator = literal(try string(members, "separator", pointer))
    var bodies: [Grammar.Expression] = []
    for tag in try tags(members["tags"], "content", at: pointer + "/tags") {
      bodies.append(try compile(tag, depth: depth))
    }
    let tag = Grammar.Expression.alternatives(bodies)
    let once = try bool(members, "stop_after_first", pointer)
    let more = Grammar.Expression.repetition(
      .sequence([separator, tag]), min: 0, max: once ? 0 : nil)
    let several = Grammar.Expression.sequence([tag, more])
    let atLeastOne = try bool(members, "at_least_one", pointer)
    return atLeastOne ? several : .repetition(several, min: 0, max: 1)
  }

  private mutating func elements(
    _ members: JSONObject, _ type: String, at pointer: String, depth: Int, before marks: [String]
  ) throws(GrammarErrors) -> Grammar.Expression {
    guard case .array(let elements)? = members["elements"], !elements.isEmpty else {
      throw fault(.invalid, pointer, "has no elements")
    }
    var parts: [Grammar.Expression] = []
    for (index, element) in elements.enumerated() {
      let isLast = type == "or" || index == elements.count - 1
      parts.append(
        try compile(
          element, at: "\(pointer)/elements/\(index)", depth: depth + 1,
          before: isLast ? marks : []))
    }
    return type == "or" ? .alternatives(parts) : .sequence(parts)
  }

  private mutating func compile(_ tag: Tag, depth: Int) throws(GrammarErrors) -> Grammar.Expression
  {
    let content = try compile(
      tag.content, at: tag.pointer, depth: depth + 1, before: tag.ends)
    let ends = tag.ends.map { literal($0) }
    return .sequence([literal(tag.begin), content] + (ends.isEmpty ? [] : [.alternatives(ends)]))
  }

  private func tags(
    _ value: JSONValue?, _ content: String, at pointer: String
  ) throws(GrammarErrors) -> [Tag] {
    guard case .array(let elements)? = value, !elements.isEmpty else {
      throw fault(.invalid, pointer, "has no tags")
    }
    var result: [Tag] = []
    for (index, element) in elements.enumerated() {
      guard case .object(let members) = element else {
        throw fault(.invalid, "\(pointer)/\(index)", "is no object")
      }
      result.append(try tag(members, content, at: "\(pointer)/\(index)"))
    }
    return result
  }

  private func tag(
    _ members: JSONObject, _ content: String, at pointer: String
  ) throws(GrammarErrors) -> Tag {
    guard var inner = members[content] else { throw fault(.invalid, pointer, "has no \(content)") }
    if content == "schema" {
      var format = JSONObject()
      format["type"] = .string("json_schema")
      format["json_schema"] = inner
      inner = .object(format)
    }
    var ends: [String] = []
    if case .string(let end)? = members["end"] {
      ends = [end]
    } else {
      ends = try strings(members["end"], pointer + "/end")
    }
    return Tag(
      begin: try string(members, "begin", pointer), content: inner, ends: ends,
      pointer: "\(pointer)/\(content)")
  }

  private mutating func schema(
    _ schema: JSONValue, at pointer: String
  ) throws(GrammarErrors) -> Grammar.Expression {
    do throws(GrammarErrors) {
      return try context.schema(schema, &builder)
    } catch {
      throw GrammarErrors(
        error.faults.map { fault in
          guard case .pointer(let inner) = fault.place else { return fault }
          return GrammarError(fault.kind, at: .pointer(pointer + inner), fault.message)
        })
    }
  }

  private mutating func regex(
    _ pattern: String, at pointer: String
  ) throws(GrammarErrors) -> Grammar.Expression {
    do throws(GrammarError) {
      return builder.lexeme(try RegexSyntax.parse(pattern, anchored: true))
    } catch {
      throw fault(error.kind, pointer, error.message)
    }
  }

  private mutating func grammar(
    _ text: String, at pointer: String
  ) throws(GrammarErrors) -> Grammar.Expression {
    do throws(GrammarErrors) {
      return try GBNF.compile(text, into: &builder, controlToken: context.controlToken)
    } catch {
      throw GrammarErrors(
        error.faults.map { GrammarError($0.kind, at: .pointer(pointer), $0.message) })
    }
  }

  private mutating func literal(_ text: String) -> Grammar.Expression {
    spelling.expression(of: text, in: &builder)
  }

  private mutating func freeText(without marks: [String]) -> Grammar.Expression {
    builder.lexeme(spelling.freeText(without: marks))
  }

  private func string(
    _ members: JSONObject, _ key: String, _ pointer: String
  ) throws(GrammarErrors) -> String {
    guard case .string(let text)? = members[key] else {
      throw fault(.invalid, pointer, "has no text \(key)")
    }
    return text
  }

  private func strings(_ value: JSONValue?, _ pointer: String) throws(GrammarErrors) -> [String] {
    guard let value else { return [] }
    guard case .array(let elements) = value else { throw fault(.invalid, pointer, "is no list") }
    var result: [String] = []
    for element in elements {
      guard case .string(let text) = element else {
        throw fault(.invalid, pointer, "holds no texts")
      }
      result.append(text)
    }
    return result
  }

  private func bool(
    _ members: JSONObject, _ key: String, _ pointer: String
  ) throws(GrammarErrors) -> Bool {
    switch members[key] {
    case nil, .null?: return false
    case .bool(let value)?: return value
    default: throw fault(.invalid, "\(pointer)/\(key)", "is neither true nor false")
    }
  }

  private func fault(
    _ kind: GrammarError.Kind, _ pointer: String, _ message: String
  ) -> GrammarErrors {
    GrammarErrors([GrammarError(kind, at: .pointer(pointer), message)])
  }
}
