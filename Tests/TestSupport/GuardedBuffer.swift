import Foundation

/// Memory that ends at a page which may not be touched: reading or writing beyond ends the process.
package final class GuardedBuffer<Element: BitwiseCopyable> {
  /// The first element.
  package let base: UnsafeMutablePointer<Element>
  /// The number of elements.
  package let count: Int
  private let mapping: UnsafeMutableRawPointer
  private let length: Int

  /// Copies elements to the end of such memory.
  package init(_ elements: [Element]) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let bytes = elements.count * MemoryLayout<Element>.stride
    let room = (bytes + page - 1) / page * page
    length = room + page
    guard let mapping = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0),
      mapping != MAP_FAILED, mprotect(mapping + room, page, PROT_NONE) == 0
    else {
      preconditionFailure("no memory for a test")
    }
    self.mapping = mapping
    count = elements.count
    base = (mapping + (room - bytes)).bindMemory(to: Element.self, capacity: max(count, 1))
    base.update(from: elements, count: count)
  }

  /// Such memory with the same element everywhere.
  package convenience init(repeating element: Element, count: Int) {
    self.init([Element](repeating: element, count: count))
  }

  deinit {
    munmap(mapping, length)
  }

  /// A copy of the elements.
  package var elements: [Element] { Array(UnsafeBufferPointer(start: base, count: count)) }
}

extension [Float] {
  /// The bits of each element, so that comparisons are exact and NaN equals itself.
  package var bits: [UInt32] { map(\.bitPattern) }
}
