/// A binary heap of numbers that gives the least first and counts its work.
package struct MinimumHeap {
  private var elements: [UInt64] = []
  /// Comparisons of levels so far.
  package private(set) var steps = 0

  /// Creates an empty heap.
  package init() {}

  /// The least element.
  package var minimum: UInt64? { elements.first }

  /// Adds an element.
  ///
  /// - Complexity: O(log *n*)
  package mutating func insert(_ element: UInt64) {
    var hole = elements.count
    elements.append(element)
    while hole > 0 {
      let parent = (hole - 1) / 2
      steps &+= 1
      guard elements[parent] > element else { break }
      elements[hole] = elements[parent]
      hole = parent
    }
    elements[hole] = element
  }

  /// Takes the least element out.
  ///
  /// - Complexity: O(log *n*)
  @discardableResult
  package mutating func removeMinimum() -> UInt64? {
    guard let minimum = elements.first, let moved = elements.popLast() else { return nil }
    guard !elements.isEmpty else { return minimum }
    var hole = 0
    while true {
      var child = 2 * hole + 1
      guard child < elements.count else { break }
      if child + 1 < elements.count, elements[child + 1] < elements[child] { child += 1 }
      steps &+= 1
      guard elements[child] < moved else { break }
      elements[hole] = elements[child]
      hole = child
    }
    elements[hole] = moved
    return minimum
  }
}
