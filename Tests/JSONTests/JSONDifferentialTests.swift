import Foundation
import JSON
import Testing

@Suite("JSON as Python reads it")
struct JSONDifferentialTests {
  @Test("Each document reads as it does in Python, or is refused by both")
  func sameAsPython() throws {
    let cases = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: JSONFiles.documents))
        as? [[String: Any]])
    #expect(cases.count >= 300)
    for document in cases {
      let bytes = bytes(hexadecimal: try #require(document["hex"] as? String))
      let expected = document["value"].flatMap { $0 is NSNull ? nil : $0 as? NSArray }
      let value = try? JSONValue(parsing: bytes)
      #expect(value.map(typed) == expected, "\(String(decoding: bytes, as: UTF8.self))")
      guard let value else { continue }
      var writer = JSONWriter()
      writer.value(value)
      #expect(try JSONValue(parsing: writer.bytes) == value, "what is written reads back equal")
    }
  }

  /// The value in the form in which the golden file has it.
  private func typed(_ value: JSONValue) -> NSArray {
    switch value {
    case .null: ["n", "None"]
    case .bool(let bool): ["n", bool ? "True" : "False"]
    case .integer(let integer): ["i", String(integer)]
    case .number(let number): ["f", String(number.bitPattern)]
    case .string(let string): ["s", string.unicodeScalars.map { Int($0.value) }]
    case .array(let elements): ["a", elements.map(typed)]
    case .object(let object):
      ["o", object.members.map { [typed(.string($0.name)), typed($0.value)] }]
    }
  }

  private func bytes(hexadecimal text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = text[...]
    while let byte = UInt8(rest.prefix(2), radix: 16) {
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    return bytes
  }
}
