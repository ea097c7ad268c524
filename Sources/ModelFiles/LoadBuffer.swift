#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Anonymous memory, aligned for vector loads, that is freed when its owner goes.
///
/// Unlike Swift's own allocation, which ends the process when the system refuses, this one throws.
struct LoadBuffer: ~Copyable {
  /// The memory.
  let bytes: UnsafeMutableRawBufferPointer

  /// Takes memory of the given size; `field` names what needs it.
  init(byteCount: Int, field: String) throws(ModelError) {
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, 64, max(byteCount, 64)) == 0, let memory else {
      throw ModelError(.limit, field: field, "the system has no \(byteCount) bytes of memory left")
    }
    bytes = .init(start: memory, count: byteCount)
  }

  deinit {
    free(bytes.baseAddress)
  }
}
