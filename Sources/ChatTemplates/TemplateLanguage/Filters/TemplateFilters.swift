/// The filters of the template language: `value | name(arguments)`.
enum TemplateFilters {
  /// What a filter does.
  typealias Body =
    @Sendable (TemplateInterpreter, TemplateValue, TemplateArguments) throws(TemplateError) ->
    TemplateValue

  /// Every filter by its name; each group owns a file.
  static let table: [String: Body] = {
    var table: [String: Body] = [:]
    for group in [text, layout, numbers, sequences, selections, ordering, values] {
      table.merge(group) { first, _ in first }
    }
    return table
  }()
}

extension TemplateInterpreter {
  /// How to find an attribute that a filter is told of: names and positions, one after another.
  func attributePath(_ attribute: TemplateValue) throws(TemplateError) -> [TemplateValue] {
    guard case .string(let path) = attribute else { return [attribute] }
    let dots = try path.occurrences(of: TemplateString("."), budget)
    return path.pieces(between: dots, separatorLength: 1).map { part in
      let isNumber = !part.isEmpty && part.bytes.allSatisfy { (0x30...0x39).contains($0) }
      return (isNumber ? Int(part.text) : nil).map { .integer($0) } ?? .string(part)
    }
  }

  /// The attribute of a value that a path leads to.
  func follow(
    _ path: [TemplateValue], from value: TemplateValue, or otherwise: TemplateValue? = nil
  ) throws(TemplateError) -> TemplateValue {
    var result = value
    for part in path {
      try budget.charge()
      result = try item(part, of: result)
      if let otherwise, result.isUndefined { result = otherwise }
    }
    return result
  }

  /// A value by which others are sorted or told apart: without case unless it matters.
  func sortKey(
    _ value: TemplateValue, caseSensitive: Bool
  ) throws(TemplateError) -> TemplateValue {
    guard !caseSensitive, case .string(let text) = value else { return value }
    try budget.charge(bytes: text.bytes.count * 8)
    return .string(text.lowercased)
  }

  /// A list value of bounded length and depth.
  func list(_ elements: [TemplateValue]) throws(TemplateError) -> TemplateValue {
    .list(try TemplateList(elements, budget))
  }

  /// An iterator of bounded length and depth.
  func iterator(_ elements: [TemplateValue]) throws(TemplateError) -> TemplateValue {
    .iterator(try TemplateIterator(elements, budget))
  }
}
