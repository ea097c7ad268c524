import JSON

extension SchemaReader {
  /// Reads the keywords of a subschema: what says the least first, so that contradictions show early.
  mutating func readKeywords(_ frame: inout SchemaFrame) {
    enterResource(&frame)
    if dialect == .draft07, frame.object["$ref"] != nil {
      readReferences(&frame)
      return
    }
    readTypes(&frame)
    readNumbers(&frame)
    readStrings(&frame)
    readMembers(&frame)
    readItems(&frame)
    readDependencies(&frame)
    readReferences(&frame)
    readApplicators(&frame)
  }

  private mutating func readTypes(_ frame: inout SchemaFrame) {
    if let type = frame.object["type"] {
      frame.declared = []
      var names = [type]
      if case .array(let elements) = type { names = elements }
      if names.isEmpty { fault(.invalid, frame.pointer("type"), "names no type") }
      for name in names {
        guard case .string(let text) = name, let types = TypeSet(name: text) else {
          fault(.invalid, frame.pointer("type"), "is no type or list of types")
          continue
        }
        frame.declared.formUnion(types)
      }
      frame.add(.types(frame.declared), "type")
    }
    if let value = frame.object["const"] { frame.add(.values(ValueList([value])), "const") }
    guard let list = frame.object["enum"] else { return }
    guard case .array(let values) = list else {
      return fault(.invalid, frame.pointer("enum"), "is no list")
    }
    if values.isEmpty { return fault(.invalid, frame.pointer("enum"), "has no value") }
    if values.count > 10_000 {
      return fault(
        .tooComplex, frame.pointer("enum"), "has \(values.count) values; the limit is 10000")
    }
    frame.add(.values(ValueList(values)), "enum")
  }

  private mutating func number(_ frame: SchemaFrame, _ keyword: String) -> ExactDecimal? {
    guard let value = frame.object[keyword] else { return nil }
    if let number = ExactDecimal(value) {
      if number.wholeLength > 400 || number.exponent < -400 {
        fault(.tooComplex, frame.pointer(keyword), "has more than 400 digits")
        return nil
      }
      return number
    }
    fault(.invalid, frame.pointer(keyword), "is no number")
    return nil
  }

  private mutating func readNumbers(_ frame: inout SchemaFrame) {
    var lower: [ExactDecimal] = []
    var upper: [ExactDecimal] = []
    for (keyword, isExclusive) in [("minimum", false), ("exclusiveMinimum", true)] {
      guard let bound = number(frame, keyword) else { continue }
      frame.add(.lower(bound, isExclusive: isExclusive), keyword)
      lower.append(bound)
    }
    for (keyword, isExclusive) in [("maximum", false), ("exclusiveMaximum", true)] {
      guard let bound = number(frame, keyword) else { continue }
      frame.add(.upper(bound, isExclusive: isExclusive), keyword)
      upper.append(bound)
    }
    if let least = lower.max(), let most = upper.min(), most < least {
      fault(
        .unsatisfiable, frame.location.pointer,
        "has a lower bound of \(least.canonicalText) above the upper of \(most.canonicalText)")
    }
    guard let divisor = number(frame, "multipleOf") else { return }
    if divisor <= .zero {
      return fault(.invalid, frame.pointer("multipleOf"), "is not above zero")
    }
    frame.add(.multiple(of: divisor), "multipleOf")
  }

  /// A count that a keyword gives; a whole number that is not negative.
  private mutating func count(_ frame: SchemaFrame, _ keyword: String) -> Int? {
    guard let value = frame.object[keyword] else { return nil }
    guard let number = ExactDecimal(value), number.isInteger, !number.isNegative else {
      fault(.invalid, frame.pointer(keyword), "is no whole number from 0 on")
      return nil
    }
    return number.smallInteger ?? 1_000_000_000_000_000
  }

  /// The bounds of a pair of keywords; nil where there are none.
  mutating func bounds(
    _ frame: SchemaFrame, _ least: String, _ most: String
  ) -> (min: Int, max: Int?)? {
    let min = count(frame, least)
    let max = count(frame, most)
    if min == nil, max == nil { return nil }
    if let min, let max, max < min {
      fault(.unsatisfiable, frame.location.pointer, "has \(least) \(min) above \(most) \(max)")
    }
    // No answer is so long that a higher bound says anything.
    return (min ?? 0, max.flatMap { $0 > 1_000_000_000 ? nil : $0 })
  }

  private mutating func readStrings(_ frame: inout SchemaFrame) {
    if let (min, max) = bounds(frame, "minLength", "maxLength") {
      frame.add(
        .length(min: min, max: max),
        frame.object["minLength"] == nil ? "maxLength" : "minLength")
    }
    if let pattern = frame.object["pattern"] {
      if case .string(let text) = pattern {
        if let regex = search(text, at: frame.pointer("pattern"), &frame) {
          let pattern = CountedPattern(regex)
          frame.add(.text(pattern.language), "pattern")
          if let (min, max) = pattern.length {
            frame.add(.length(min: min, max: max), "pattern")
          }
        }
      } else {
        fault(.invalid, frame.pointer("pattern"), "is no string")
      }
    }
    guard let format = frame.object["format"] else { return }
    guard case .string(let name) = format else {
      return fault(.invalid, frame.pointer("format"), "is no string")
    }
    if let language = Formats.language(name) {
      frame.add(.text(language), "format")
      if let longest = Formats.longest(name) {
        frame.add(.length(min: 0, max: longest), "format")
      }
    } else {
      frame.refuse("format", "is a format that cannot be enforced")
    }
  }

  /// The texts that hold a match of a pattern.
  mutating func search(
    _ pattern: String, at pointer: String, _ frame: inout SchemaFrame
  ) -> Regex? {
    do {
      return try RegexSyntax.parse(pattern, anchored: false)
    } catch {
      var place = ""
      if case .byte(let byte) = error.place { place = " (byte \(byte) of the pattern)" }
      let placed = GrammarError(error.kind, at: .pointer(pointer), error.message + place)
      if error.kind == .unsupported {
        frame.unsupported.append(placed)
      } else {
        fault(error.kind, pointer, placed.message)
      }
      return nil
    }
  }
}
