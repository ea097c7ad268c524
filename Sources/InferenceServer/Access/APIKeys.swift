import NIOConcurrencyHelpers
import Platform

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The keys by which clients may call, each with a name; only their digests are kept.
///
/// A file or text has a key on each line, as `name:key`; `#` begins a comment. Several keys may have
/// one name, so that a new one can be given out before the old one is taken back.
public final class APIKeys: Sendable {
  private struct NamedKey {
    let name: String
    let digest: [UInt8]
  }

  private let file: String?
  /// Keys that do not come from the file.
  private let text: String
  private let namedKeys: NIOLockedValueBox<[NamedKey]>

  /// Reads keys from a file, a text, or both.
  ///
  /// - Parameters:
  ///   - file: The path of a file, which `reload()` reads again.
  ///   - text: Keys as in a file; a comma ends a line too.
  /// - Throws: An `APIKeysError` that names the line, never a key.
  public init(file: String?, text: String = "") throws(APIKeysError) {
    self.file = file
    self.text = text.replacing(",", with: "\n")
    namedKeys = NIOLockedValueBox([])
    try reload()
  }

  /// Reads the file again; keeps the keys there are when the file is not valid.
  public func reload() throws(APIKeysError) {
    var read = try Self.namedKeys(of: text, source: "the environment")
    if let file { read += try Self.namedKeys(of: Self.contents(of: file), source: file) }
    guard !read.isEmpty else {
      throw APIKeysError(source: file ?? "the environment", line: nil, reason: "there is no key")
    }
    for (index, namedKey) in read.enumerated() {
      let twin = read[..<index].first { $0.digest == namedKey.digest && $0.name != namedKey.name }
      guard let twin else { continue }
      throw APIKeysError(
        source: file ?? "the environment", line: nil,
        reason: "\(twin.name) and \(namedKey.name) have the same key")
    }
    let new = read
    namedKeys.withLockedValue { $0 = new }
  }

  /// How many keys there are.
  public var count: Int { namedKeys.withLockedValue { $0.count } }

  /// Whether others than its owner and group may read the file.
  public var isReadByAll: Bool {
    guard let file, let status = try? FileStatus(file) else { return false }
    return status.isReadByAll
  }

  /// The name that belongs to a key; nil when it is not known.
  ///
  /// Every key is compared in full, so that the time it takes tells nothing.
  func name(of key: String) -> String? {
    let digest = SHA256.hash(key.utf8)
    var name: String?
    for namedKey in namedKeys.withLockedValue({ $0 }) where Self.areEqual(namedKey.digest, digest) {
      name = namedKey.name
    }
    return name
  }

  private static func areEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
    var difference: UInt8 = 0
    for (one, other) in zip(first, second) { difference |= one ^ other }
    return difference == 0
  }
}

/// Why keys were not taken.
public struct APIKeysError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file.
  public let source: String
  /// The line, counted from one.
  public let line: Int?
  /// What is wrong.
  public let reason: String

  /// The place and what is wrong there.
  public var description: String { source + (line.map { ":\($0)" } ?? "") + ": \(reason)" }
}

extension APIKeys {
  /// Bytes that a key has at least and at most: fewer can be guessed, more are a mistake.
  private static let keyBytes = 16...256
  private static let nameBytes = 1...64
  /// Bytes that a file of keys may have.
  private static let fileBytes = 1 << 20

  private static func namedKeys(of text: String, source: String) throws(APIKeysError) -> [NamedKey]
  {
    var namedKeys: [NamedKey] = []
    for (index, line) in text.everyLine.enumerated() {
      let line = line.trimmingSpace
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      func fault(_ reason: String) -> APIKeysError {
        APIKeysError(source: source, line: index + 1, reason: reason)
      }
      guard let colon = line.firstIndex(of: ":") else {
        throw fault("a line must be name:key")
      }
      let (name, key) = (line[..<colon], line[line.index(after: colon)...])
      guard nameBytes.contains(name.utf8.count), name.utf8.allSatisfy(\.isOfName) else {
        throw fault("a name is 1 to 64 letters, digits, dots, dashes and underscores")
      }
      guard keyBytes.contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
      else {
        throw fault("the key of \(name) must be 16 to 256 printable ASCII characters, no spaces")
      }
      namedKeys.append(NamedKey(name: String(name), digest: SHA256.hash(key.utf8)))
    }
    return namedKeys
  }

  private static func contents(of path: String) throws(APIKeysError) -> String {
    func fault(_ reason: String) -> APIKeysError {
      APIKeysError(source: path, line: nil, reason: reason)
    }
    guard let stream = fopen(path, "rb") else {
      throw fault("it cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: fileBytes + 1)
    let count = fread(&bytes, 1, bytes.count, stream)
    guard ferror(stream) == 0 else { throw fault("it cannot be read") }
    guard count <= fileBytes else { throw fault("it has more than \(fileBytes) bytes") }
    guard let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
      throw fault("it is not UTF-8")
    }
    return text
  }
}

extension UInt8 {
  fileprivate var isOfName: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
