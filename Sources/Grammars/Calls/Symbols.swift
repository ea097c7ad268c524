import JSON

/// A byte of text, or from 256 on a control token.
typealias Symbol = UInt16

extension Symbol {
  /// A control token that no mark of the format names.
  static let otherControl = Symbol.max

  /// Whether it is a byte of white space.
  var isSpace: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }

  /// The byte, unless it is a control token.
  var byte: UInt8? { self < 256 ? UInt8(truncatingIfNeeded: self) : nil }

  /// The symbol of an ASCII character.
  init(ascii character: Unicode.Scalar) { self = Symbol(UInt8(ascii: character)) }
}

/// Gives numbers to the control tokens that a format's marks name, and spells marks with them.
struct SymbolTable: Sendable {
  private var numbers: [ExactText: Symbol] = [:]
  private var tokens: [[UInt8]] = []

  /// Numbers control tokens by their texts.
  init(controlTokens: Set<String>) {
    for text in controlTokens.sorted().prefix(Int(Symbol.otherControl) - 256) where !text.isEmpty {
      numbers[ExactText(text)] = Symbol(256 + tokens.count)
      tokens.append(Array(text.utf8))
    }
  }

  /// The symbol of a control token.
  func symbol(ofControl text: String) -> Symbol { numbers[ExactText(text)] ?? .otherControl }

  /// A mark without the white space at its ends: control tokens where it spells them, bytes elsewhere.
  func symbols(of mark: String) -> [Symbol] {
    let bytes = Array(mark.utf8)
    var symbols: [Symbol] = []
    var position = 0
    while position < bytes.count {
      if let token = longestToken(in: bytes[position...]) {
        symbols.append(Symbol(256 + token))
        position += tokens[token].count
      } else {
        symbols.append(Symbol(bytes[position]))
        position += 1
      }
    }
    let start = symbols.firstIndex { !$0.isSpace } ?? symbols.endIndex
    let end = symbols.lastIndex { !$0.isSpace } ?? start - 1
    return start > end ? [] : Array(symbols[start...end])
  }

  private func longestToken(in bytes: ArraySlice<UInt8>) -> Int? {
    tokens.indices.filter { bytes.starts(with: tokens[$0]) }
      .max { tokens[$0].count < tokens[$1].count }
  }
}
