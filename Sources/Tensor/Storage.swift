#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The owner of zeroed, aligned memory; the only place that frees it.
///
/// Pages come from an anonymous mapping, so memory that is never touched costs nothing. From 2 MiB
/// on, the base is aligned to 2 MiB and the system is asked for huge pages.
// Unchecked: the pointers never change, and whoever writes through them orders the accesses.
public struct Storage: ~Copyable, @unchecked Sendable {
  /// The first byte, aligned to at least 64 bytes.
  public let base: UnsafeMutableRawPointer
  /// The bytes that may be used.
  public let byteCount: Int
  private let mapping: UnsafeMutableRawPointer
  private let mappedBytes: Int

  private static let hugePage = 2 << 20

  /// Reserves zeroed memory; `byteCount` may be 0.
  public init(byteCount: Int) throws(TensorError) {
    let isLarge = byteCount >= Self.hugePage
    // The slack lets the base move up to a huge page's start; it is never touched.
    let slack = isLarge ? 2 * Self.hugePage : 1
    let (length, overflow) = byteCount.addingReportingOverflow(slack)
    guard byteCount >= 0, !overflow else {
      throw TensorError(
        .shape, "storage", expected: "a size within 0...\(Int.max - slack)", given: "\(byteCount)")
    }
    let flags = MAP_PRIVATE | MAP_ANON
    guard let mapping = mmap(nil, length, PROT_READ | PROT_WRITE, flags, -1, 0),
      mapping != MAP_FAILED
    else {
      throw TensorError(
        .memory, "storage", expected: "\(length) bytes", given: "error \(errno) from the system")
    }
    self.mapping = mapping
    mappedBytes = length
    base = isLarge ? mapping.alignedUp(toMultipleOf: Self.hugePage) : mapping
    self.byteCount = byteCount
    #if os(Linux)
      if isLarge {
        // Only a wish: without huge pages everything works the same, a little slower.
        _ = madvise(base, (byteCount + Self.hugePage - 1) & ~(Self.hugePage - 1), MADV_HUGEPAGE)
      }
    #endif
  }

  deinit {
    munmap(mapping, mappedBytes)
  }
}
