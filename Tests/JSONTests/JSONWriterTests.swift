import JSON
import Testing

@Suite("JSON writer")
struct JSONWriterTests {
  @Test("Commas stand between values and nowhere else")
  func commas() {
    #expect(
      written { json in
        json.object { json in
          json.member("none") { $0.array { _ in } }
          json.member("empty") { $0.object { _ in } }
          json.member("list") { json in
            json.array { json in
              json.value(1)
              json.array { $0.value(true) }
              json.object { $0.member("a", nil) }
              json.null()
            }
          }
          json.member("last", 2)
        }
      } == #"{"none":[],"empty":{},"list":[1,[true],{"a":null},null],"last":2}"#)
  }

  @Test("Strings are escaped where JSON asks for it and nowhere else")
  func strings() {
    let text = "\"\\/\u{8}\u{9}\u{A}\u{B}\u{C}\u{D}\u{0}\u{1F}\u{7F}é😀\u{2028}"
    #expect(
      written { $0.value(text) }
        == #""\"\\/\b\t\n\u000b\f\r\u0000\u001f"# + "\u{7F}é😀\u{2028}\"")
  }

  @Test("Numbers that are not finite become null")
  func notFinite() {
    #expect(
      written { json in
        json.array { json in
          json.value(Float.nan)
          json.value(-Double.infinity)
          json.value(Float(-0.12))
          json.value(1e300)
        }
      } == "[null,null,-0.12,1e+300]")
  }

  @Test("A document of any depth is written")
  func deep() {
    var value = JSONValue.integer(1)
    for _ in 0..<5000 { value = .array([value]) }
    let text = written { $0.value(value) }
    #expect(text == String(repeating: "[", count: 5000) + "1" + String(repeating: "]", count: 5000))
  }

  @Test("Members keep their order")
  func order() throws {
    let text = #"{"b":[1,{"z":null,"a":[]}],"a":{"c":false},"d":{}}"#
    let value = try JSONValue(parsing: Array(text.utf8))
    #expect(written { $0.value(value) } == text)
  }

  private func written(_ body: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter()
    body(&json)
    return String(decoding: json.bytes, as: UTF8.self)
  }
}
