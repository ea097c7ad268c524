import JSON

extension SchemaWriter {
  /// Why no text fits: the keyword that says so, or the subschema.
  mutating func blame(
    _ start: [Literal], _ cleaner: DraftCleaner
  ) throws(SchemaFault) -> SchemaFault {
    var literals = start
    var seen: Set<[Literal]> = []
    while seen.insert(literals).inserted {
      let alternatives = try expansion.alternatives(literals)
      guard let facts = alternatives.first(where: { $0.contradiction == nil }) else {
        let pointer = alternatives.first?.contradiction ?? expansion.pointer(of: literals)
        return SchemaFault(.unsatisfiable, at: .pointer(pointer), "leaves no value")
      }
      guard facts.types.contains(.object) else { break }
      var next: [Literal]?
      for required in facts.required where next == nil {
        let value = facts.meet(of: required.name, without: [])
        let isDeclared = facts.members.contains { $0.value(named: required.name) != nil }
        if !isDeclared, value.contains(where: { $0.isNever(in: expansion.nodes) }) {
          return SchemaFault(
            .unsatisfiable, at: .pointer(required.pointer),
            "requires \"\(required.name)\", which no value may have")
        }
        var copy = cleaner
        let isProductive = try? copy.isProductive(expression(for: value), &languages)
        if isProductive == false { next = value }
      }
      guard let next else { break }
      literals = next
    }
    return SchemaFault(
      .unsatisfiable, at: .pointer(expansion.pointer(of: literals)), "has no finite instance")
  }
}
