import Tokenizers

/// Cuts a template's source into tokens: text outside of tags, and the words and signs within.
struct TemplateLexer {
  /// What a tag begins and ends with.
  enum Tag: UInt8 {
    case variable = 0x7B  // {
    case block = 0x25  // %
    case comment = 0x23  // #

    var opening: [UInt8] { [0x7B, rawValue] }
    var closing: [UInt8] { [self == .variable ? 0x7D : rawValue, 0x7D] }
  }

  let source: [UInt8]
  var offset = 0
  private(set) var tokens: [TemplateToken] = []
  private var position = TemplatePosition()
  private var positionOffset = 0

  /// Creates a lexer over a source, whose line ends become newlines and whose last one is dropped.
  init(_ source: String) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.utf8.count)
    var afterReturn = false
    for byte in source.utf8 {
      if byte == 0x0D {
        bytes.append(0x0A)
      } else if byte != 0x0A || !afterReturn {
        bytes.append(byte)
      }
      afterReturn = byte == 0x0D
    }
    if bytes.last == 0x0A { bytes.removeLast() }
    self.source = bytes
  }

  /// The tokens of a source.
  static func tokens(of source: String) throws(TemplateError) -> [TemplateToken] {
    guard source.utf8.count <= TemplateBudget.maximumSource else {
      let message = "the template is longer than \(TemplateBudget.maximumSource) bytes"
      throw TemplateError(.budget(.source), message, at: TemplatePosition())
    }
    var lexer = TemplateLexer(source)
    while lexer.offset < lexer.source.count { try lexer.readTextAndTag() }
    lexer.add(.end)
    return lexer.tokens
  }

  /// Adds a token that begins at the offset.
  mutating func add(_ kind: TemplateToken.Kind) {
    add(kind, at: offset)
  }

  private mutating func add(_ kind: TemplateToken.Kind, at start: Int) {
    tokens.append(TemplateToken(kind: kind, position: place(of: start)))
  }

  /// The line and column of an offset not before the last one asked for.
  mutating func place(of target: Int) -> TemplatePosition {
    while positionOffset < target {
      if source[positionOffset] == 0x0A {
        position.line += 1
        position.column = 1
      } else if source[positionOffset] & 0xC0 != 0x80 {
        position.column += 1
      }
      positionOffset += 1
    }
    return position
  }

  /// A syntax error at the offset.
  mutating func fault(_ message: String) -> TemplateError {
    TemplateError(.syntax, message, at: place(of: offset))
  }

  /// The byte at a distance from the offset, or nil beyond the end.
  func byte(_ distance: Int = 0) -> UInt8? {
    let index = offset + distance
    return index < source.count ? source[index] : nil
  }

  /// Whether bytes follow at a distance from the offset.
  func follows(_ bytes: [UInt8], at distance: Int = 0) -> Bool {
    source[min(offset + distance, source.count)...].starts(with: bytes)
  }

  /// The number of bytes of white space at a distance from the offset.
  func spaceLength(at distance: Int = 0) -> Int {
    guard let first = byte(distance), first <= 0x20 || first >= 0x80 else { return 0 }
    let rest = source[(offset + distance)...]
    var length = 0
    var decoder = UTF8()
    var bytes = rest.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&bytes), scalar.isPythonSpace {
      length += UTF8.width(scalar)
    }
    return length
  }

  private mutating func readTextAndTag() throws(TemplateError) {
    let start = offset
    guard let (tag, opening) = nextOpening() else {
      addText(start..<source.count)
      offset = source.count
      return
    }
    offset = opening + 2
    let sign = byte().flatMap { $0 == 0x2D || $0 == 0x2B ? $0 : nil }
    if sign != nil { offset += 1 }
    addText(kept(start..<opening, before: tag, sign: sign))
    switch tag {
    case .comment: try skipComment()
    case .variable: try readTag(.variable, begin: .variableBegin, end: .variableEnd)
    case .block:
      if let length = rawTagLength() {
        offset += length
        try readRaw()
      } else {
        try readTag(.block, begin: .blockBegin, end: .blockEnd)
      }
    }
  }

  private func nextOpening() -> (Tag, Int)? {
    var index = offset
    while index + 1 < source.count {
      if source[index] == 0x7B, let tag = Tag(rawValue: source[index + 1]) { return (tag, index) }
      index += 1
    }
    return nil
  }

  /// The part of the text before a tag that stays: `-` strips all white space, and a block or
  /// comment that is alone on its line up to itself loses its indentation unless it has `+`.
  private func kept(_ text: Range<Int>, before tag: Tag, sign: UInt8?) -> Range<Int> {
    let content = TemplateString(bytes: Array(source[text]), from: .template)
    if sign == 0x2D {
      let range = content.trimmed(start: false) { $0.isPythonSpace }
      return text.lowerBound..<(text.lowerBound + range.upperBound)
    }
    guard sign == nil, tag != .variable else { return text }
    let lineStart = source[text].lastIndex(of: 0x0A).map { $0 + 1 } ?? text.lowerBound
    let atLineStart =
      lineStart > text.lowerBound || lineStart == 0 || source[lineStart - 1] == 0x0A
    let line = TemplateString(bytes: Array(source[lineStart..<text.upperBound]), from: .template)
    guard atLineStart, line.trimmed(start: false, { $0.isPythonSpace }).isEmpty else { return text }
    return text.lowerBound..<lineStart
  }

  private mutating func addText(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    add(.text(String(decoding: source[range], as: UTF8.self)), at: range.lowerBound)
  }

  private mutating func readTag(
    _ tag: Tag, begin: TemplateToken.Kind, end: TemplateToken.Kind
  ) throws(TemplateError) {
    add(begin)
    var open: [TemplateSymbol] = []
    while true {
      if open.isEmpty, let length = closingLength(of: tag) {
        add(end)
        offset += length
        return
      }
      if offset >= source.count { throw fault("a tag is not closed") }
      try readToken(open: &open)
    }
  }

  /// The length of a tag's end here, with the white space it takes along, or nil.
  private func closingLength(of tag: Tag) -> Int? {
    if follows(tag.closing) {
      return tag != .variable && byte(2) == 0x0A ? 3 : 2
    }
    guard follows(tag.closing, at: 1) else { return nil }
    if byte() == 0x2D { return 3 + spaceLength(at: 3) }
    return byte() == 0x2B && tag != .variable ? 3 : nil
  }

  private mutating func skipComment() throws(TemplateError) {
    while offset < source.count {
      if let length = closingLength(of: .comment) {
        offset += length
        return
      }
      offset += 1
    }
    throw fault("a comment is not closed")
  }

  /// The length of the rest of a `raw` tag after its opening, or nil where it is another tag.
  private func rawTagLength() -> Int? {
    var length = spaceLength()
    guard follows(Array("raw".utf8), at: length) else { return nil }
    length += 3
    length += spaceLength(at: length)
    if follows(Tag.block.closing, at: length) { return length + 2 }
    guard follows([0x2D] + Tag.block.closing, at: length) else { return nil }
    return length + 3 + spaceLength(at: length + 3)
  }

  private mutating func readRaw() throws(TemplateError) {
    let start = offset
    while offset < source.count {
      if follows(Tag.block.opening) {
        let opening = offset
        let sign = byte(2).flatMap { $0 == 0x2D || $0 == 0x2B ? $0 : nil }
        var length = sign == nil ? 2 : 3
        length += spaceLength(at: length)
        if follows(Array("endraw".utf8), at: length) {
          length += 6
          length += spaceLength(at: length)
          offset += length
          if let closing = closingLength(of: .block) {
            addText(kept(start..<opening, before: .block, sign: sign))
            offset += closing
            return
          }
          offset = opening
        }
      }
      offset += 1
    }
    throw fault("a raw block is not closed")
  }
}
