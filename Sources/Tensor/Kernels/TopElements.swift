import CKernels

extension Processor {
  /// The index of the largest element, the lowest on a tie; nil when there is none or some is NaN.
  public func argMax(_ x: UnsafePointer<Float>, count: Int) -> Int? {
    guard count > 0 else { return nil }
    let index = kernels.pointee.arg_max(x, count)
    return index < count ? index : nil
  }
}

/// The largest elements of a row, found in one pass.
public enum TopElements {
  /// Fills `out` with the indices of the largest elements, largest first, the lower index first on
  /// a tie; returns how many, which is less than asked for in a short row only. NaN ranks lowest.
  ///
  /// - Complexity: O(n + m log k), m of the n elements being among the k largest so far.
  public static func find(
    in x: UnsafePointer<Float>, count: Int, into out: UnsafeMutableBufferPointer<Int32>
  ) -> Int {
    let wanted = min(out.count, count)
    guard wanted > 0 else { return 0 }
    // A heap with the least of the chosen on top, so that most elements take one comparison.
    for index in 0..<wanted {
      out[index] = Int32(truncatingIfNeeded: index)
      siftUp(index, out, x)
    }
    for index in wanted..<count where x[index] > x[Int(out[0])] || x[Int(out[0])].isNaN {
      if x[index].isNaN { continue }
      out[0] = Int32(truncatingIfNeeded: index)
      siftDown(wanted, out, x)
    }
    // Taking the least off again and again leaves the row in order.
    for last in stride(from: wanted - 1, to: 0, by: -1) {
      out.swapAt(0, last)
      siftDown(last, out, x)
    }
    return wanted
  }

  /// Whether an element ranks below another.
  private static func isLess(_ a: Int32, _ b: Int32, _ x: UnsafePointer<Float>) -> Bool {
    let (left, right) = (x[Int(a)], x[Int(b)])
    if left < right || (left.isNaN && !right.isNaN) { return true }
    return a > b && (left == right || (left.isNaN && right.isNaN))
  }

  private static func siftUp(
    _ start: Int, _ heap: UnsafeMutableBufferPointer<Int32>, _ x: UnsafePointer<Float>
  ) {
    var child = start
    while child > 0, isLess(heap[child], heap[(child - 1) / 2], x) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private static func siftDown(
    _ count: Int, _ heap: UnsafeMutableBufferPointer<Int32>, _ x: UnsafePointer<Float>
  ) {
    var parent = 0
    while true {
      var least = parent
      for child in 2 * parent + 1...2 * parent + 2
      where child < count && isLess(heap[child], heap[least], x) {
        least = child
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
