import JSON

extension DocumentText {
  /// Reads what cuts text into words.
  mutating func readPreTokenizer(_ value: JSONValue?) throws(VocabularyError) {
    let parts = try DocumentObject.components(
      value, list: "pretokenizers", field: .preTokenizer)
    guard let last = parts.last else { return }
    if let index = parts.firstIndex(where: { $0.type == "ByteLevel" }) {
      return try readByteLevel(
        parts[index], after: parts[..<index], before: parts[(index + 1)...])
    }
    switch last.type {
    case "Metaspace" where parts.dropLast().allSatisfy({ $0.type == "WhitespaceSplit" }):
      if parts.count > 1 { preparation.steps = [.words] }
      preparation.readsMarkAsSpace = true
      preparation.prefix = try Self.prefix(of: last)
      if try last.bool("split", default: true) { splitter = SpaceSplitter(joinsSpaces: false) }
    case "Split" where parts.count == 1 && normalizer.readsMarkAsSpace:
      // The normalizer has left no space that this could split at.
      guard Self.string(last.members["pattern"]) == " " else { throw Self.unsupported(parts) }
    case "BertPreTokenizer" where parts.count == 1: splitter = BertSplitter()
    default:
      guard !normalizer.readsMarkAsSpace else { throw Self.unsupported(parts) }
      splitter = CutSplitter([], try Self.steps(parts[...]))
    }
  }

  private mutating func readByteLevel(
    _ part: DocumentObject, after parts: ArraySlice<DocumentObject>,
    before rest: ArraySlice<DocumentObject>
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
    if rest.isEmpty, types.isEmpty {
      splitter = usesPattern ? GPT2Splitter() : WholeTextSplitter()
    } else if rest.isEmpty, types == ["Digits"], usesPattern, let digits = parts.first,
      try digits.bool("individual_digits", default: false)
    {
      splitter = SmolLMSplitter()
    } else if rest.isEmpty, !usesPattern, let known = try Self.known(parts) {
      splitter = known
    } else {
      var steps = try Self.steps(parts)
      if usesPattern { steps.append(CutStep(cut: SplitterCut(GPT2Splitter()))) }
      splitter = CutSplitter([], steps + (try Self.byteSteps(rest)))
    }
  }

  /// Returns the splitter that does what some regular expressions in turn would do, if one does.
  private static func known(
    _ parts: ArraySlice<DocumentObject>
  ) throws(VocabularyError) -> (any TextSplitter)? {
    var patterns: [String] = []
    var removes = false
    for part in parts {
      guard part.type == "Split", let pattern = expression(part) else { return nil }
      let behavior = try part.string("behavior")
      let inverts = try part.bool("invert", default: false)
      let takesAll = behavior == "Removed" && inverts && parts.count == 1
      guard behavior == "Isolated" && !inverts || takesAll else { return nil }
      patterns.append(pattern)
      removes = removes || takesAll
    }
    let splitter = TextSplitters.matching(patterns)
    // Where the pattern matches all there is, nothing is removed that it does not match.
    return removes && !(splitter is any ScanningSplitter) ? nil : splitter
  }

  private static func expression(_ part: DocumentObject) -> String? {
    guard case .object(let object)? = part.members["pattern"],
      case .string(let pattern)? = object["Regex"]
    else { return nil }
    return pattern
  }

  private static func unsupported(_ parts: [DocumentObject]) -> VocabularyError {
    let types = parts.map { $0.type.prefix(40).debugDescription }.joined(separator: ", ")
    return VocabularyError(
      .unsupported, field: .preTokenizer, "type \(types) is not supported as it stands here")
  }
}

extension DocumentText {
  private static func steps(
    _ parts: ArraySlice<DocumentObject>
  ) throws(VocabularyError) -> [CutStep] {
    var steps: [CutStep] = []
    for part in parts {
      switch part.type {
      case "Split": steps.append(try split(part))
      case "Digits":
        let isEach = try part.bool("individual_digits", default: false)
        steps.append(CutStep(cut: isEach ? TextCuts.digit : TextCuts.digits))
      case "Punctuation":
        steps.append(
          CutStep(cut: TextCuts.punctuation, behavior: try behavior(part, default: .isolated)))
      case "WhitespaceSplit":
        steps.append(CutStep(cut: TextCuts.whitespace, behavior: .removed))
      case "Whitespace":
        steps.append(CutStep(cut: TextCuts.wordCharacters, behavior: .removed, isInverted: true))
      case "BertPreTokenizer":
        steps.append(CutStep(cut: TextCuts.whitespace, behavior: .removed))
        steps.append(CutStep(cut: TextCuts.punctuation))
      default: throw unsupported(Array(parts))
      }
    }
    return steps
  }

  /// What cuts the bytes that are written in the byte alphabet.
  private static func byteSteps(
    _ parts: ArraySlice<DocumentObject>
  ) throws(VocabularyError) -> [CutStep] {
    var steps: [CutStep] = []
    for part in parts {
      if part.type == "Digits" {
        let isEach = try part.bool("individual_digits", default: false)
        steps.append(
          CutStep(cut: ByteNumberCut(), behavior: isEach ? .isolated : .contiguous))
      } else if part.type == "Split", let pattern = expression(part),
        TextCuts.threeDigits.patterns.contains(pattern)
      {
        steps.append(try split(part))
      } else {
        throw part.unsupported("\(part.quotedType) after \"ByteLevel\"")
      }
    }
    return steps
  }

  private static func split(_ part: DocumentObject) throws(VocabularyError) -> CutStep {
    let behavior = try behavior(part, default: nil)
    let inverts = try part.bool("invert", default: false)
    if let text = string(part.members["pattern"]), !text.isEmpty {
      let cut = PatternCut(matching: [StringsAlternative([text])])
      return CutStep(cut: cut, behavior: behavior, isInverted: inverts)
    }
    guard let pattern = expression(part) else {
      throw part.unsupported("\(part.quotedType) at other than a regular expression")
    }
    guard let cut = TextSplitters.cut(pattern) else {
      throw part.unsupported(
        "\(part.quotedType) at an unknown pattern: \(pattern.prefix(200).debugDescription)")
    }
    return CutStep(cut: cut, behavior: behavior, isInverted: inverts)
  }

  private static func behavior(
    _ part: DocumentObject, default value: CutBehavior?
  ) throws(VocabularyError) -> CutBehavior {
    guard let name = try part.stringIfPresent("behavior") else {
      if let value { return value }
      throw part.fault("'behavior' is missing")
    }
    guard let behavior = CutBehavior(rawValue: name) else {
      throw part.unsupported("\(part.quotedType) with behavior \(name.prefix(40))")
    }
    return behavior
  }
}

/// What the byte alphabet writes as numbers: digits, and the bytes that stand as `²³¹¼½¾`.
private struct ByteNumberCut: TextCut {
  let patterns: [String] = []

  func forEachMatch(in text: ClassifiedText, from start: Int, _ body: (Range<Int>) -> Void) {
    for position in start..<text.end {
      switch text.bytes[position] {
      case 0x30...0x39, 0xB2, 0xB3, 0xB9, 0xBC...0xBE: body(position..<(position + 1))
      default: break
      }
    }
  }
}
