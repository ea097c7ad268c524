package import Tokenizers

/// Learns byte-level byte-pair encoding: Sennrich et al., "Neural Machine Translation of Rare Words with
/// Subword Units", 2016.
///
/// The pair of neighbours with the greatest count is merged first; of equal counts the pair with the smaller
/// left symbol, then the smaller right one. Symbols 0 to 255 are the bytes in the order of their stand-ins,
/// then come the merges in order. Pairs that occur once are not merged.
package struct BytePairTrainer {
  /// The most entries of a vocabulary.
  package static let largestVocabulary = 1 << 16

  private let splitter: any TextSplitter
  private var words: [[UInt8]: Int] = [:]
  private var bytes = 0

  /// Starts without text; words are cut as the splitter says.
  package init(splitter: any TextSplitter) {
    self.splitter = splitter
  }

  /// Counts the words of a text.
  package mutating func add(_ text: String) throws(TrainingError) {
    let utf8 = Array(text.utf8)
    bytes += utf8.count
    guard bytes < UInt32.max else {
      throw TrainingError(.data, field: "text", "more than \(UInt32.max) bytes")
    }
    splitter.forEachWord(in: utf8, 0..<utf8.count) { words[Array(utf8[$0]), default: 0] += 1 }
  }

  /// Learns merges until the vocabulary has so many entries, or no pair occurs twice.
  package func train(vocabulary: Int) throws(TrainingError) -> BytePairVocabulary {
    guard (256...Self.largestVocabulary).contains(vocabulary) else {
      throw TrainingError(
        .configuration, field: "vocabulary",
        "\(vocabulary) is not in 256...\(Self.largestVocabulary)")
    }
    var table = PairTable(words)
    var result = BytePairVocabulary()
    while result.pieces.count < vocabulary, let pair = table.mostFrequent() {
      table.merge(pair, into: UInt16(result.pieces.count))
      result.append(left: Int(pair.left), right: Int(pair.right))
    }
    return result
  }
}

/// Two neighbouring symbols.
private struct SymbolPair: Hashable {
  let left: UInt16
  let right: UInt16
}

/// The counts of all pairs in words, and the words that hold each.
private struct PairTable {
  private struct Word {
    var symbols: [UInt16]
    let count: Int
  }

  private var words: [Word] = []
  private var counts: [SymbolPair: Int] = [:]
  /// The words that held a pair when they were seen last; some may not hold it any more.
  private var places: [SymbolPair: [Int]] = [:]
  /// Pairs by count, with outdated entries among them.
  private var queue = MinimumHeap()

  init(_ counted: [[UInt8]: Int]) {
    let symbols = BytePairVocabulary.symbolOfByte
    for (bytes, count) in counted {
      let word = Word(symbols: bytes.map { symbols[Int($0)] }, count: count)
      for pair in Self.pairs(of: word.symbols) {
        counts[pair, default: 0] += count
        places[pair, default: []].append(words.count)
      }
      words.append(word)
    }
    for (pair, count) in counts { queue.insert(Self.key(pair, count: count)) }
  }

  /// The pair to merge next; nil where none occurs twice.
  mutating func mostFrequent() -> SymbolPair? {
    while let key = queue.minimum {
      let pair = SymbolPair(
        left: UInt16(truncatingIfNeeded: key >> 16), right: UInt16(truncatingIfNeeded: key))
      let count = Int(UInt32.max) - Int(key >> 32)
      if count < 2 { return nil }
      queue.removeMinimum()
      if counts[pair] == count { return pair }
    }
    return nil
  }

  /// Replaces a pair by a symbol in all words that hold it.
  mutating func merge(_ pair: SymbolPair, into symbol: UInt16) {
    var changed: Set<SymbolPair> = []
    for index in Set(places.removeValue(forKey: pair) ?? []) {
      let word = words[index]
      let merged = Self.merged(word.symbols, pair, symbol)
      guard merged.count < word.symbols.count else { continue }
      for old in Self.pairs(of: word.symbols) {
        counts[old, default: 0] -= word.count
        changed.insert(old)
      }
      for new in Self.pairs(of: merged) {
        counts[new, default: 0] += word.count
        changed.insert(new)
        if new.left == symbol || new.right == symbol { places[new, default: []].append(index) }
      }
      words[index].symbols = merged
    }
    for pair in changed {
      guard let count = counts[pair], count > 0 else {
        counts[pair] = nil
        continue
      }
      queue.insert(Self.key(pair, count: count))
    }
  }

  private static func merged(
    _ symbols: [UInt16], _ pair: SymbolPair, _ symbol: UInt16
  ) -> [UInt16] {
    var merged: [UInt16] = []
    var index = 0
    while index < symbols.count {
      if index + 1 < symbols.count, symbols[index] == pair.left, symbols[index + 1] == pair.right {
        merged.append(symbol)
        index += 2
      } else {
        merged.append(symbols[index])
        index += 1
      }
    }
    return merged
  }

  private static func pairs(of symbols: [UInt16]) -> [SymbolPair] {
    zip(symbols, symbols.dropFirst()).map { SymbolPair(left: $0, right: $1) }
  }

  /// The least key is the greatest count, then the smaller left symbol, then the smaller right one.
  private static func key(_ pair: SymbolPair, count: Int) -> UInt64 {
    UInt64(Int(UInt32.max) - count) << 32 | UInt64(pair.left) << 16 | UInt64(pair.right)
  }
}
