/// A language as one without a certain count and a bound on the number of characters.
///
/// `^[a-z][a-z0-9-]{0,30}$` is `^[a-z][a-z0-9-]*$` of 1 to 31 characters. A bound is counted beside the
/// automaton, so that all places in a text of the class have one mask instead of one each.
struct CountedPattern {
  /// The language without the count.
  var language: Regex
  /// The number of characters; nil where the language says all.
  var length: (min: Int, max: Int?)?

  /// The least bound that is worth to be counted beside the automaton.
  private static let leastBound = 8

  /// Takes a language of texts of whole characters apart.
  init(_ language: Regex) {
    self.language = language
    var parts = Self.parts(language)
    guard parts.count <= 64 else { return }
    var (place, best) = (Int?.none, 0)
    for (index, part) in parts.enumerated() {
      guard case .repetition(let unit, _, let max?) = part, max > best,
        max >= Self.leastBound, unit.characterCount == 1
      else { continue }
      (place, best) = (index, max)
    }
    guard let place, case .repetition(let unit, let min, let max?) = parts[place], min <= max else {
      return
    }
    var others = 0
    for (index, part) in parts.enumerated() where index != place {
      guard let count = part.characterCount, count < 1_000_000 else { return }
      others += count
    }
    parts[place] = .repetition(unit, min: 0, max: nil)
    self.language = .sequence(parts)
    length = (others + min, others + max)
  }

  /// The parts of a sequence, and of sequences in it.
  private static func parts(_ language: Regex) -> [Regex] {
    guard case .sequence(let parts) = language, language.characterCount != 1 else {
      return [language]
    }
    return parts.flatMap(Self.parts)
  }
}

extension Regex {
  /// How many characters each text has; nil where that differs or is not seen at once. The texts are
  /// whole characters of UTF-8, so that it is enough to count the bytes that begin one.
  fileprivate var characterCount: Int? {
    switch self {
    case .empty: return 0
    case .byte(let set):
      let inner = ByteSet(0x80...0xBF)
      if set.isEmpty { return nil }
      if set.subtracting(inner).isEmpty { return 0 }
      return set.intersection(inner).isEmpty ? 1 : nil
    case .literal(let bytes): return bytes.count { $0 & 0xC0 != 0x80 }
    case .sequence(let parts):
      var result = 0
      for part in parts {
        guard let count = part.characterCount else { return nil }
        result = result &+ count
      }
      return result
    case .alternatives(let parts):
      guard let first = parts.first?.characterCount else { return nil }
      return parts.allSatisfy { $0.characterCount == first } ? first : nil
    case .repetition(let part, let min, let max):
      guard min == max, let count = part.characterCount else { return nil }
      let (product, isOver) = count.multipliedReportingOverflow(by: min)
      return isOver ? nil : product
    case .nothing, .intersection, .complement: return nil
    }
  }
}
