/// Makes keys of the bytes that a terminal sends, however they come in pieces.
///
/// Sequences that mean nothing here are passed over. Bytes that are not UTF-8 become U+FFFD.
package struct KeyParser: Sendable {
  private enum State: Sendable {
    case ground
    /// In a character of several bytes.
    case character([UInt8])
    case escape
    /// In a control sequence, with its parameters so far.
    case sequence([UInt8])
    /// After ESC O, as some terminals send arrows.
    case singleShift
    case paste([UInt8])
  }

  /// Bytes of a text pasted that are kept, and one more, which shows that it was longer.
  private static let pasteLimit = LineEditor.byteLimit + 1
  private static let sequenceLimit = 64
  private static let pasteEnd = Array("\u{1B}[201~".utf8)
  private var state = State.ground
  private var keys: [Key] = []

  /// Creates a parser at the beginning of what is typed.
  package init() {}

  /// Takes bytes and returns the keys that are now complete.
  package mutating func take(_ bytes: some Sequence<UInt8>) -> [Key] {
    for byte in bytes { take(byte) }
    defer { keys = [] }
    return keys
  }

  private mutating func take(_ byte: UInt8) {
    switch state {
    case .ground: takeFirst(byte)
    case .character(var bytes):
      guard UTF8.isContinuation(byte) else {
        put("\u{FFFD}")
        state = .ground
        return takeFirst(byte)
      }
      bytes.append(byte)
      takeCharacter(bytes)
    case .escape: takeEscape(byte)
    case .sequence(var bytes):
      bytes.append(byte)
      takeSequence(bytes)
    case .singleShift:
      state = .ground
      if let key = Key(sequence: byte, numbers: []) { keys.append(key) }
    case .paste(var bytes):
      state = .ground
      bytes.append(byte)
      takePaste(&bytes)
    }
  }

  private mutating func takeFirst(_ byte: UInt8) {
    switch byte {
    case 0x1B: state = .escape
    case 0..<0x20, 0x7F:
      if let key = Key(control: byte) { put(key) }
    default: takeCharacter([byte])
    }
  }

  private mutating func takeCharacter(_ bytes: [UInt8]) {
    state = .ground
    switch bytes[0] {
    case 0xC2..<0xE0 where bytes.count < 2, 0xE0..<0xF0 where bytes.count < 3,
      0xF0..<0xF5 where bytes.count < 4:
      state = .character(bytes)
    default: put(String(decoding: bytes, as: UTF8.self).typed)
    }
  }

  private mutating func takeEscape(_ byte: UInt8) {
    state = .ground
    switch byte {
    case 0x1B: state = .escape
    case UInt8(ascii: "["): state = .sequence([])
    case UInt8(ascii: "O"): state = .singleShift
    default:
      if let key = Key(alt: byte) { keys.append(key) }
    }
  }

  /// Takes a sequence so far: parameters from 0x20 to 0x3F, and one byte that ends it.
  private mutating func takeSequence(_ bytes: [UInt8]) {
    guard let final = bytes.last else { return }
    state = .ground
    switch final {
    case 0x20..<0x40 where bytes.count < Self.sequenceLimit: state = .sequence(bytes)
    case 0x1B: state = .escape
    case 0x40..<0x7F:
      let parameters = String(decoding: bytes.dropLast(), as: UTF8.self)
      let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false)
        .map { Int($0) ?? 1 }
      if final == UInt8(ascii: "~"), numbers == [200] {
        state = .paste([])
      } else if let key = Key(sequence: final, numbers: numbers) {
        keys.append(key)
      }
    default: break
    }
  }

  private mutating func takePaste(_ bytes: inout [UInt8]) {
    let isEnd = bytes.last == Self.pasteEnd.last && bytes.suffix(6).elementsEqual(Self.pasteEnd)
    if isEnd {
      bytes.removeLast(Self.pasteEnd.count)
      keys.append(.paste(String(decoding: bytes, as: UTF8.self).typed))
      return
    }
    if bytes.count > Self.pasteLimit + Self.pasteEnd.count {
      // The end is still to be found.
      bytes.remove(at: Self.pasteLimit)
    }
    state = .paste(bytes)
  }

  /// Adds a key, or text to the text before.
  private mutating func put(_ key: Key) {
    if case .text(let text) = key { put(text) } else { keys.append(key) }
  }

  private mutating func put(_ text: String) {
    guard !text.isEmpty else { return }
    if case .text(let before)? = keys.last {
      keys[keys.count - 1] = .text(before + text)
    } else {
      keys.append(.text(text))
    }
  }
}

extension String {
  /// The text with line feeds for all line breaks, and without other control characters but tabs.
  package var typed: String {
    var text = String.UnicodeScalarView()
    var previous: Unicode.Scalar?
    for scalar in unicodeScalars {
      switch scalar {
      case "\n" where previous == "\r": break
      case "\r": text.append("\n")
      case "\n", "\t": text.append(scalar)
      default:
        if scalar.properties.generalCategory != .control { text.append(scalar) }
      }
      previous = scalar
    }
    return String(text)
  }
}
