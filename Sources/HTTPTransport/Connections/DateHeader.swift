import NIOConcurrencyHelpers
import Platform

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The value of the `Date` header, written anew at most once a second and only when asked for.
struct DateHeader: Sendable {
  private let last = NIOLockedValueBox((second: -1, text: ""))

  /// The present time as RFC 9110 section 5.6.7 wants it.
  var text: String { text(at: UnixTime.now) }

  /// A time, in seconds since 1970, as RFC 9110 section 5.6.7 wants it.
  func text(at second: Int) -> String {
    last.withLockedValue { last in
      if last.second != second { last = (second, Self.format(second)) }
      return last.text
    }
  }

  private static func format(_ second: Int) -> String {
    var seconds = time_t(second)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
      // Names are English because the process never leaves the C locale.
      let count = strftime(text.baseAddress, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
      return String(decoding: text.prefix(count).lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
