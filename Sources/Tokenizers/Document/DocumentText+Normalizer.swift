import JSON

extension DocumentText {
  /// Reads what is done to text before anything else.
  mutating func readNormalizer(_ value: JSONValue?) throws(VocabularyError) {
    for part in try DocumentObject.components(value, list: "normalizers", field: .normalizer) {
      if try readSpaces(part) { continue }
      let steps = try Self.steps(part)
      guard !normalizer.readsMarkAsSpace, normalizer.prefix == .none else {
        throw part.unsupported("\(part.quotedType) after spaces were replaced")
      }
      normalizer.steps += steps
    }
    // Composing alone leaves text that is composed as it is without looking twice.
    if normalizer.steps == [.form(.nfc)] {
      normalizer.steps = []
      normalizer.composes = true
    }
  }

  /// Reads a part that makes spaces U+2581, or puts one in front; false where it is no such part.
  private mutating func readSpaces(_ part: DocumentObject) throws(VocabularyError) -> Bool {
    switch part.type {
    case "Replace":
      guard Self.string(part.members["pattern"]) == " ",
        try part.string("content") == "\u{2581}"
      else { return false }
      normalizer.readsMarkAsSpace = true
    case "Prepend":
      guard ["\u{2581}", " "].contains(try part.string("prepend")) else { return false }
      normalizer.prefix = .always
    default: return false
    }
    return true
  }

  private static func steps(_ part: DocumentObject) throws(VocabularyError) -> [NormalizerStep] {
    if let form = UnicodeForm(rawValue: part.type) { return [.form(form)] }
    switch part.type {
    case "Lowercase": return [.lowercase]
    case "StripAccents": return [.withoutMarks]
    case "Strip":
      return [
        .strip(
          left: try part.bool("strip_left", default: true),
          right: try part.bool("strip_right", default: true))
      ]
    case "Prepend": return [.prepend(Array(try part.string("prepend").utf8))]
    case "Replace": return [try replacement(part)]
    case "BertNormalizer":
      let lowercases = try part.bool("lowercase", default: true)
      return NormalizerStep.bert(
        cleans: try part.bool("clean_text", default: true),
        spacesHan: try part.bool("handle_chinese_chars", default: true),
        stripsAccents: try part.bool("strip_accents", default: lowercases),
        lowercases: lowercases)
    case "Precompiled":
      let text = try part.string("precompiled_charsmap")
      guard let bytes = Base64.decode(text.utf8) else {
        throw part.fault("'precompiled_charsmap' is not Base64")
      }
      return bytes.isEmpty ? [] : [.characterMap(try CharacterMap(bytes), byCluster: true)]
    default: throw part.unsupported("\(part.quotedType) is not supported")
    }
  }

  private static func replacement(
    _ part: DocumentObject
  ) throws(VocabularyError) -> NormalizerStep {
    let content = try part.string("content")
    if let old = string(part.members["pattern"]), !old.isEmpty {
      return .replace(Array(old.utf8), by: Array(content.utf8))
    }
    guard case .object(let pattern)? = part.members["pattern"],
      case .string(let expression)? = pattern["Regex"]
    else { throw part.fault("'pattern' is no string") }
    // To pieces that read U+2581 as a space the two are one.
    guard expression == " {2,}", [" ", "\u{2581}"].contains(content) else {
      throw part.unsupported(
        "\(part.quotedType) at an unknown pattern: \(expression.prefix(200).debugDescription)")
    }
    return .singleSpaces
  }
}
