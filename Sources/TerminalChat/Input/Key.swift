/// What a person does at the keyboard of a terminal, by its usual meaning.
package enum Key: Hashable, Sendable {
  /// Characters typed.
  case text(String)
  /// A text pasted, which may have several lines.
  case paste(String)
  /// Ends the message.
  case enter
  /// A line break within the message.
  case newline
  /// Delete a character: the one before the cursor, the one behind it.
  case backspace, delete
  /// Move by a character or a line; beyond the first and the last line, through what was typed before.
  case left, right, up, down
  /// Move by a word.
  case wordLeft, wordRight
  /// Move to the ends of the line.
  case lineStart, lineEnd
  /// Show what was typed before, or after that.
  case previousEntry, nextEntry
  /// Delete a part of the line, or a word before or behind the cursor.
  case killToStart, killToEnd, killWord, killNextWord
  /// Puts back what was taken away last.
  case yank
  /// Swaps the characters before and behind the cursor.
  case transpose
  /// Looks for a text in what was typed before; again, for an older one.
  case search
  /// Clears the screen.
  case clearScreen
  /// Drops what is typed.
  case interrupt
  /// Leaves, where nothing is typed.
  case endOfInput
  /// Stops the program until it is continued.
  case suspend
  /// Leaves a search.
  case cancel
}

extension Key {
  /// The key that a control character stands for; nil where it stands for none.
  init?(control byte: UInt8) {
    switch byte {
    case 0x01: self = .lineStart
    case 0x02: self = .left
    case 0x03: self = .interrupt
    case 0x04: self = .endOfInput
    case 0x05: self = .lineEnd
    case 0x06: self = .right
    case 0x07: self = .cancel
    case 0x08, 0x7F: self = .backspace
    case 0x09: self = .text("\t")
    case 0x0A: self = .newline
    case 0x0B: self = .killToEnd
    case 0x0C: self = .clearScreen
    case 0x0D: self = .enter
    case 0x0E: self = .nextEntry
    case 0x10: self = .previousEntry
    case 0x12: self = .search
    case 0x14: self = .transpose
    case 0x15: self = .killToStart
    case 0x17: self = .killWord
    case 0x19: self = .yank
    case 0x1A: self = .suspend
    default: return nil
    }
  }

  /// The key that a byte stands for after the escape character, as terminals send it with Alt.
  init?(alt byte: UInt8) {
    switch byte {
    case UInt8(ascii: "b"), UInt8(ascii: "B"): self = .wordLeft
    case UInt8(ascii: "f"), UInt8(ascii: "F"): self = .wordRight
    case UInt8(ascii: "d"), UInt8(ascii: "D"): self = .killNextWord
    case 0x0A, 0x0D: self = .newline
    case 0x08, 0x7F: self = .killWord
    default: return nil
    }
  }

  /// The key that a control sequence stands for.
  ///
  /// - Parameters:
  ///   - final: The byte that ends the sequence.
  ///   - numbers: Its parameters; the second tells of modifiers, 1 being none.
  init?(sequence final: UInt8, numbers: [Int]) {
    let first = numbers.first ?? 1
    let isModified = numbers.count > 1 && numbers[1] > 1
    switch final {
    case UInt8(ascii: "A"): self = .up
    case UInt8(ascii: "B"): self = .down
    case UInt8(ascii: "C"): self = isModified ? .wordRight : .right
    case UInt8(ascii: "D"): self = isModified ? .wordLeft : .left
    case UInt8(ascii: "H"): self = .lineStart
    case UInt8(ascii: "F"): self = .lineEnd
    case UInt8(ascii: "u") where first == 13: self = isModified ? .newline : .enter
    case UInt8(ascii: "~"):
      switch first {
      case 1, 7: self = .lineStart
      case 4, 8: self = .lineEnd
      case 3: self = isModified ? .killNextWord : .delete
      case 27 where numbers.count == 3 && numbers[2] == 13: self = .newline
      default: return nil
      }
    default: return nil
    }
  }
}
