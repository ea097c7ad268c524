/// The splitters that are put together of cuts: names of model files, and what they cut in turn.
enum CutSplitters {
  /// All of them.
  static let all: [CutSplitter] = [
    CutSplitter(
      ["default"],
      [
        PatternCut(
          #"[\p{P}\$\+<=>\^~\|]+"#,
          matching: [RunAlternative(ScalarSet(.punctuation, of: "$+<=>^~|"))]),
        SplitterCut(GPT2Splitter()), TextCuts.digits, TextCuts.threeDigits,
      ]),
    CutSplitter(
      ["falcon"],
      [TextCuts.falconSigns, SplitterCut(GPT2Splitter()), TextCuts.threeDigits]),
    CutSplitter(
      ["deepseek-llm"],
      [
        TextCuts.eachLineEnd, TextCuts.latinWords, TextCuts.latinSigns, FinalSpaceCut(),
        TextCuts.eastAsian, TextCuts.digits,
      ]),
    CutSplitter(
      ["deepseek-coder"],
      [
        TextCuts.eachLineEnd, TextCuts.letters, TextCuts.signs, TextCuts.eastAsian, TextCuts.digit,
      ]),
    CutSplitter(["poro-chat", "bloom", "gpt3-finnish"], [TextCuts.bloomWords]),
    CutSplitter(["viking"], [TextCuts.bloomWords, TextCuts.digit]),
    CutSplitter(["superbpe"], [TextCuts.digits, DigitBoundaryCut()]),
    CutSplitter(["laguna"], [TextCuts.lines, SplitterCut(Qwen2Splitter())]),
    wholeWords(
      CutSplitter(
        ["granite-embed-multi-97m"],
        [SplitterCut(GPT4oSplitter())])),
    wholeWords(
      CutSplitter(
        ["minicpm5"],
        [
          TextCuts.digitsByThree,
          linewise(LinewisePattern.pattern(number: #"\p{N}+"#), digits: .max),
        ])),
    CutSplitter(["tiny_aya", "cohere2moe"], [DigitGroupCut.words, SplitterCut(GPT4oSplitter())]),
    beginning(chameleon), afmoe, spark, wholeWords(youtu), kimi, seedCoder, exaone, ufakzeka, jais2,
  ]

  private static func wholeWords(_ splitter: CutSplitter) -> CutSplitter {
    var splitter = splitter
    splitter.takesWholeWords = true
    return splitter
  }

  private static func beginning(_ splitter: CutSplitter) -> CutSplitter {
    var splitter = splitter
    splitter.beginsSequences = true
    return splitter
  }
}

extension CutSplitters {
  private static let contraction = ContractionAlternative(ignoresCase: true)
  private static let space: [any PatternAlternative] = [LinesAlternative(), SpaceAlternative()]
  private static let beforeWord = ScalarSet.outside([.letter, .number], of: "\r\n")
  private static let word = RunAlternative(ScalarSet(.letter), after: beforeWord)
  private static let signs = ScalarSet.outside([.whitespace, .letter, .number])
  private static let endOfPattern = #"\s*[\r\n]+|\s+(?!\S)|\s+"#
  private static let words = #"[^\r\n\p{L}\p{N}]?\p{L}+"#

  /// The pattern of Llama 3 with other numbers.
  private static func linewise(_ pattern: String, digits: Int) -> PatternCut {
    PatternCut(
      pattern,
      matching: [
        contraction, word, RunAlternative(ScalarSet(.number), count: 1...digits),
        RunAlternative(signs, after: .space, tail: .lineEnds),
      ] + space)
  }

  private static let kimi = CutSplitter(
    ["kimi-k2"],
    [
      PatternCut(
        kimiPattern,
        matching: [
          RunAlternative(.han), CaseAlternative(excluding: .han),
          RunAlternative(ScalarSet(.number), count: 1...3),
          RunAlternative(signs, after: .space, tail: .lineEnds),
        ] + space)
    ])

  private static let kimiPattern: String = {
    let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"#
    let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"#
    let first = #"[^\r\n\p{L}\p{N}]?"#
    let ending = CasePattern.contraction
    return #"[\p{Han}]+|"#
      + "\(first)\(upper)*\(lower)+\(ending)|\(first)\(upper)+\(lower)*\(ending)"
      + #"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|"# + endOfPattern
  }()

  private static let youtu = CutSplitter(
    ["youtu"],
    [
      PatternCut(
        "[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|[一-龥぀-ゟ゠-ヿ]+",
        matching: [
          RunAlternative(ScalarSet([], [0x3131...0x318E, 0xAC00...0xD7A3])),
          RunAlternative(ScalarSet(spelled: "！…“”‘’—：；，、-〿︰-﹏")),
          RunAlternative(ScalarSet([], [0x3105...0x312F])),
          RunAlternative(ScalarSet([], [0x3040...0x30FF, 0x4E00...0x9FA5])),
        ]),
      PatternCut(
        CasePattern.pattern(ending: CasePattern.contraction, number: #"\p{N}"#),
        matching: [
          CaseAlternative(), RunAlternative(ScalarSet(.number), count: 1...1),
          RunAlternative(signs, after: .space, tail: ScalarSet(of: "\r\n/")),
        ] + space),
    ])

  private static let seedCoder = CutSplitter(
    ["seed-coder"],
    [
      PatternCut(
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|" + words
          + #"|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|"# + endOfPattern,
        matching: [
          contraction, word, RunAlternative(ScalarSet(.number), count: 1...1),
          RunAlternative(signs, after: .space),
        ] + space)
    ])

  private static let ufakzeka = CutSplitter(
    ["ufakzeka"],
    [
      PatternCut(
        words + #"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|"# + endOfPattern,
        matching: [
          word, RunAlternative(ScalarSet(.number), count: 1...1),
          RunAlternative(signs, after: .space, tail: .lineEnds),
        ] + space)
    ])

  private static let exaone: CutSplitter = {
    var runs = RunAlternative(signs, after: .space, tail: ScalarSet(of: "\r\n/"))
    runs.tailLimit = 1
    return CutSplitter(
      ["exaone-moe"],
      [
        PatternCut(
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
            + #"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}"#
            + #"| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"#,
          matching: [
            contraction, PhraseAlternative(), RunAlternative(ScalarSet(.number), count: 1...1),
            runs,
          ] + space)
      ])
  }()
}

extension CutSplitters {
  /// What DeepSeek V3 takes for words and signs, with what follows signs.
  private static func deepSeekWords(tail: ScalarSet?) -> [any PatternAlternative] {
    var latin = RunAlternative(.latin, after: .asciiSigns)
    latin.needsPrefix = true
    let marked = ScalarSet([.letter, .mark])
    return [
      latin,
      RunAlternative(
        marked, after: .outside([.letter, .punctuation, .symbol], of: "\r\n")),
      RunAlternative(ScalarSet([.punctuation, .symbol]), after: .space, tail: tail),
    ]
  }

  private static let deepSeekPattern =
    ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"##
    + #"| ?[\p{P}\p{S}]+"#

  private static let afmoe = CutSplitter(
    ["afmoe"],
    [
      DigitGroupCut.numbers,
      PatternCut(
        "[一-鿿㐀-䶿\u{F900}-﫿぀-ゟ゠-ヿ･-ﾟ⼀-⿟เ-๿຀-໿ក-៿က-႟ꩠ-ꩿꧠ-꧿가-힯ᄀ-ᇿ]+",
        matching: [
          RunAlternative(
            ScalarSet(
              [],
              [
                0xE40...0xEFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17FF, 0x2F00...0x2FDF,
                0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA9E0...0xA9FF, 0xAA60...0xAA7F,
                0xAC00...0xD7AF, 0xF900...0xFAFF, 0xFF65...0xFF9F,
              ]))
        ]),
      PatternCut(
        deepSeekPattern + #"[\r\n]*|"# + endOfPattern,
        matching: deepSeekWords(tail: .lineEnds) + space),
    ])

  private static let spark = CutSplitter(
    ["spark2_5"],
    [
      TextCuts.digitsByThree, TextCuts.kana,
      PatternCut(
        deepSeekPattern + #"|[\r\n]|\s+(?!\S)|\s+"#,
        matching: deepSeekWords(tail: nil) + [
          RunAlternative(.lineEnds, count: 1...1), SpaceAlternative(),
        ]),
      TextCuts.digit,
    ])

  private static let chameleon = CutSplitter(
    ["chameleon"],
    [
      PatternCut("<sentinel:[0-9]+>", matching: [NamedNumberAlternative()]),
      PatternCut("(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", matching: [ImageNameAlternative()]),
      PatternCut(
        #"([\t\n]|    |  )"#, matching: [StringsAlternative(["\t", "\n", "    ", "  "])]),
      TextCuts.digit, TextCuts.punctuation, SplitterCut(GPT2Splitter()),
    ])

  private static let jais2 = CutSplitter(
    ["jais-2"],
    [
      SpacesByPowersCut(
        patterns: [
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)|" + words
            + #"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"#
            + [512, 256, 128, 64, 32, 16, 8, 4].map { #"|\s{\#($0)}(?!\S)"# }.joined()
            + #"|\s{1,2}(?!\S)|\s{1}"#
        ],
        words: [
          contraction, word, RunAlternative(ScalarSet(.number), count: 1...3),
          RunAlternative(signs, after: .space, tail: .lineEnds),
        ])
    ])
}

/// `<sentinel:[0-9]+>`.
private struct NamedNumberAlternative: PatternAlternative {
  private let name = StringsAlternative(["<sentinel:"])

  func end(from start: Int, in text: ClassifiedText) -> Int? {
    guard let digits = name.end(from: start, in: text) else { return nil }
    var position = digits
    while let byte = text.byte(at: position), (0x30...0x39).contains(byte) { position += 1 }
    return position > digits && text.byte(at: position) == UInt8(ascii: ">") ? position + 1 : nil
  }
}

/// `IMGIMG[A-I]{1,4}Z`.
private struct ImageNameAlternative: PatternAlternative {
  private let name = StringsAlternative(["IMGIMG"])

  func end(from start: Int, in text: ClassifiedText) -> Int? {
    guard let letters = name.end(from: start, in: text) else { return nil }
    var position = letters
    while let byte = text.byte(at: position), (0x41...0x49).contains(byte), position < letters + 4 {
      position += 1
    }
    return position > letters && text.byte(at: position) == UInt8(ascii: "Z") ? position + 1 : nil
  }
}

/// White space in pieces of 512, 256, … 8, 4, then 2 or 1, none of them just before a word, where
/// neither a word begins nor a line ends.
private struct SpacesByPowersCut: TextCut {
  let patterns: [String]
  let words: [any PatternAlternative]

  func forEachMatch(in text: ClassifiedText, from start: Int, _ body: (Range<Int>) -> Void) {
    var position = start
    // Looked at once for each run, however many pieces it has.
    var space: ClassifiedText.Whitespace?
    while position < text.end {
      var end = words.lazy.compactMap { $0.end(from: position, in: text) }.first
      if end == nil, text.character(at: position).isIn(.whitespace) {
        if space.map({ $0.end <= position }) ?? true { space = text.whitespace(from: position) }
        let lines = space?.endOfLines.flatMap { $0 > position ? $0 : nil }
        end = lines ?? Self.endOfPiece(from: position, in: text)
      }
      if let end { body(position..<end) }
      position = end ?? text.character(at: position).next
    }
  }

  private static func endOfPiece(from start: Int, in text: ClassifiedText) -> Int {
    // Where each of the next characters begins; 513 tell what the longest piece may take.
    var starts = [start]
    var position = start
    while starts.count <= 512, position < text.end, text.character(at: position).isIn(.whitespace) {
      position = text.character(at: position).next
      starts.append(position)
    }
    for length in [512, 256, 128, 64, 32, 16, 8, 4, 2] where length < starts.count {
      let end = starts[length]
      if end == text.end || text.character(at: end).isIn(.whitespace) { return end }
    }
    return text.character(at: start).next
  }
}
