import HTTPTypes

@testable import InferenceServer

extension FieldTable {
  /// The table as the documentation has it.
  var markdown: String {
    var lines = ["| field | value | where absent | what it does |", "|---|---|---|---|"]
    lines += rows(prefix: "")
    let own = Set(fields.map(\.name))
    let ignored = ignored.filter { !own.contains($0.name) }
    if !ignored.isEmpty {
      let list = ignored.map { "`\($0.name)` (\($0.kind.words))" }.joined(separator: ", ")
      lines += ["", "Fields that are accepted and change nothing: \(list)."]
    }
    if !refused.isEmpty {
      let list = refused.map { "`\($0.name)`" }.joined(separator: ", ")
      lines += ["", "Fields that are refused unless they are empty: \(list)."]
    }
    return lines.joined(separator: "\n")
  }

  private func rows(prefix: String) -> [String] {
    fields.flatMap { field in
      let names = ([field.name] + field.spellings).map { "`\(prefix)\($0)`" }
      let row = [
        names.joined(separator: ", or "), field.kind.words, field.fallback.words, field.meaning,
      ]
      let own = "| " + row.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
      let inner = field.kind.inner
      let inside = inner.map { $0.table.inside(prefix + field.name + $0.suffix) } ?? []
      return [own] + inside
    }
  }

  private func inside(_ path: String) -> [String] {
    let refused = refused.map { "| `\(path).\($0.name)` | refused unless empty | | |" }
    return rows(prefix: path + ".") + refused
  }
}

extension Field.Kind {
  /// What a value may be, in words.
  fileprivate var words: String {
    switch self {
    case .boolean: "boolean"
    case .integer(let range):
      switch (range.lowerBound, range.upperBound) {
      case (.min, .max): "integer"
      case (let low, .max): "integer, at least \(low)"
      case (let low, let high): "integer from \(low) to \(high)"
      }
    case .number(let range): "number from \(short(range.lowerBound)) to \(short(range.upperBound))"
    case .positive(let limit): "number above 0, at most \(short(limit))"
    case .string(.max): "string"
    case .string(let limit): "string of at most \(limit) bytes"
    case .word(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .array(let elements, .max): "array of \(elements)"
    case .array(let elements, let limit): "array of at most \(limit) \(elements)"
    case .objects(_, let limit): "array of at most \(limit) objects"
    case .map(let kind?): "object; each value a \(kind.words)"
    case .object, .map: "object"
    case .parts: "string, or array of parts"
    case .special(let words, _): words
    }
  }

  /// The fields of objects in a value, and what stands between the names.
  fileprivate var inner: (table: FieldTable, suffix: String)? {
    switch self {
    case .object(let table): (table, "")
    case .objects(let table, _), .parts(let table), .special(_, let table?): (table, "[]")
    default: nil
    }
  }

  private func short(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }
}

extension Field.Fallback {
  fileprivate var words: String {
    switch self {
    case .required: "required"
    case .nothing: "–"
    case .value(let words): words
    }
  }
}

extension RefusalReason {
  /// The table of all refusals as the documentation has it.
  static var markdown: String {
    var lines = ["| status | `code` | `type` | meaning |", "|---|---|---|---|"]
    for reason in allCases.sorted(by: { $0.status.code < $1.status.code }) {
      let row = [
        "\(reason.status.code)", "`\(reason.rawValue)`", "`\(reason.type)`", reason.meaning,
      ]
      lines.append("| " + row.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n")
  }
}

extension ErrorReason {
  /// The table of all errors as the documentation has it.
  static var markdown: String {
    var lines = [
      "| status | `code` | `type` | Anthropic's status and type | counted as | meaning |",
      "|---|---|---|---|---|---|",
    ]
    let sorted = allCases.enumerated().sorted {
      ($0.element.terms.status.code, $0.offset) < ($1.element.terms.status.code, $1.offset)
    }
    // What nobody is there to read is no answer.
    for (_, reason) in sorted where reason != .clientGone {
      let (terms, error) = (reason.terms, APIError(reason, ""))
      let row = [
        "\(terms.status.code)", terms.code.map { "`\($0)`" } ?? "null", "`\(terms.kind.rawValue)`",
        "\(error.messagesStatus.code) `\(error.messagesType)`",
        terms.rejection.map { "`\($0)`" } ?? "–", terms.meaning,
      ]
      lines.append("| " + row.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n")
  }
}
