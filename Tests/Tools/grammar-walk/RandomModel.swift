import Foundation
import Grammars

/// A model without weights: the logit of each token is drawn from the seed and the position, so that
/// the same seed always writes the same answer.
struct RandomModel {
  let seed: UInt64
  let temperature: Double
  /// What is added to the logits of the end and of tokens that begin with a closing mark, a position.
  let haste: Double

  private static let closing = Set("\"}],".utf8)

  /// An answer of at most so many tokens, and whether the model ended it.
  func answer(
    _ start: Matcher, texts: [[UInt8]?], atMost limit: Int
  ) -> (bytes: [UInt8], count: Int, ends: Bool) {
    var (matcher, bytes) = (start, [UInt8]())
    var words = [UInt64](repeating: 0, count: (texts.count + 63) / 64)
    for position in 0..<limit {
      if matcher.mustEnd { return (bytes, position, true) }
      for index in words.indices { words[index] = 0 }
      words.withUnsafeMutableBufferPointer { matcher.allow(into: $0) }
      guard let token = choose(words, texts, position, mayEnd: matcher.mayEnd) else {
        return (bytes, position, matcher.mayEnd)
      }
      guard matcher.accept(token) else { return (bytes, position, false) }
      bytes += texts[Int(token)] ?? []
    }
    return (bytes, limit, matcher.mustEnd)
  }

  /// Draws among the allowed tokens and the end; nil for the end.
  private func choose(
    _ words: [UInt64], _ texts: [[UInt8]?], _ position: Int, mayEnd: Bool
  ) -> Int32? {
    var (best, result) = (-Double.infinity, Int32?.none)
    if mayEnd { best = score(UInt64(texts.count), position, isClosing: true) }
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        let token = index << 6 | rest.trailingZeroBitCount
        rest &= rest - 1
        let isClosing = texts[token]?.first.map { Self.closing.contains($0) } ?? false
        let score = score(UInt64(token), position, isClosing: isClosing)
        if score > best { (best, result) = (score, Int32(token)) }
      }
    }
    return result
  }

  /// A logit divided by the temperature, and noise of Gumbel's distribution: the token of the highest
  /// score is a draw from the softmax (Maddison, Tarlow and Minka, 2014).
  private func score(_ token: UInt64, _ position: Int, isClosing: Bool) -> Double {
    let key = seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(position) << 32 ^ token
    let (first, second) = (Self.mixed(key), Self.mixed(key ^ 0x5851_F42D_4C95_7F2D))
    // The sum of four uniform numbers is close enough to a normal one.
    var logit = -131_070.0
    for shift in [0, 16, 32, 48] as [UInt64] { logit += Double(first >> shift & 0xFFFF) }
    logit /= 37_837
    if isClosing { logit += haste * Double(position) }
    let uniform = (Double(second >> 11) + 0.5) / Double(1 << 53 as UInt64)
    return logit * 3 / temperature - log(-log(uniform))
  }

  /// A number that has nothing of the order of its argument (SplitMix64).
  private static func mixed(_ key: UInt64) -> UInt64 {
    var value = key &+ 0x9E37_79B9_7F4A_7C15
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
