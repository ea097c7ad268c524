extension RegexParser {
  /// What stands in a group between its question mark and its expressions.
  mutating func groupHead(at start: Int) throws(GrammarError) {
    if skip(":" as Unicode.Scalar) { return }
    for (mark, name) in RegexParser.refused where skip(mark) {
      throw fault("has \(name), which cannot be enforced", .unsupported, at: start)
    }
    if skip("P<") || skip("<" as Unicode.Scalar) { return try groupName(at: start) }
    try groupFlags(at: start)
  }

  private static let refused = [
    ("=", "a look-ahead"), ("!", "a look-ahead"), ("<=", "a look-behind"),
    ("<!", "a look-behind"), (">", "an atomic group"), ("P=", "a back reference"),
    ("P>", "a recursion"), ("#", "a comment"), ("(", "a condition"), ("|", "a branch reset"),
  ]

  private mutating func groupName(at start: Int) throws(GrammarError) {
    var length = 0
    while let scalar = next, scalar != ">" {
      let isFirst = length == 0
      let properties = scalar.properties
      let fits =
        scalar == "_" || scalar == "$"
        || (isFirst ? properties.isIDStart : properties.isIDContinue)
      if !fits { break }
      position += 1
      length += 1
    }
    guard length > 0, skip(">" as Unicode.Scalar) else {
      throw fault("has a group with a malformed name", at: start)
    }
  }

  private mutating func groupFlags(at start: Int) throws(GrammarError) {
    let isOff = skip("-" as Unicode.Scalar)
    if skip("i:") {
      if isOff { flags.remove(.ignoresCase) } else { flags.insert(.ignoresCase) }
      return
    }
    if let next, "imsxuU-".unicodeScalars.contains(next) {
      throw fault("has a flag other than (?i:…), which cannot be enforced", .unsupported, at: start)
    }
    throw fault("has a malformed group", at: start)
  }
}
