/// Pages in the order of their last use; adding, removing and taking the oldest cost the same always.
struct RecencyList: Sendable {
  // A ring of links through one more element than there are pages: the last is its head.
  private var next: [Int32]
  private var previous: [Int32]
  /// Pages in the list.
  private(set) var count = 0

  private var head: Int { next.count - 1 }

  /// Creates an empty list that can hold pages `0 ..< count`.
  init(count: Int) {
    next = (0...Int32(clamping: count)).map { $0 }
    previous = next
  }

  /// The page used longest ago.
  var first: Int32? { count > 0 ? next[head] : nil }

  /// All pages, the oldest first.
  var elements: [Int32] {
    var elements: [Int32] = []
    var page = next[head]
    while page != head {
      elements.append(page)
      page = next[Int(page)]
    }
    return elements
  }

  /// Adds a page that is not in the list, as the one used last.
  mutating func append(_ page: Int32) {
    let last = previous[head]
    next[Int(last)] = page
    previous[Int(page)] = last
    next[Int(page)] = Int32(head)
    previous[head] = page
    count += 1
  }

  /// Removes a page that is in the list.
  mutating func remove(_ page: Int32) {
    let (before, after) = (previous[Int(page)], next[Int(page)])
    next[Int(before)] = after
    previous[Int(after)] = before
    next[Int(page)] = page
    previous[Int(page)] = page
    count -= 1
  }

  /// Takes out the page used longest ago.
  mutating func popFirst() -> Int32? {
    guard count > 0 else { return nil }
    let first = next[head]
    remove(first)
    return first
  }
}
