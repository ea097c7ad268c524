import ModelFiles
import TestSupport
import Testing

@Suite("Metadata")
struct MetadataTests {
  private func metadata(_ entries: [(String, GGUFValue)]) throws -> Metadata {
    var builder = GGUFBuilder.sample()
    builder.entries = entries.map { .init($0, $1) }
    let source = MemorySource(builder.bytes())
    return try ModelFile(source: source, types: GGUFWeightFormat.table).header.metadata
  }

  private func kind(_ body: () throws -> Void) -> ModelError.Kind? {
    do {
      try body()
    } catch let error as ModelError {
      #expect(error.field == "k")
      return error.kind
    } catch {
      Issue.record("not a ModelError: \(error)")
    }
    return nil
  }

  @Test("Integers of every type are checked against their range")
  func integers() throws {
    let good: [GGUFValue] = [
      .uint8(7), .int8(7), .uint16(7), .int16(7), .uint32(7), .int32(7), .uint64(7), .int64(7),
    ]
    for value in good {
      let metadata = try metadata([("k", value)])
      #expect(try metadata.integer("k", in: 7...7) == 7)
      #expect(try metadata.integerIfPresent("k", in: 0...7) == 7)
      #expect(kind { _ = try metadata.integer("k", in: 8...9) } == .invalid)
      #expect(kind { _ = try metadata.integerIfPresent("k", in: 1...6) } == .invalid)
    }
    let bad: [GGUFValue] = [
      .uint64(1 << 63), .uint64(.max), .int64(.min), .int8(-1), .float32(1), .bool(1), .text("1"),
      .int32s([1]), .texts(["1"]),
    ]
    for value in bad {
      let metadata = try metadata([("k", value)])
      #expect(kind { _ = try metadata.integer("k", in: 0...Int.max) } == .invalid)
    }
  }

  @Test("Numbers must be finite and in range; integers count as numbers")
  func floats() throws {
    for value in [.float32(0.5), .float64(0.5)] as [GGUFValue] {
      #expect(try metadata([("k", value)]).float("k", in: 0...1) == 0.5)
    }
    #expect(try metadata([("k", .uint32(3))]).float("k", in: 0...10) == 3)
    #expect(try metadata([("k", .int8(-3))]).float("k", in: -10...10) == -3)
    let bad: [GGUFValue] = [
      .float32(.nan), .float32(.infinity), .float64(-.infinity), .float64(.nan), .float32(-1),
      .text("1"), .bool(1), .array(type: 6, [.float32(1)]),
    ]
    for value in bad {
      let metadata = try metadata([("k", value)])
      #expect(kind { _ = try metadata.float("k", in: 0...Double.infinity) } == .invalid)
    }
  }

  @Test("Strings and truth values are of their type and bounded")
  func stringsAndTruths() throws {
    let metadata = try metadata([("k", .text("Ġ雨")), ("t", .bool(0)), ("a", .texts(["x", "y"]))])
    #expect(try metadata.string("k", atMost: 5) == "Ġ雨")
    #expect(kind { _ = try metadata.string("k", atMost: 4) } == .limit)
    #expect(kind { _ = try metadata.bool("k") } == .invalid)
    #expect(kind { _ = try metadata.strings("k", count: 0...9) } == .invalid)
    #expect(try metadata.bool("t") == false)
    #expect(Array(try metadata.strings("a", count: 2...2)) == ["x", "y"])
    #expect(throws: ModelError.self) { try metadata.strings("a", count: 3...9) }
    #expect(throws: ModelError.self) { try metadata.string("a") }
  }

  @Test("Arrays of numbers are checked in number, type and every value")
  func arrays() throws {
    let integers = try metadata([("k", .int32s([1, 2, 3]))])
    #expect(try integers.integers("k", count: 3...3, in: 1...3) == [1, 2, 3])
    #expect(kind { _ = try integers.integers("k", count: 4...9, in: 1...3) } == .invalid)
    #expect(kind { _ = try integers.integers("k", count: 3...3, in: 1...2) } == .invalid)
    #expect(try integers.floats("k", count: 3...3) == [1, 2, 3])
    let small = try metadata([("k", .array(type: 0, [.uint8(0), .uint8(255)]))])
    #expect(try small.integers("k", count: 2...2, in: 0...255) == [0, 255])
    let broken = try metadata([("k", .array(type: 6, [.float32(1), .float32(.nan)]))])
    #expect(kind { _ = try broken.floats("k", count: 2...2) } == .invalid)
    #expect(kind { _ = try broken.integers("k", count: 2...2, in: 0...9) } == .invalid)
    let huge = try metadata([("k", .array(type: 12, [.float64(1e300)]))])
    #expect(kind { _ = try huge.floats("k", count: 1...1) } == .invalid)
  }

  @Test("A missing key is an error, or nil where it may be missing")
  func missing() throws {
    let metadata = try metadata([("other", .uint8(1))])
    #expect(kind { _ = try metadata.integer("k", in: 0...1) } == .missing)
    #expect(kind { _ = try metadata.float("k", in: 0...1) } == .missing)
    #expect(kind { _ = try metadata.bool("k") } == .missing)
    #expect(kind { _ = try metadata.string("k") } == .missing)
    #expect(kind { _ = try metadata.strings("k", count: 0...1) } == .missing)
    #expect(kind { _ = try metadata.integers("k", count: 0...1, in: 0...1) } == .missing)
    #expect(kind { _ = try metadata.floats("k", count: 0...1) } == .missing)
    #expect(try metadata.integerIfPresent("k", in: 0...1) == nil)
    #expect(try metadata.floatIfPresent("k", in: 0...1) == nil)
    #expect(try metadata.boolIfPresent("k") == nil)
    #expect(try metadata.stringIfPresent("k") == nil)
    #expect(try metadata.stringsIfPresent("k", count: 0...1) == nil)
    #expect(try metadata.integersIfPresent("k", count: 0...1, in: 0...1) == nil)
    #expect(try metadata.floatsIfPresent("k", count: 0...1) == nil)
  }
}
