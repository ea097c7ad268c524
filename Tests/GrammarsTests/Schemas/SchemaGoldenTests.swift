import Foundation
import Grammars
import JSON
import Testing

@Suite struct SchemaGoldenTests {
  /// What became of a case: nil where it is right.
  static func fault(_ one: SchemaCase) -> String? {
    switch compiled(one.schema) {
    case .failure(let errors):
      let pointers = errors.faults.map { fault in
        if case .pointer(let pointer) = fault.place { pointer } else { "?" }
      }
      if one.expectation == .enforce {
        return "refused at \(pointers): \(errors.faults[0].message)"
      }
      let isPlaced = pointers.contains { $0.hasPrefix(one.pointer) }
      return isPlaced ? nil : "refused at \(pointers)"
    case .success(let grammar):
      if one.expectation == .refuse { return "compiled" }
      return wrongVerdicts(one, grammar).first
    }
  }

  static func wrongVerdicts(_ one: SchemaCase, _ grammar: Grammar) -> [String] {
    var result: [String] = []
    for space in ["", " "] {
      let writer = InstanceWriter(schema: one.schema, space: space)
      for value in one.valid {
        let text = writer.text(value)
        let verdict = PlainMatcher.verdict(grammar, text.utf8)
        if verdict != .complete { result.append("valid \(text.prefix(200)): \(verdict)") }
      }
      for value in one.invalid {
        let text = writer.text(value)
        let verdict = PlainMatcher.verdict(grammar, text.utf8)
        if verdict == .complete { result.append("invalid \(text.prefix(200)) was taken") }
      }
    }
    return result
  }

  static func compiled(
    _ schema: JSONValue, _ options: SchemaOptions = SchemaOptions()
  ) -> Result<Grammar, GrammarErrors> {
    var builder = GrammarBuilder()
    do {
      let result = try JSONSchema.compile(schema, into: &builder, options: options)
      let start = builder.rule(named: "start")
      builder.define(start, as: result.expression)
      return .success(builder.finished(start: start))
    } catch {
      return .failure(error)
    }
  }

  @Test("schemas take their valid instances and refuse the invalid ones")
  func open() throws {
    let cases = try SchemaCase.load("schemas_open.json")
    #expect(cases.count == 193)
    for one in cases {
      if let fault = Self.fault(one) { Issue.record("\(one.id) (\(one.expectation)): \(fault)") }
    }
  }

  /// Groups some of whose valid instances are not taken: formats that the suite takes for annotations,
  /// members in another order than the schema's, and names in other scripts.
  private static let lostGroups = [
    "format/", "allOf/0:", "const/1:", "const/13:", "dependentRequired/3:", "propertyNames/5:",
    "vocabulary/0:", "optional/format/date-time/0:", "optional/format/time/0:",
    "optional/format/hostname/1:",
  ]

  @Test("the suite's invalid instances are refused and most groups compile")
  func suite() throws {
    let cases = try SchemaCase.load("json_schema_suite.json")
    var compiled = 0
    var lost: [String] = []
    for one in cases {
      guard case .success(let grammar) = Self.compiled(one.schema) else { continue }
      compiled += 1
      for fault in Self.wrongVerdicts(one, grammar) {
        if fault.hasPrefix("invalid") {
          Issue.record("\(one.id): \(fault)")
        } else {
          lost.append("\(one.id): \(fault)")
        }
      }
    }
    if let path = ProcessInfo.processInfo.environment["SCHEMA_REPORT"] {
      try lost.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }
    print("groups compiled: \(compiled) of \(cases.count); valid instances lost: \(lost.count)")
    #expect(compiled >= 335)
    let reasons = Self.lostGroups
    let others = lost.filter { line in !reasons.contains { line.hasPrefix($0) } }
    #expect(others.isEmpty)
  }
}

@Suite struct SchemaRandomTests {
  /// A file of `Goldens/structured/random_schemas.py`, where one is named.
  private static let file = ProcessInfo.processInfo.environment["SCHEMA_CASES"]

  @Test("random schemas agree with a validator", .enabled(if: file != nil))
  func random() throws {
    var compiled = 0
    var lost = 0
    for one in try SchemaCase.load(Self.file ?? "") {
      guard case .success(let grammar) = SchemaGoldenTests.compiled(one.schema) else { continue }
      compiled += 1
      for fault in SchemaGoldenTests.wrongVerdicts(one, grammar) {
        if fault.hasPrefix("valid") {
          lost += 1
          print("lost \(one.id): \(fault) \(one.schema)".prefix(900))
        } else {
          Issue.record("\(one.id): \(fault)")
        }
      }
    }
    print("compiled: \(compiled); valid instances lost: \(lost)")
  }
}
