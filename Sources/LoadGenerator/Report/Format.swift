import Foundation

/// How reports write numbers.
enum Format {
  /// A number with about four digits: more after the point the smaller it is.
  static func number(_ value: Double) -> String {
    switch abs(value) {
    case 1000...: String(format: "%.0f", value)
    case 100..<1000: trimmed(String(format: "%.1f", value))
    case 1..<100: trimmed(String(format: "%.2f", value))
    default: trimmed(String(format: "%.3f", value))
    }
  }

  /// A latency in milliseconds; a dash where there is none.
  static func milliseconds(_ latency: Duration?) -> String {
    guard let value = latency?.inMilliseconds else { return "–" }
    switch value {
    case 10_000...: return String(format: "%.0f", value)
    case 100..<10_000: return String(format: "%.1f", value)
    case 1..<100: return String(format: "%.2f", value)
    default: return String(format: "%.3f", value)
    }
  }

  /// A share as percent.
  static func percent(_ part: Int, of whole: Int) -> String {
    whole > 0 ? "\(trimmed(String(format: "%.1f", 100 * Double(part) / Double(whole)))) %" : "–"
  }

  /// Text that shows as itself in HTML and SVG.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// Text on one line, without control characters that would steer a terminal.
  static func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }

  private static func trimmed(_ text: String) -> String {
    var text = Substring(text)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return String(text)
  }
}
