/// Finds stop strings in text that comes in parts, and lets no part of one through.
///
/// The string that is complete first wins; where several end at the same place, the longest. The
/// outcome therefore does not depend on how the text is cut into parts, and no text after a stop
/// string is ever waited for.
public struct StopStringMatcher: Sendable {
  /// What became certain with a part of the text.
  public enum Result: Sendable, Hashable {
    /// Text that cannot belong to a stop string; may be empty.
    case text(String)
    /// A stop string was found: the text before it, and the string.
    case stopped(text: String, by: String)
  }

  private let strings: [String]
  private let automaton: PatternAutomaton
  private var state: PatternAutomaton.State = 0
  /// The end of the text that may be the beginning of a stop string.
  private var withheld: [UInt8] = []
  private var found: String?

  /// Creates a matcher of these strings; an empty one is never found.
  public init(_ strings: [String]) {
    self.strings = strings
    automaton = PatternAutomaton(strings.map { Array($0.utf8) })
  }

  /// Takes the next part of the text; once a string was found, everything further is ignored.
  ///
  /// - Complexity: O(*n*) in the length of the part.
  public mutating func append(_ text: String) -> Result {
    if let found { return .stopped(text: "", by: found) }
    var bytes = withheld
    for byte in text.utf8 {
      state = automaton.next(after: state, byte)
      bytes.append(byte)
      if let match = automaton.match(at: state) {
        found = strings[match]
        withheld = []
        bytes.removeLast(strings[match].utf8.count)
        return .stopped(text: String(decoding: bytes, as: UTF8.self), by: strings[match])
      }
    }
    let kept = automaton.depth(of: state)
    withheld = bytes.suffix(kept)
    return .text(String(decoding: bytes.dropLast(kept), as: UTF8.self))
  }

  /// Ends the text and returns what was withheld and belongs to it after all.
  public mutating func finish() -> String {
    defer {
      withheld = []
      state = 0
    }
    return String(decoding: withheld, as: UTF8.self)
  }
}
