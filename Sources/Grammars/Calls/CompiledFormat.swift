/// A format with its marks spelled in symbols.
struct CompiledFormat: Sendable {
  /// Where a block may begin.
  struct Opener: Sendable {
    /// The mark.
    var mark: [Symbol]
    /// What follows it.
    var entry: CallReader.Entry
    /// Whether it counts only at the beginning of a line, since calls need no mark.
    var needsLineStart = false

    /// Whether a control token is part of the mark.
    var isControl: Bool { mark.contains { $0.byte == nil } }
  }

  /// A mark between texts, and what it means.
  struct Mark: Sendable {
    /// What a mark means.
    enum Meaning: Sendable {
      case thinkingOpen, thinkingClose, textMark
      case opener(Opener)
    }

    /// The mark, not empty.
    var symbols: [Symbol]
    /// What it means.
    var meaning: Meaning
  }

  let format: CallFormat
  let table: SymbolTable
  let tools: [[UInt8]: ToolSignature]
  /// The marks that divide the answer; of those that are equal the first counts.
  let marks: [Mark]
  let callBegin: [Symbol]
  let callEnd: [Symbol]
  let end: [Symbol]
  /// The bytes that may stand between calls of a block.
  let separators: Set<Symbol>
  let tags: CompiledTags?

  /// Spells a format's marks.
  init(_ format: CallFormat, tools: [ToolSignature], controlTokens: Set<String>) {
    self.format = format
    table = SymbolTable(controlTokens: controlTokens)
    self.tools = Dictionary(tools.map { (Array($0.name.utf8), $0) }) { first, _ in first }
    callBegin = table.symbols(of: format.callBegin)
    callEnd = table.symbols(of: format.callEnd)
    end = table.symbols(of: format.end)
    separators = Set([",", ";"].map { Symbol(UInt8(ascii: $0)) })
    if case .tagged(let tags) = format.body {
      self.tags = CompiledTags(tags, table: table)
    } else {
      tags = nil
    }
    marks = Self.marks(of: format, table: table, hasTools: !tools.isEmpty)
  }

  private static func marks(
    of format: CallFormat, table: SymbolTable, hasTools: Bool
  ) -> [Mark] {
    var marks = [
      Mark(symbols: table.symbols(of: format.thinking?.close ?? ""), meaning: .thinkingClose),
      Mark(symbols: table.symbols(of: format.thinking?.open ?? ""), meaning: .thinkingOpen),
    ]
    marks += format.textMarks.map { Mark(symbols: table.symbols(of: $0), meaning: .textMark) }
    marks += openers(of: format, table: table, hasTools: hasTools).map {
      Mark(symbols: $0.mark, meaning: .opener($0))
    }
    return marks.filter { !$0.symbols.isEmpty }
  }

  /// The mark that a block of a channel-less format begins with, and what models leave out of it.
  private static func openers(
    of format: CallFormat, table: SymbolTable, hasTools: Bool
  ) -> [Opener] {
    guard hasTools else { return [] }
    var openers: [Opener] = []
    for begin in format.begins {
      let mark = table.symbols(of: begin)
      if !mark.isEmpty {
        openers.append(Opener(mark: mark, entry: .block))
      } else if format.isList {
        openers.append(Opener(mark: [Symbol(ascii: "[")], entry: .list, needsLineStart: true))
      } else {
        openers.append(Opener(mark: [Symbol(ascii: "{")], entry: .object, needsLineStart: true))
      }
    }
    let callBegin = table.symbols(of: format.callBegin)
    if !callBegin.isEmpty && !openers.contains(where: { $0.mark == callBegin }) {
      openers.append(Opener(mark: callBegin, entry: .call))
    }
    return openers
  }
}

/// The marks of tagged arguments, spelled in symbols.
struct CompiledTags: Sendable {
  let nameEnd: [Symbol]
  let keyBegin: [Symbol]
  /// What follows an argument's name, and whether a string follows it; nil where the tool tells.
  let keyEnds: [(mark: [Symbol], isText: Bool?)]
  let valueEnd: [Symbol]
  let hasLines: Bool

  init(_ tags: TaggedCall, table: SymbolTable) {
    nameEnd = table.symbols(of: tags.nameEnd)
    keyBegin = table.symbols(of: tags.keyBegin)
    valueEnd = table.symbols(of: tags.valueEnd)
    hasLines = tags.hasLines
    var ends: [(mark: [Symbol], isText: Bool?)] = [(table.symbols(of: tags.keyEnd), nil)]
    for (mark, isText) in zip(tags.typedKeyEnds, [true, false]) {
      ends.append((table.symbols(of: mark), isText))
    }
    keyEnds = ends
  }
}

/// One of several marks that must come next, white space before it aside.
struct Expectation: Sendable {
  /// What matched.
  enum Verdict {
    /// More is needed.
    case waiting
    /// The mark of this index is complete.
    case matched(Int)
    /// None can come any more; these symbols were not used.
    case missed([Symbol])
  }

  private let marks: [[Symbol]]
  private var held: [Symbol] = []

  /// Begins to wait for one of some marks; empty ones never match.
  init(_ marks: [[Symbol]]) { self.marks = marks }

  /// Takes a symbol.
  mutating func take(_ symbol: Symbol) -> Verdict {
    if held.isEmpty && symbol.isSpace { return .waiting }
    held.append(symbol)
    var mayFollow = false
    for (index, mark) in marks.enumerated() where !mark.isEmpty {
      if mark == held { return .matched(index) }
      mayFollow = mayFollow || mark.starts(with: held)
    }
    return mayFollow ? .waiting : .missed(held)
  }
}
