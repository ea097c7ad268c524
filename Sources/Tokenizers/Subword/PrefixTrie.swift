/// Finds all strings of a list that begin at a position: a trie whose nodes keep their edges in a row.
struct PrefixTrie: Sendable {
  private struct Node {
    var firstEdge: Int32 = 0
    var edgeCount: Int32 = 0
    /// The number of the string that ends here, or -1.
    var value: Int32 = -1
  }

  private var nodes: [Node] = [Node()]
  private var labels: [UInt8] = []
  private var targets: [Int32] = []
  private var roots = [Int32](repeating: -1, count: 256)

  /// Creates the trie of some strings, none of them empty; of equal ones the first counts.
  init(_ strings: [(text: ArraySlice<UInt8>, value: Int32)]) {
    let sorted = strings.enumerated()
      .sorted { left, right in
        if left.element.text.lexicographicallyPrecedes(right.element.text) { return true }
        if right.element.text.lexicographicallyPrecedes(left.element.text) { return false }
        return left.offset < right.offset
      }
      .map(\.element)
    var waiting = [(node: 0, range: 0..<sorted.count, depth: 0)]
    var next = 0
    while next < waiting.count {
      let (node, range, depth) = waiting[next]
      next += 1
      var start = range.lowerBound
      while start < range.upperBound, sorted[start].text.count == depth {
        if nodes[node].value < 0 { nodes[node].value = sorted[start].value }
        start += 1
      }
      nodes[node].firstEdge = Int32(labels.count)
      while start < range.upperBound {
        let label = Self.byte(sorted[start].text, depth)
        var end = start + 1
        while end < range.upperBound, Self.byte(sorted[end].text, depth) == label { end += 1 }
        labels.append(label)
        targets.append(Int32(nodes.count))
        waiting.append((nodes.count, start..<end, depth + 1))
        nodes.append(Node())
        start = end
      }
      nodes[node].edgeCount = Int32(labels.count) - nodes[node].firstEdge
    }
    for edge in 0..<Int(nodes[0].edgeCount) { roots[Int(labels[edge])] = targets[edge] }
  }

  private static func byte(_ text: ArraySlice<UInt8>, _ offset: Int) -> UInt8 {
    text[text.startIndex + offset]
  }

  /// Calls for each string that begins a text, from the shortest to the longest, with its end.
  @inline(__always)
  func forEachPrefix(of text: ArraySlice<UInt8>, _ body: (Int, Int32) -> Void) {
    var position = text.startIndex
    guard position < text.endIndex else { return }
    var node = roots[Int(text[position])]
    while node >= 0 {
      position += 1
      let value = nodes[Int(node)].value
      if value >= 0 { body(position, value) }
      guard position < text.endIndex else { return }
      node = child(of: Int(node), text[position])
    }
  }

  private func child(of node: Int, _ label: UInt8) -> Int32 {
    var low = Int(nodes[node].firstEdge)
    var high = low + Int(nodes[node].edgeCount)
    let end = high
    while low < high {
      let middle = (low + high) / 2
      if labels[middle] < label { low = middle + 1 } else { high = middle }
    }
    return low < end && labels[low] == label ? targets[low] : -1
  }
}
