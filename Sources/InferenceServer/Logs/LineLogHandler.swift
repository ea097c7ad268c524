import JSON
public import Logging
import Platform

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// How lines of a log look.
public enum LogFormat: String, Sendable, CaseIterable {
  /// For people: time, level, message, and `name=value` for all else.
  case text
  /// For programs: one JSON object.
  case json
}

/// Writes each event of a log as one line, whatever it contains.
public struct LineLogHandler: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?
  public var logLevel: Logger.Level
  private let format: LogFormat
  private let sink: LogSink

  /// Bytes of a message or a value that are written; the rest is cut.
  private static let valueBytes = 1024

  /// Creates a handler of events from a level on.
  public init(
    format: LogFormat = .text, level: Logger.Level = .info, sink: LogSink = .standardError
  ) {
    self.format = format
    self.sink = sink
    logLevel = level
  }

  public subscript(metadataKey name: String) -> Logger.MetadataValue? {
    get { metadata[name] }
    set { metadata[name] = newValue }
  }

  public func log(event: LogEvent) {
    var fields = metadata
    if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
    if let own = event.metadata { fields.merge(own) { $1 } }
    if let error = event.error { fields["error"] = "\(error)" }
    var line = line(event.level, "\(event.message)", fields)
    if line.count > LogSink.lineBytes {
      line = self.line(event.level, "\(event.message)", ["truncated": .stringConvertible(true)])
    }
    sink.write(line) { count in
      self.line(.warning, "Log lines were dropped", ["count": .stringConvertible(count)])
    }
  }

  /// One line and its end.
  func line(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) -> [UInt8] {
    let message = message.harmless.prefix(bytes: Self.valueBytes)
    let fields = metadata.sorted { $0.key < $1.key }
    switch format {
    case .json:
      var json = JSONWriter()
      json.object { json in
        json.member("time", Timestamp.now)
        json.member("level", level.rawValue)
        json.member("message", message)
        for (name, value) in fields where !["time", "level", "message"].contains(name) {
          json.member(name.harmless) { write(value, to: &$0) }
        }
      }
      return json.bytes + [UInt8(ascii: "\n")]
    case .text:
      var text = "\(Timestamp.now) \(level.rawValue) \(message.onOneLine)"
      for (name, value) in fields {
        text += " \(name.harmless.onOneLine)=\(Self.plain(value))"
      }
      return Array((text + "\n").utf8)
    }
  }

  private func write(_ value: Logger.MetadataValue, to json: inout JSONWriter) {
    if case .stringConvertible(let value) = value {
      switch value {
      case let value as Int: return json.value(value)
      case let value as Double: return json.value(value)
      case let value as Bool: return json.value(value)
      default: break
      }
    }
    json.value("\(value)".harmless.prefix(bytes: Self.valueBytes))
  }

  /// A value without quotes where it can do without.
  private static func plain(_ value: Logger.MetadataValue) -> String {
    let text = "\(value)".harmless.prefix(bytes: valueBytes)
    let needsQuotes = text.utf8.contains { $0 <= 0x20 || [0x22, 0x3D, 0x5C].contains($0) }
    return needsQuotes || text.isEmpty ? text.quoted : text
  }
}

extension String {
  /// The text in quotes, control characters escaped.
  fileprivate var quoted: String {
    var json = JSONWriter()
    json.value(self)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// The text as it is, or in quotes where it has line breaks and their like.
  fileprivate var onOneLine: String {
    utf8.contains { $0 < 0x20 } ? quoted : self
  }
}

/// Times as logs tell them.
enum Timestamp {
  /// The present time in UTC, to the millisecond.
  static var now: String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return text(seconds: Int(time.tv_sec), milliseconds: Int(time.tv_nsec) / 1_000_000)
  }

  /// A time as RFC 3339 has it.
  static func text(seconds: Int, milliseconds: Int) -> String {
    var seconds = time_t(seconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let day = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
      let count = strftime(text.baseAddress, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
      return String(decoding: text.prefix(count).lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    let digits = String(milliseconds)
    return day + "." + String(repeating: "0", count: max(0, 3 - digits.count)) + digits + "Z"
  }
}
