/// The spelling of values that are rewritten as JSON.
enum ValueDialect: Hashable, Sendable {
  case json
  /// Literals, and keyword arguments in parentheses.
  case python
  /// Bare names, and strings between marks.
  case gemma(quote: [Symbol])
}

/// What a word that is no string says as JSON.
enum BareWord {
  /// JSON of a number or a constant in any spelling that models use; a string of any other word.
  static func json(_ word: [UInt8]) -> [UInt8] {
    switch String(decoding: word, as: UTF8.self) {
    case "true", "True": return Array("true".utf8)
    case "false", "False": return Array("false".utf8)
    case "null", "None": return Array("null".utf8)
    default: return number(word) ?? string(word)
    }
  }

  /// A string in quotation marks.
  static func string(_ text: [UInt8]) -> [UInt8] {
    var json: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text { append(byte, to: &json) }
    json.append(UInt8(ascii: "\""))
    return json
  }

  /// Adds a byte of a string's text, with an escape where JSON needs one.
  static func append(_ byte: UInt8, to json: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
    case 0x0A: json += Array("\\n".utf8)
    case 0x0D: json += Array("\\r".utf8)
    case 0x09: json += Array("\\t".utf8)
    case 0x08: json += Array("\\b".utf8)
    case 0x0C: json += Array("\\f".utf8)
    case 0..<0x20: json += Array("\\u00".utf8) + hexadecimal(byte)
    default: json.append(byte)
    }
  }

  /// Two digits.
  static func hexadecimal(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }

  /// A number as JSON has it, digits kept; nil where the word is none.
  private static func number(_ word: [UInt8]) -> [UInt8]? {
    var rest = word[...]
    var json: [UInt8] = []
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      if sign == UInt8(ascii: "-") { json.append(sign) }
      rest.removeFirst()
    }
    let whole = digits(&rest)
    var fraction: [UInt8] = []
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      fraction = digits(&rest)
      if whole.isEmpty && fraction.isEmpty { return nil }
      json += whole.isEmpty ? [UInt8(ascii: "0")] : whole
      json += [UInt8(ascii: ".")] + (fraction.isEmpty ? [UInt8(ascii: "0")] : fraction)
    } else {
      json += whole
    }
    if whole.isEmpty && fraction.isEmpty { return nil }
    if whole.count > 1 && whole[0] == UInt8(ascii: "0") { return nil }
    guard let exponent = exponent(rest) else { return nil }
    return json + exponent
  }

  private static func exponent(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard let letter = text.first else { return [] }
    guard letter | 0x20 == UInt8(ascii: "e") else { return nil }
    var rest = text.dropFirst()
    var json = [letter]
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      json.append(sign)
      rest.removeFirst()
    }
    let power = digits(&rest)
    return power.isEmpty || !rest.isEmpty ? nil : json + power
  }

  /// Takes digits, and skips single underscores between them.
  private static func digits(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
    var found: [UInt8] = []
    while let byte = rest.first {
      if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        found.append(byte)
      } else if byte != UInt8(ascii: "_") || found.isEmpty {
        break
      }
      rest.removeFirst()
    }
    return found
  }
}
