import Grammars
import Tokenizers

/// Compiles forms of answers, one at a time, and keeps those that were used last.
actor ConstraintCompiler {
  /// What a compiled form is found by.
  private struct Key: Hashable {
    /// The bytes of the source: strings would count as equal where only their characters are.
    let source: [UInt8]
    let options: ConstraintOptions
  }

  private let tokenizer: Tokenizer
  private let byteLimit: Int
  private var trie: TokenTrie?
  /// What was compiled, the one used last at the end.
  private var entries: [(key: Key, constraint: Constraint)] = []
  /// What happened so far.
  nonisolated let log = ConstraintLog()

  /// Prepares for a vocabulary.
  ///
  /// - Parameter byteLimit: Memory that compiled forms hold together, about, while none is in use.
  init(tokenizer: Tokenizer, byteLimit: Int = 64 << 20) {
    self.tokenizer = tokenizer
    self.byteLimit = byteLimit
  }

  /// Compiles a form, unless it is there.
  ///
  /// - Parameter format: How the model writes thinking and calls.
  func constraint(
    _ source: ConstraintSource, _ options: ConstraintOptions, format: CallFormat = .hermes
  ) throws(ConstraintError) -> Constraint {
    let key = Key(source: source.bytes, options: options)
    if let index = entries.firstIndex(where: { $0.key == key }) {
      let entry = entries.remove(at: index)
      entries.append(entry)
      log.note { $0.hits += 1 }
      return entry.constraint
    }
    let context = ConstraintContext(options: options, tokenizer: tokenizer, format: format)
    let constraint = try measured(source, context)
    entries.append((key, constraint))
    evict()
    return constraint
  }

  private func measured(
    _ source: ConstraintSource, _ context: ConstraintContext
  ) throws(ConstraintError) -> Constraint {
    let start = ContinuousClock.now
    defer {
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      log.note {
        $0.misses += 1
        $0.compileTime.add(seconds)
      }
    }
    do {
      return try compile(source, context)
    } catch {
      log.note { $0.refusals[error.code, default: 0] += 1 }
      throw error
    }
  }

  private func compile(
    _ source: ConstraintSource, _ context: ConstraintContext
  ) throws(ConstraintError) -> Constraint {
    let (grammar, relaxed) = try source.grammar(context)
    do throws(GrammarError) {
      let trie = try warmTrie()
      return Constraint(
        source, grammar: try CompiledGrammar(grammar, trie: trie), tokenizer: tokenizer,
        relaxed: relaxed)
    } catch {
      throw ConstraintError([error], of: source.subject)
    }
  }

  /// The tokens of the vocabulary, made for the first form.
  private func warmTrie() throws(GrammarError) -> TokenTrie {
    if let trie { return trie }
    let made = TokenTrie(tokenizer)
    try made.warm()
    trie = made
    return made
  }

  /// Lets go of what was used longest ago, but not of the last one.
  private func evict() {
    var bytes = entries.reduce(0) { $0 + $1.constraint.byteCount }
    while bytes > byteLimit, entries.count > 1 {
      bytes -= entries.removeFirst().constraint.byteCount
    }
    log.note { $0.bytes = bytes }
  }
}

extension TokenTrie {
  /// The tokens of a tokenizer that are text.
  fileprivate convenience init(_ tokenizer: Tokenizer) {
    self.init(
      texts: (0..<tokenizer.count).map { token in
        let bytes = tokenizer.textBytes(of: Token(truncatingIfNeeded: token))
        return bytes.isEmpty ? nil : Array(bytes)
      })
  }
}

extension LoadedModel {
  /// Makes a form of answers ready to be enforced; equal ones are compiled once.
  ///
  /// Compiling takes a few milliseconds for most schemas, at most a fraction of a second, and the first
  /// time longer.
  ///
  /// - Throws: All faults of the source, each with its place.
  public func constraint(
    _ source: ConstraintSource, options: ConstraintOptions = ConstraintOptions()
  ) async throws(ConstraintError) -> Constraint {
    guard case .answer(let form) = source else {
      return try await constraints.constraint(source, options)
    }
    let constraint = try await constraints.constraint(source, options, format: style.format)
    guard let limit = ThinkingLimit(form, style, tokenizer) else { return constraint }
    return constraint.closingThinking(at: limit)
  }
}
