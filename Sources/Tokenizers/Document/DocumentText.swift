import JSON

/// What a `tokenizer.json` does to text before and after the model: normalizer, pre-tokenizer, decoder.
struct DocumentText {
  private(set) var normalizer = TextNormalizer()
  private(set) var preparation = TextNormalizer()
  /// What cuts text into words; nil for what finds out where no merge goes.
  private(set) var splitter: (any TextSplitter)?
  private(set) var isByteLevel = false
  private(set) var stripsLeadingSpace = false

  init(_ document: DocumentObject) throws(VocabularyError) {
    try readNormalizer(document.members["normalizer"])
    try readPreTokenizer(document.members["pre_tokenizer"])
    try readDecoder(document.members["decoder"])
  }

  /// How pieces are spelled.
  var spelling: TextNormalizer {
    var spelling = TextNormalizer()
    spelling.readsMarkAsSpace = normalizer.readsMarkAsSpace || preparation.readsMarkAsSpace
    return spelling
  }

  private mutating func readNormalizer(_ value: JSONValue?) throws(VocabularyError) {
    for part in try DocumentObject.components(value, list: "normalizers", field: .normalizer) {
      switch part.type {
      case "NFC": normalizer.composes = true
      case "Replace":
        let content = try part.string("content")
        guard Self.string(part.members["pattern"]) == " ", content == "\u{2581}" else {
          throw part.unsupported("\(part.quotedType) of other than a space by U+2581")
        }
        normalizer.readsMarkAsSpace = true
      case "Prepend":
        guard ["\u{2581}", " "].contains(try part.string("prepend")) else {
          throw part.unsupported("\(part.quotedType) of other than a space")
        }
        normalizer.prefix = .always
      default: throw part.unsupported("\(part.quotedType) is not supported")
      }
    }
  }

  private mutating func readDecoder(_ value: JSONValue?) throws(VocabularyError) {
    for part in try DocumentObject.components(value, list: "decoders", field: .decoder) {
      switch part.type {
      case "ByteLevel", "Replace", "ByteFallback", "Fuse": break
      case "Strip":
        guard case .integer(let start)? = part.members["start"], (0...1).contains(start),
          try part.string("content") == " "
        else { throw part.unsupported("\(part.quotedType) of other than one space") }
        stripsLeadingSpace = start == 1
      case "Metaspace": stripsLeadingSpace = try Self.prefix(of: part) != .none
      default: throw part.unsupported("\(part.quotedType) is not supported")
      }
    }
  }

  /// The prefix that a `Metaspace` asks for, in either spelling.
  private static func prefix(
    of part: DocumentObject
  ) throws(VocabularyError) -> TextNormalizer.SpacePrefix {
    guard try part.stringIfPresent("replacement") ?? "\u{2581}" == "\u{2581}" else {
      throw part.unsupported("\(part.quotedType) with other than U+2581")
    }
    switch try part.stringIfPresent("prepend_scheme") {
    case "always": return .unlessPresent
    case "first": return .firstUnlessPresent
    case "never": return .none
    case nil: return try part.bool("add_prefix_space", default: true) ? .unlessPresent : .none
    case let scheme?:
      throw part.unsupported("'prepend_scheme' \(scheme.prefix(40).debugDescription)")
    }
  }

  /// The string of a pattern, if it is one and not a regular expression.
  private static func string(_ pattern: JSONValue?) -> String? {
    guard case .object(let object)? = pattern, case .string(let text)? = object["String"] else {
      return nil
    }
    return text
  }
}

extension DocumentText {
  private mutating func readPreTokenizer(_ value: JSONValue?) throws(VocabularyError) {
    let parts = try DocumentObject.components(
      value, list: "pretokenizers", field: .preTokenizer)
    guard let last = parts.last else { return }
    switch last.type {
    case "ByteLevel": try readByteLevel(last, after: parts.dropLast())
    case "Metaspace" where parts.count == 1:
      preparation.readsMarkAsSpace = true
      preparation.prefix = try Self.prefix(of: last)
      if try last.bool("split", default: true) { splitter = SpaceSplitter(joinsSpaces: false) }
    case "Split" where parts.count == 1 && normalizer.readsMarkAsSpace:
      // The normalizer has left no space that this could split at.
      guard Self.string(last.members["pattern"]) == " " else { fallthrough }
    default: throw unsupported(parts)
    }
  }

  private mutating func readByteLevel(
    _ part: DocumentObject, after parts: ArraySlice<DocumentObject>
  ) throws(VocabularyError) {
    isByteLevel = true
    guard !spelling.readsMarkAsSpace else {
      throw part.unsupported("\(part.quotedType) after a normalizer that replaces spaces")
    }
    if try part.bool("add_prefix_space", default: true) {
      guard parts.isEmpty else {
        throw part.unsupported("\(part.quotedType) that adds a space to every word")
      }
      preparation.prefix = .unlessPresent
    }
    let usesPattern = try part.bool("use_regex", default: true)
    let types = parts.map(\.type)
    if types == ["Digits"], usesPattern, let digits = parts.first {
      guard try digits.bool("individual_digits", default: false) else {
        throw unsupported(Array(parts))
      }
      splitter = SmolLMSplitter()
    } else if types.isEmpty {
      splitter = usesPattern ? GPT2Splitter() : WholeTextSplitter()
    } else if !usesPattern, types.allSatisfy({ $0 == "Split" }) {
      splitter = try Self.splitter(Array(parts))
    } else {
      throw unsupported(parts + [part])
    }
  }

  /// Returns the splitter that does what some regular expressions in turn would do.
  private static func splitter(
    _ parts: [DocumentObject]
  ) throws(VocabularyError) -> any TextSplitter {
    var patterns: [String] = []
    for part in parts {
      guard case .object(let object)? = part.members["pattern"],
        case .string(let pattern)? = object["Regex"]
      else { throw part.unsupported("\(part.quotedType) at other than a regular expression") }
      // What is removed where it does not match is nothing: the patterns match all there is.
      let behavior = try part.string("behavior")
      let inverts = try part.bool("invert", default: false)
      let takesAll = behavior == "Removed" && inverts && parts.count == 1
      guard behavior == "Isolated" && !inverts || takesAll else {
        throw part.unsupported("\(part.quotedType) with behavior \(behavior.prefix(40))")
      }
      patterns.append(pattern)
    }
    if let splitter = TextSplitters.matching(patterns) { return splitter }
    let quoted = patterns.map { $0.prefix(200).debugDescription }.joined(separator: ", ")
    throw VocabularyError(
      .unsupported, field: .preTokenizer, "type \"Split\" at an unknown pattern: \(quoted)")
  }

  private func unsupported(_ parts: [DocumentObject]) -> VocabularyError {
    let types = parts.map { $0.type.prefix(40).debugDescription }.joined(separator: ", ")
    return VocabularyError(
      .unsupported, field: .preTokenizer, "type \(types) is not supported as it stands here")
  }
}
