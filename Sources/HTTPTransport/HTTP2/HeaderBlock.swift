import CNGHTTP2
import HTTPTypes

/// The header fields of an answer as libnghttp2 takes them.
struct HeaderBlock {
  private struct Entry {
    let name: Range<Int>
    let value: Range<Int>
  }

  /// Fields that HTTP/2 has no use for and forbids.
  private static let connectionFields: Set<String> = [
    "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
  ]

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []

  /// Describes an answer.
  init(_ head: HTTPResponse) {
    bytes.reserveCapacity(512)
    entries.reserveCapacity(head.headerFields.count + 1)
    append(":status", "\(head.status.code)")
    let isEmpty = head.status == .noContent || head.status == .notModified
    for field in head.headerFields {
      let name = field.name.canonicalName
      if Self.connectionFields.contains(name) || isEmpty && field.name == .contentLength {
        continue
      }
      append(name, field.value)
    }
  }

  /// Hands the fields to C, which must not keep them.
  mutating func withFields<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
    bytes.withUnsafeMutableBufferPointer { bytes in
      let fields = entries.compactMap { entry -> nghttp2_nv? in
        guard let base = bytes.baseAddress else { return nil }
        return nghttp2_nv(
          name: base + entry.name.lowerBound, value: base + entry.value.lowerBound,
          namelen: entry.name.count, valuelen: entry.value.count,
          flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
      }
      return fields.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
    }
  }

  private mutating func append(_ name: String, _ value: String) {
    let start = bytes.count
    bytes.append(contentsOf: name.utf8)
    let middle = bytes.count
    bytes.append(contentsOf: value.utf8)
    entries.append(Entry(name: start..<middle, value: middle..<bytes.count))
  }
}
