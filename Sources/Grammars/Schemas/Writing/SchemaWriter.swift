import JSON

/// Writes subschemas as rules of a grammar of its own, takes away what no text ends, and hands over the rest.
struct SchemaWriter {
  /// Combines subschemas.
  var expansion: Expansion
  /// Judges values.
  var evaluator: SchemaEvaluator
  /// Answers for regular languages.
  var languages = LanguageTable()
  /// The grammar as it is written.
  var draft = GrammarBuilder()
  /// The structure of documents.
  let marks: JSONMarks
  /// Where a subschema was replaced by its type.
  private(set) var relaxed: [String]
  private let relaxesUnsupported: Bool
  private var faults: [SchemaFault] = []
  private var known: [[Literal]: Grammar.Expression] = [:]
  private var pending: [(literals: [Literal], rule: Int)] = []

  /// The most nodes of all rules together.
  static let itemLimit = 100_000

  /// Begins a grammar of the subschemas that were read.
  init(_ reader: SchemaReader, options: SchemaOptions) {
    expansion = Expansion(reader.nodes)
    evaluator = SchemaEvaluator(nodes: reader.nodes, languages: LanguageTable())
    marks = JSONMarks(options.whiteSpace)
    relaxed = reader.relaxed
    relaxesUnsupported = options.relaxesUnsupported
  }

  /// Writes a subschema and all that it needs.
  mutating func write(
    _ root: Literal, into builder: inout GrammarBuilder
  ) throws(GrammarErrors) -> Grammar.Expression {
    let start = expression(for: [root])
    while let next = pending.popLast() {
      draft.define(next.rule, as: body(of: next.literals))
      if draft.grammar.rules.count > Self.itemLimit || faults.count > 64 { break }
    }
    if faults.isEmpty { checkSize() }
    if !faults.isEmpty { throw GrammarErrors(faults) }
    var cleaner = DraftCleaner(draft.grammar)
    do {
      try cleaner.findProductive(&languages)
      if try cleaner.isProductive(start, &languages) { return cleaner.copy(start, into: &builder) }
      throw GrammarErrors([try blame([root], cleaner)])
    } catch let errors as GrammarErrors {
      throw errors
    } catch let fault as SchemaFault {
      throw GrammarErrors([fault])
    } catch {
      throw GrammarErrors([tooComplex([root])])
    }
  }

  private mutating func checkSize() {
    let count = draft.grammar.rules.reduce(0) { $0 + $1.body.itemCount }
    if count > Self.itemLimit {
      faults.append(
        SchemaFault(
          .tooComplex, at: .pointer(""),
          "makes a grammar of \(count) items; the limit is \(Self.itemLimit)"))
    }
  }

  /// The fault of a language that takes too many steps.
  func tooComplex(_ literals: [Literal]) -> SchemaFault {
    SchemaFault(
      .tooComplex, at: .pointer(expansion.pointer(of: literals)), "takes too many steps to compile")
  }

  /// A value that matches all of some subschemas.
  mutating func expression(for literals: [Literal]) -> Grammar.Expression {
    var needed: [Literal] = []
    for literal in literals where !expansion.isTrue(literal) && !needed.contains(literal) {
      needed.append(literal)
    }
    if let known = known[needed] { return known }
    let containers: TypeSet = [.array, .object]
    let isNested =
      if let all = try? expansion.alternatives(needed) {
        all.contains { $0.contradiction == nil && !$0.types.isDisjoint(with: containers) }
      } else { true }
    let result: Grammar.Expression
    if isNested {
      let rule = draft.rule(named: expansion.pointer(of: needed))
      pending.append((needed, rule))
      result = .rule(rule)
    } else {
      result = body(of: needed)
    }
    known[needed] = result
    return result
  }

  private mutating func body(of literals: [Literal]) -> Grammar.Expression {
    do {
      return .anyOf(try parts(of: try expansion.alternatives(literals), literals))
    } catch {
      return substitute(for: error, literals)
    }
  }

  /// What stands for a subschema that cannot be enforced: any value of its types, or an error.
  private mutating func substitute(
    for fault: SchemaFault, _ literals: [Literal]
  ) -> Grammar.Expression {
    if relaxesUnsupported, fault.kind == .unsupported {
      if case .pointer(let pointer) = fault.place, !relaxed.contains(where: pointer.isSame) {
        relaxed.append(pointer)
      }
      var facts = Facts()
      for literal in literals where !literal.isNegative {
        facts.types.formIntersection(expansion.nodes[literal.node].declared)
      }
      if let parts = try? parts(of: [facts], []) { return .anyOf(parts) }
    }
    if !faults.contains(fault) { faults.append(fault) }
    return .alternatives([])
  }

  private mutating func parts(
    of alternatives: [Facts], _ literals: [Literal]
  ) throws(SchemaFault) -> [Grammar.Expression] {
    var parts: [Grammar.Expression] = []
    var values: [JSONValue] = []
    for facts in alternatives where facts.contradiction == nil {
      if let list = facts.values {
        values += list
        continue
      }
      parts += try scalars(facts, literals)
      if facts.types.contains(.array) { parts.append(try array(facts, literals)) }
      if facts.types.contains(.object) { parts.append(try object(facts, literals)) }
    }
    if let constant = try constants(values, literals) { parts.insert(constant, at: 0) }
    var seen: Set<Grammar.Expression> = [.alternatives([])]
    return parts.filter { seen.insert($0).inserted }
  }

  /// Those of some values that match, as one lexeme; nil where there are none.
  private mutating func constants(
    _ values: [JSONValue], _ literals: [Literal]
  ) throws(SchemaFault) -> Grammar.Expression? {
    var texts: [[UInt8]] = []
    var spaced: [Regex] = []
    for value in ValueList(values).values {
      do {
        guard try evaluator.accepts(value, literals) else { continue }
      } catch {
        throw tooComplex(literals)
      }
      let language = marks.constant(value)
      if case .literal(let text) = language { texts.append(text) } else { spaced.append(language) }
    }
    if !texts.isEmpty { spaced.insert(TextTrie.language(of: texts), at: 0) }
    if spaced.isEmpty { return nil }
    return draft.lexeme(spaced.count == 1 ? spaced[0] : .alternatives(spaced))
  }
}

extension Grammar.Expression {
  /// Any of some parts; the part itself where it is the only one.
  static func anyOf(_ parts: [Grammar.Expression]) -> Grammar.Expression {
    parts.count == 1 ? parts[0] : .alternatives(parts)
  }

  /// An expression or nothing.
  var optional: Grammar.Expression { .repetition(self, min: 0, max: 1) }

  /// How many nodes the expression has.
  var itemCount: Int {
    switch self {
    case .lexeme, .rule, .token: 1
    case .sequence(let parts), .alternatives(let parts): parts.reduce(1) { $0 + $1.itemCount }
    case .repetition(let part, _, _): 1 + part.itemCount
    }
  }
}
