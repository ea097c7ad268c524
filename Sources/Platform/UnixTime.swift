#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The time of day.
package enum UnixTime {
  /// Seconds since 1970.
  package static var now: Int { time(nil) }
}
