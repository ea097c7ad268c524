import JSON
import Testing

@Suite("JSON parser")
struct JSONParserTests {
  @Test("Integers stay integers, other numbers become doubles")
  func numbers() throws {
    #expect(try parse("9223372036854775807") == .integer(.max))
    #expect(try parse("-9223372036854775808") == .integer(.min))
    #expect(try parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
    #expect(try parse("16.0") == .number(16))
    #expect(try parse("1e-400") == .number(0))
    #expect(try parse("-0") == .integer(0))
  }

  @Test(
    "A fault is reported with its kind and its place",
    arguments: [
      ("", JSONError.Kind.unexpectedEnd, 0),
      ("[1,]", .unexpectedByte, 3),
      ("{\"a\":1,}", .unexpectedByte, 7),
      ("[1] x", .trailingBytes, 4),
      ("\u{FEFF}{}", .byteOrderMark, 0),
      ("[\"\u{1}\"]", .controlCharacter, 2),
      ("\"\\q\"", .invalidEscape, 1),
      ("\"\\u12\"", .invalidEscape, 1),
      ("[\"\\ud800\"]", .loneSurrogate, 2),
      ("[\"\\udc00\\ud800\"]", .loneSurrogate, 2),
      ("01", .trailingBytes, 1),
      ("1.x", .invalidNumber, 2),
      ("+1", .unexpectedByte, 0),
      ("NaN", .unexpectedByte, 0),
      ("[1e400]", .numberOutOfRange, 1),
      ("{\"a\":1,\"\\u0061\":2}", .duplicateName, 7),
      ("tru", .unexpectedEnd, 3),
      ("// no\n1", .unexpectedByte, 0),
    ])
  func faults(text: String, kind: JSONError.Kind, offset: Int) {
    #expect(throws: JSONError(kind, at: offset)) { try parse(text) }
  }

  @Test("Depth, values and digits end at their limits")
  func limits() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(throws: Never.self) { try parse(nested(64)) }
    #expect(throws: JSONError(.tooDeep, at: 64)) { try parse(nested(65)) }
    #expect(throws: JSONError(.tooDeep, at: 64)) { try parse(nested(200_000)) }

    let three = JSONLimits(values: 3)
    #expect(throws: Never.self) { try JSONValue(parsing: Array("[1,2]".utf8), limits: three) }
    #expect(throws: JSONError(.tooManyValues, at: 5)) {
      try JSONValue(parsing: Array("[1,2,3]".utf8), limits: three)
    }
    #expect(throws: Never.self) { try parse("0." + String(repeating: "1", count: 1022)) }
    #expect(throws: JSONError(.numberOutOfRange, at: 0)) {
      try parse("0." + String(repeating: "1", count: 1023))
    }
  }

  @Test("A document cut short anywhere is refused")
  func cut() throws {
    let text = #"{"a":[1.5e3,true,null,"\ud83d\ude00é"],"b":{}}"#
    let bytes = Array(text.utf8)
    #expect(throws: Never.self) { try JSONValue(parsing: bytes) }
    for count in bytes.indices {
      #expect(throws: JSONError.self) { try JSONValue(parsing: Array(bytes.prefix(count))) }
    }
  }

  @Test("Names that only Unicode calls equal are different names")
  func exactNames() throws {
    guard case .object(let object) = try parse("{\"\u{C5}\":1,\"\u{212B}\":2,\"A\u{30A}\":3}")
    else {
      Issue.record("no object")
      return
    }
    #expect(object.members.map(\.value) == [.integer(1), .integer(2), .integer(3)])
    #expect(object["\u{212B}"] == .integer(2))
  }

  @Test("Objects of any size find, replace and remove members", arguments: [3, 8, 9, 40])
  func members(count: Int) {
    var object = JSONObject()
    for index in 0..<count { object["k\(index)"] = .integer(index) }
    object["k1"] = nil
    object["k2"] = .bool(true)
    object["new"] = .null
    #expect(object.members.count == count)
    #expect(object["k0"] == .integer(0))
    #expect(object["k1"] == nil)
    #expect(object["k2"] == .bool(true))
    #expect(object["k\(count - 1)"] == (count == 3 ? .bool(true) : .integer(count - 1)))
    #expect(object.members.last?.name == "new")
  }

  private func parse(_ text: String) throws(JSONError) -> JSONValue {
    try JSONValue(parsing: Array(text.utf8))
  }
}
