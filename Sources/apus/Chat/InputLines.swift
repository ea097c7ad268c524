import ArgumentParser
import Foundation
import Platform
import TerminalChat

/// Messages that are lines of standard input.
struct InputLines: Sendable {
  /// Bytes that a line may have.
  static let limit = 16 << 20
  /// The terminal, where a person types.
  let keys: TerminalKeys?
  private let reader: InputReader
  private let screen: Terminal?
  private var buffer: [UInt8] = []
  /// Bytes of the buffer among which there is no end of a line.
  private var searched = 0
  private var hasEnded = false

  /// Creates lines of another program, or of a terminal that edits them itself.
  ///
  /// - Parameter screen: Where a person is asked for the next line.
  init(_ reader: InputReader, keys: TerminalKeys? = nil, screen: Terminal? = nil) {
    (self.reader, self.keys, self.screen) = (reader, keys, screen)
  }

  /// Waits for the next line that is not empty.
  mutating func next() throws -> Said {
    try screen?.write("> ")
    while true {
      if let line = takeLine() {
        if !line.allSatisfy(\.isWhitespace) { return .text(line) }
        try screen?.write("> ")
        continue
      }
      if hasEnded { return .end }
      switch try reader.next() {
      case .bytes(let bytes): buffer += bytes
      case .end: hasEnded = true
      case .signal(SIGINT): try screen?.write("\n\(Keyboard.howToLeave)\n> ")
      case .signal: break
      }
      guard buffer.count <= Self.limit else {
        throw ValidationError("A message has more than \(Self.limit >> 20) MiB.")
      }
    }
  }

  /// Takes a line off the buffer; its last one needs no end.
  private mutating func takeLine() -> String? {
    guard let end = buffer[searched...].firstIndex(of: 0x0A) ?? (hasEnded ? buffer.count : nil),
      !buffer.isEmpty
    else {
      searched = buffer.count
      return nil
    }
    var line = buffer[..<end]
    if line.last == 0x0D { line.removeLast() }
    let text = String(decoding: line, as: UTF8.self)
    buffer.removeFirst(min(end + 1, buffer.count))
    searched = 0
    return text
  }
}
