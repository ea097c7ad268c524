/// The formats of strings that are enforced, as regular expressions.
enum Formats {
  private static let year = "(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
  private static let leapYear =
    "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
  private static let date =
    "(?:\(year)-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    + "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))|\(leapYear)-02-29)"
  /// A leap second is the last one of a day in UTC.
  private static let time =
    "(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?"
    + "(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])|23:59:60(?:\\.[0-9]+)?(?:[Zz]|[+-]00:00))"
  private static let clock =
    "T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S)"
  private static let duration =
    "P(?:[0-9]+W|(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)(?:\(clock))?"
    + "|\(clock))"
  /// Two hyphens in the third and fourth place belong to encodings of other scripts.
  private static let label: String = {
    let end = "[A-Za-z0-9]"
    let inner = "[A-Za-z0-9-]"
    return "(?:\(end)(?:\(inner)?\(end))?|\(end)\(inner)\(end)\(inner){0,59}\(end)"
      + "|\(end)\(inner)-\(end)(?:\(inner){0,58}\(end))?)"
  }()
  private static let hostname = "\(label)(?:\\.\(label))*"
  private static let octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
  private static let ipv4 = "(?:\(octet)(?:\\.\(octet)){3})"
  private static let ipv6: String = {
    let group = "[0-9A-Fa-f]{1,4}"
    let last = "(?:\(group):\(group)|\(ipv4))"
    var parts = ["(?:\(group):){6}\(last)", "::(?:\(group):){5}\(last)"]
    for after in (0...4).reversed() {
      parts.append("(?:(?:\(group):){0,\(4 - after)}\(group))?::(?:\(group):){\(after)}\(last)")
    }
    parts.append("(?:(?:\(group):){0,5}\(group))?::\(group)")
    parts.append("(?:(?:\(group):){0,6}\(group))?::")
    return "(?:" + parts.joined(separator: "|") + ")"
  }()
  private static let atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
  private static let email =
    "(?:\(atom)(?:\\.\(atom))*|\"(?:[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\\x20-\\x7e])*\")"
    + "@(?:\(hostname)|\\[\(ipv4)\\]|\\[IPv6:\(ipv6)\\])"
  private static let hex = "[0-9A-Fa-f]"
  private static let uuid = "\(hex){8}-\(hex){4}-\(hex){4}-\(hex){4}-\(hex){12}"
  private static let named = "[A-Za-z0-9._~!$&'()*+,;=-]|%\(hex){2}"
  private static let character = "(?:\(named)|[:@])"
  private static let authority =
    "(?:(?:\(named)|:)*@)?(?:\\[(?:\(ipv6)|v\(hex)+\\.(?:[A-Za-z0-9._~!$&'()*+,;=:-])+)\\]"
    + "|(?:\(named))*)(?::[0-9]*)?"
  private static let segments = "(?:/\(character)*)*"
  private static let tail = "(?:\\?(?:\(character)|[/?])*)?(?:#(?:\(character)|[/?])*)?"
  private static let uri =
    "[A-Za-z][A-Za-z0-9+.-]*:(?://\(authority)\(segments)|/(?:\(character)+\(segments))?"
    + "|\(character)+\(segments))?\(tail)"
  private static let pointer = "(?:/(?:[^~/]|~[01])*)*"

  private static let patterns = [
    "date": date, "time": time, "date-time": "\(date)[Tt]\(time)", "duration": duration,
    "hostname": hostname, "ipv4": ipv4, "ipv6": ipv6, "email": email, "uuid": uuid, "uri": uri,
    "json-pointer": pointer,
  ]

  /// The names of the formats.
  static let names = patterns.keys.sorted()

  private static let languages: [String: Regex] = {
    var result: [String: Regex] = [:]
    for (name, pattern) in patterns {
      result[name] = try? RegexSyntax.parse(pattern, anchored: true)
    }
    return result
  }()

  /// The texts of a format, as far as they are told without counting; nil where it is not enforced.
  static func language(_ name: String) -> Regex? { languages[name] }

  /// How many characters a text of a format has at most; nil for any number.
  static func longest(_ name: String) -> Int? { name == "hostname" ? 253 : nil }
}
