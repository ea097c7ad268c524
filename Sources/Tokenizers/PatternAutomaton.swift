/// Finds many strings in one pass over bytes (Aho and Corasick, 1975).
///
/// A state stands for the longest end of the bytes read so far that begins a pattern.
package struct PatternAutomaton: Sendable {
  /// A state; zero, where nothing is half read, is the first.
  package typealias State = Int32

  private struct Node {
    /// How many bytes of a pattern have been read.
    var depth: Int32
    /// The state of the longest shorter end that begins a pattern.
    var fallback: State = 0
    /// The longest pattern that ends here, or -1.
    var match: Int32 = -1
  }

  private var nodes = [Node(depth: 0)]
  private var starts = [State](repeating: 0, count: 256)
  private var edges: [UInt64: State] = [:]

  /// Creates an automaton; an empty pattern is never found, and of equal ones the first is.
  package init(_ patterns: [[UInt8]]) {
    var parents: [(state: State, byte: UInt8)] = [(0, 0)]
    for (index, pattern) in patterns.enumerated() where !pattern.isEmpty {
      var state: State = 0
      for byte in pattern {
        if let known = edge(from: state, byte) {
          state = known
        } else {
          let new = State(nodes.count)
          nodes.append(Node(depth: nodes[Int(state)].depth + 1))
          parents.append((state, byte))
          if state == 0 { starts[Int(byte)] = new } else { edges[Self.key(state, byte)] = new }
          state = new
        }
      }
      if nodes[Int(state)].match < 0 { nodes[Int(state)].match = Int32(index) }
    }
    // Shallow states first, as each leans on shallower ones.
    for index in nodes.indices.sorted(by: { nodes[$0].depth < nodes[$1].depth }) {
      let (parent, byte) = parents[index]
      if nodes[index].depth > 1 {
        nodes[index].fallback = next(after: nodes[Int(parent)].fallback, byte)
      }
      if nodes[index].match < 0 {
        nodes[index].match = nodes[Int(nodes[index].fallback)].match
      }
    }
  }

  /// Returns the state after one more byte.
  ///
  /// - Complexity: O(1) on average over the bytes read, however many patterns there are.
  package func next(after state: State, _ byte: UInt8) -> State {
    var state = state
    while state != 0 {
      if let next = edges[Self.key(state, byte)] { return next }
      state = nodes[Int(state)].fallback
    }
    return starts[Int(byte)]
  }

  /// Returns the longest pattern that ends with the last byte read, if one does.
  package func match(at state: State) -> Int? {
    let match = nodes[Int(state)].match
    return match < 0 ? nil : Int(match)
  }

  /// Returns how many of the last bytes may be the beginning of a pattern.
  package func depth(of state: State) -> Int { Int(nodes[Int(state)].depth) }

  private func edge(from state: State, _ byte: UInt8) -> State? {
    guard state == 0 else { return edges[Self.key(state, byte)] }
    return starts[Int(byte)] == 0 ? nil : starts[Int(byte)]
  }

  private static func key(_ state: State, _ byte: UInt8) -> UInt64 {
    UInt64(UInt32(bitPattern: state)) << 8 | UInt64(byte)
  }
}
