/// Spells texts that a program wrote, such as marks of formats, where control tokens may stand for parts.
struct MarkSpelling {
  /// The longest text that is looked through for control tokens, and the longest name of one.
  private static let (textLength, nameLength) = (1024, 64)

  /// The control token that a text spells; nil where it spells none.
  let controlToken: (String) -> Int32?

  /// A text, with control tokens where it spells them.
  func expression(of text: String, in builder: inout GrammarBuilder) -> Grammar.Expression {
    var parts: [Grammar.Expression] = []
    var plain = ""
    for piece in pieces(of: text) {
      guard let token = piece.token else {
        plain += piece.text
        continue
      }
      if !plain.isEmpty { parts.append(builder.lexeme(Regex(plain))) }
      plain = ""
      parts.append(.token(token))
    }
    if !plain.isEmpty { parts.append(builder.lexeme(Regex(plain))) }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  /// Free text without marks; those with control tokens are never in a text.
  func freeText(without marks: [String]) -> Regex {
    StructuralTags.text(without: marks.filter(isText))
  }

  /// Whether a text spells no control token.
  func isText(_ text: String) -> Bool { pieces(of: text).allSatisfy { $0.token == nil } }

  /// The control tokens of a text and the characters between them.
  private func pieces(of text: String) -> [(text: String, token: Int32?)] {
    let scalars = Array(text.unicodeScalars)
    if scalars.count > Self.textLength { return [(text, nil)] }
    var result: [(text: String, token: Int32?)] = []
    var position = 0
    while position < scalars.count {
      var length = min(Self.nameLength, scalars.count - position)
      var (name, token) = ("", Int32?.none)
      repeat {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[position..<(position + length)])
        name = String(view)
        token = controlToken(name)
        length -= 1
      } while token == nil && length > 0
      result.append((name, token))
      position += length + 1
    }
    return result
  }
}
