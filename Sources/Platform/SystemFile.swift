#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Small text files by which the system tells about itself.
enum SystemFile {
  /// The content of a file, up to 1 MiB; nil when it cannot be read.
  static func read(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 1 << 20 {
      let count = Self.read(file, into: &block)
      guard count >= 0 else { return nil }
      if count == 0 { break }
      bytes += block[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func read(_ file: Int32, into block: inout [UInt8]) -> Int {
    #if canImport(Darwin)
      Darwin.read(file, &block, block.count)
    #elseif canImport(Musl)
      Musl.read(file, &block, block.count)
    #else
      Glibc.read(file, &block, block.count)
    #endif
  }
}
