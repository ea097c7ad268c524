extension TemplateString {
  /// The text in upper case.
  var uppercased: TemplateString {
    mapped { scalar, _ in scalar.properties.uppercaseMapping }
  }

  /// The text in lower case.
  var lowercased: TemplateString {
    mapped { scalar, _ in scalar.properties.lowercaseMapping }
  }

  /// The first scalar in title case, the others in lower case.
  var capitalized: TemplateString {
    mapped { scalar, previous in
      previous == nil ? scalar.properties.titlecaseMapping : scalar.properties.lowercaseMapping
    }
  }

  /// Python's `str.title`: a letter after a letter is lower case, any other is title case.
  var titlecased: TemplateString {
    mapped { scalar, previous in
      previous?.properties.isCased == true
        ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
    }
  }

  /// The `title` filter, for which words also end at blanks, hyphens and opening brackets only.
  var filterTitlecased: TemplateString {
    mapped { scalar, previous in
      guard let previous else { return scalar.properties.uppercaseMapping }
      return previous.isPythonSpace || "-({[<".unicodeScalars.contains(previous)
        ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
    }
  }

  private func mapped(
    _ transform: (Unicode.Scalar, _ previous: Unicode.Scalar?) -> String
  ) -> TemplateString {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var previous: Unicode.Scalar?
    for scalar in scalars {
      result.append(contentsOf: transform(scalar, previous).utf8)
      previous = scalar
    }
    return TemplateString(bytes: result, from: source)
  }

  /// Whether there are letters with case and all of them satisfy a condition.
  func allCased(_ condition: (Unicode.Scalar.Properties) -> Bool) -> Bool {
    var found = false
    for scalar in scalars where scalar.properties.isCased {
      guard condition(scalar.properties) else { return false }
      found = true
    }
    return found
  }
}
