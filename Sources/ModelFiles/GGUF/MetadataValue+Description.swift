extension MetadataValue {
  /// The value on one line, shortened, for people to read.
  var summary: String {
    switch self {
    case .unsigned(let number): return "\(number)"
    case .signed(let number): return "\(number)"
    case .float(let number): return "\(number)"
    case .bool(let truth): return "\(truth)"
    case .string(let text): return text.quotedSummary
    case .strings(let table):
      let shown = (0..<min(4, table.count)).map { table[$0].prefix(40).quoted }
      return "[\(shown.joined(separator: ", "))\(table.count > 4 ? ", …" : "")]"
        + " (\(table.count) strings)"
    case .numbers(let array):
      let shown = (0..<min(4, array.count)).map { array[$0].summary }
      return "[\(shown.joined(separator: ", "))\(array.count > 4 ? ", …" : "")]"
        + " (\(array.count) of \(array.type))"
    }
  }
}

extension String {
  /// The first characters on one line, in quotation marks.
  var quotedSummary: String {
    let shown = prefix(200)
    return shown.quoted + (shown.endIndex < endIndex ? "…" : "")
  }
}

extension Substring {
  /// The text on one line, in quotation marks.
  var quoted: String {
    "\"" + unicodeScalars.map { $0.escaped(asASCII: false) }.joined() + "\""
  }
}
