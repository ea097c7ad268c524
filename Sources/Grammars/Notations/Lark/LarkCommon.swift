/// The terminals that Lark's grammar `common` defines.
enum LarkCommon {
  /// The language of a terminal; nil if there is none of the name.
  static func language(of name: String) throws(GrammarError) -> Regex? {
    guard let pattern = patterns[name] else { return nil }
    return try RegexSyntax.parse(pattern, anchored: true)
  }

  private static let int = "[0-9]+"
  private static let decimal = #"(?:[0-9]+\.[0-9]*|\.[0-9]+)"#
  private static let exponent = "[eE][+-]?[0-9]+"
  private static let float = "(?:\(int)\(exponent)|\(decimal)(?:\(exponent))?)"
  private static let number = "(?:\(float)|\(int))"

  private static let patterns: [String: String] = [
    "DIGIT": "[0-9]", "HEXDIGIT": "[0-9a-fA-F]", "INT": int, "SIGNED_INT": "[+-]?\(int)",
    "DECIMAL": decimal, "FLOAT": float, "SIGNED_FLOAT": "[+-]?\(float)", "NUMBER": number,
    "SIGNED_NUMBER": "[+-]?\(number)", "ESCAPED_STRING": #""(?:[^"\\\n]|\\[^\n])*""#,
    "LCASE_LETTER": "[a-z]", "UCASE_LETTER": "[A-Z]", "LETTER": "[a-zA-Z]", "WORD": "[a-zA-Z]+",
    "CNAME": "[_a-zA-Z][_a-zA-Z0-9]*", "WS_INLINE": #"[ \t]+"#, "WS": #"[ \t\f\r\n]+"#,
    "CR": #"\r"#, "LF": #"\n"#, "NEWLINE": #"(?:\r?\n)+"#, "SH_COMMENT": #"#[^\n]*"#,
    "CPP_COMMENT": #"\/\/[^\n]*"#, "C_COMMENT": #"\/\*(?:[^*]|\*+[^*\/])*\*+\/"#,
    "SQL_COMMENT": #"--[^\n]*"#,
  ]
}
