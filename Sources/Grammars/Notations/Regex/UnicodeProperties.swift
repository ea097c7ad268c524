/// The sets of scalars that `\p{…}` names.
enum UnicodeProperties {
  /// The set of a property: a general category, a script, or one of those with yes and no; nil if it is not known.
  static func set(named name: String) -> ScalarSet? {
    // The sign of Kelvin is a K to `String`.
    guard name.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    let parts = name.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let key = plain(parts[0])
    guard parts.count == 2 else {
      return category(key) ?? binary(key) ?? UnicodeScripts.ranges(named: key).map(ScalarSet.init)
    }
    let value = plain(parts[1])
    switch key {
    case "gc", "generalcategory": return category(value)
    case "sc", "script": return UnicodeScripts.ranges(named: value).map(ScalarSet.init)
    default: return nil
    }
  }

  /// A name without what its spellings differ in.
  private static func plain(_ name: Substring) -> String {
    name.lowercased().filter { $0 != "_" && $0 != " " && $0 != "-" }
  }

  private static func binary(_ name: String) -> ScalarSet? {
    switch name {
    case "any": .all
    case "ascii": ScalarSet([0...0x7F])
    case "assigned": categories[.unassigned]?.inverted
    case "asciihexdigit", "ahex": ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])
    case "alphabetic", "alpha": scan(\.isAlphabetic)
    case "lowercase", "lower": scan(\.isLowercase)
    case "uppercase", "upper": scan(\.isUppercase)
    case "whitespace", "space": scan(\.isWhitespace)
    case "idstart", "ids": scan(\.isIDStart)
    case "idcontinue", "idc": scan(\.isIDContinue)
    case "emoji": scan(\.isEmoji)
    case "emojipresentation", "epres": scan(\.isEmojiPresentation)
    default: nil
    }
  }

  private static func category(_ name: String) -> ScalarSet? {
    guard let members = groups[name] ?? groups[names[name] ?? ""] else { return nil }
    var ranges: [ClosedRange<UInt32>] = []
    for member in members { ranges += categories[member]?.ranges ?? [] }
    return ScalarSet(ranges)
  }

  private static let categories: [Unicode.GeneralCategory: ScalarSet] = {
    var ranges: [Unicode.GeneralCategory: [ClosedRange<UInt32>]] = [:]
    runs(of: \.generalCategory) { ranges[$0, default: []].append($1) }
    return ranges.mapValues(ScalarSet.init)
  }()

  private static func scan(_ property: KeyPath<Unicode.Scalar.Properties, Bool>) -> ScalarSet {
    var ranges: [ClosedRange<UInt32>] = []
    runs(of: property) { if $0 { ranges.append($1) } }
    return ScalarSet(ranges)
  }

  /// Goes through all scalars in runs that have a property in common. Within blocks that Unicode has given to
  /// one use, or to none, one scalar tells of the others.
  private static func runs<Value: Equatable>(
    of property: KeyPath<Unicode.Scalar.Properties, Value>,
    _ take: (Value, ClosedRange<UInt32>) -> Void
  ) {
    var next: UInt32 = 0
    while next <= 0x10FFFF {
      let first = next
      next = end(of: first) + 1
      guard let scalar = Unicode.Scalar(first) else { continue }
      let value = scalar.properties[keyPath: property]
      while next <= 0x10FFFF, let more = Unicode.Scalar(next),
        more.properties[keyPath: property] == value
      {
        next = end(of: next) + 1
      }
      take(value, first...(next - 1))
    }
  }

  /// The last scalar of the uniform block that one begins; the scalar itself if it begins none.
  private static func end(of scalar: UInt32) -> UInt32 {
    switch scalar {
    case 0xE000: 0xF8FF
    case 0x40000: 0xDFFFF
    case 0xE1000: 0xEFFFF
    case 0xF0000: 0xFFFFD
    case 0xFFFFE: 0xFFFFF
    case 0x100000: 0x10FFFD
    default: scalar
    }
  }

  /// The names of general categories and of their groups, in small letters without underscores.
  private static let groups: [String: [Unicode.GeneralCategory]] = [
    "lu": [.uppercaseLetter], "ll": [.lowercaseLetter], "lt": [.titlecaseLetter],
    "lm": [.modifierLetter], "lo": [.otherLetter],
    "lc": [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter],
    "l": [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter],
    "mn": [.nonspacingMark], "mc": [.spacingMark], "me": [.enclosingMark],
    "m": [.nonspacingMark, .spacingMark, .enclosingMark],
    "nd": [.decimalNumber], "nl": [.letterNumber], "no": [.otherNumber],
    "n": [.decimalNumber, .letterNumber, .otherNumber],
    "pc": [.connectorPunctuation], "pd": [.dashPunctuation], "ps": [.openPunctuation],
    "pe": [.closePunctuation], "pi": [.initialPunctuation], "pf": [.finalPunctuation],
    "po": [.otherPunctuation],
    "p": [
      .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation,
    ],
    "sm": [.mathSymbol], "sc": [.currencySymbol], "sk": [.modifierSymbol], "so": [.otherSymbol],
    "s": [.mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol],
    "zs": [.spaceSeparator], "zl": [.lineSeparator], "zp": [.paragraphSeparator],
    "z": [.spaceSeparator, .lineSeparator, .paragraphSeparator],
    "cc": [.control], "cf": [.format], "co": [.privateUse], "cn": [.unassigned], "cs": [],
    "c": [.control, .format, .privateUse, .unassigned],
  ]

  /// The short names of those that have long ones.
  private static let names: [String: String] = [
    "uppercaseletter": "lu", "lowercaseletter": "ll", "titlecaseletter": "lt",
    "modifierletter": "lm", "otherletter": "lo", "casedletter": "lc", "letter": "l",
    "nonspacingmark": "mn", "spacingmark": "mc", "enclosingmark": "me", "mark": "m",
    "combiningmark": "m", "decimalnumber": "nd", "digit": "nd", "letternumber": "nl",
    "othernumber": "no", "number": "n", "connectorpunctuation": "pc", "dashpunctuation": "pd",
    "openpunctuation": "ps", "closepunctuation": "pe", "initialpunctuation": "pi",
    "finalpunctuation": "pf", "otherpunctuation": "po", "punctuation": "p", "punct": "p",
    "mathsymbol": "sm", "currencysymbol": "sc", "modifiersymbol": "sk", "othersymbol": "so",
    "symbol": "s", "spaceseparator": "zs", "lineseparator": "zl", "paragraphseparator": "zp",
    "separator": "z", "control": "cc", "cntrl": "cc", "format": "cf", "privateuse": "co",
    "unassigned": "cn", "surrogate": "cs", "other": "c",
  ]
}
