import Tokenizers

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
  /// The end of the text, from `released` on not yet given out.
  private var bytes: [UInt8] = []
  private var released = 0
  private var found: String?

  /// Creates a matcher of these strings; an empty one is never found.
  public init(_ strings: [String]) {
    self.strings = strings
    automaton = PatternAutomaton(strings.map { Array($0.utf8) })
  }

  /// Takes the next part of the text; once a string was found, everything further is ignored.
  ///
  /// - Complexity: O(*n*) in the length of the part, on average over a text.
  public mutating func append(_ text: String) -> Result {
    if let found { return .stopped(text: "", by: found) }
    for byte in text.utf8 {
      state = automaton.next(after: state, byte)
      bytes.append(byte)
      guard let match = automaton.match(at: state) else { continue }
      found = strings[match]
      defer { bytes = [] }
      return .stopped(text: release(upTo: strings[match].utf8.count), by: strings[match])
    }
    return .text(release(upTo: automaton.depth(of: state)))
  }

  /// Ends the text and returns what was withheld and belongs to it after all.
  public mutating func finish() -> String {
    state = 0
    guard found == nil else { return "" }
    return release(upTo: 0)
  }

  /// Gives out all but the last `kept` bytes.
  private mutating func release(upTo kept: Int) -> String {
    let text = String(decoding: bytes[released..<(bytes.count - kept)], as: UTF8.self)
    released = bytes.count - kept
    // Moving the rest only when it is the smaller part keeps the work linear.
    if released > kept {
      bytes.removeFirst(released)
      released = 0
    }
    return text
  }
}
