import ModelFiles
import TestSupport
import Testing

@Suite("GGUF header")
struct GGUFHeaderTests {
  private func header(_ builder: GGUFBuilder) throws -> GGUFHeader {
    try ModelFile(source: MemorySource(builder.bytes()), types: GGUFWeightFormat.table).header
  }

  @Test("A value of every type is read back", arguments: [2, 3] as [UInt32])
  func values(version: UInt32) throws {
    var builder = GGUFBuilder.sample()
    builder.version = version
    let header = try header(builder)
    #expect(header.version == version)
    let metadata = header.metadata
    #expect(metadata.keys == builder.entries.map { String(decoding: $0.key, as: UTF8.self) })
    #expect(metadata["sample.u8"]?.value == .unsigned(200))
    #expect(metadata["sample.i8"]?.value == .signed(-100))
    #expect(metadata["sample.u16"]?.value == .unsigned(60_000))
    #expect(metadata["sample.i16"]?.value == .signed(-30_000))
    #expect(metadata["sample.u32"]?.value == .unsigned(4_000_000_000))
    #expect(metadata["sample.i32"]?.value == .signed(-2_000_000_000))
    #expect(metadata["sample.u64"]?.value == .unsigned(.max))
    #expect(metadata["sample.i64"]?.value == .signed(.min))
    #expect(metadata["sample.f32"]?.value == .float(Double(Float(0.1))))
    #expect(metadata["sample.f64"]?.value == .float(-1e300))
    #expect(metadata["sample.bool"]?.value == .bool(true))
    #expect(metadata["sample.string"]?.value == .string("Schwälbchen"))
    let strings = try metadata.strings("sample.strings", count: 0...10)
    #expect(Array(strings) == ["", "a", "Mauersegler", "Ġ雨燕"])
    let range = Int(Int32.min)...Int(Int32.max)
    #expect(
      try metadata.integers("sample.integers", count: 3...3, in: range) == [1, -1, Int(Int32.max)])
    #expect(try metadata.floats("sample.floats", count: 2...2) == [1.5, -0.25])
    #expect(try metadata.integers("sample.empty", count: 0...0, in: 0...0) == [])
    guard case .numbers(let truths) = metadata["sample.bools"]?.value else {
      Issue.record("no array of truth values")
      return
    }
    #expect([truths[0], truths[1]] == [.bool(true), .bool(false)])
  }

  @Test("A tensor of every storage type is read back")
  func tensors() throws {
    let builder = GGUFBuilder.sample()
    let loading = Loading(builder.bytes())
    #expect(loading.error == nil)
    #expect(loading.tensors.count == GGUFWeightFormat.allCases.count)
    let header = try header(builder)
    for (written, read) in zip(builder.tensors, header.tensors) {
      #expect(Array(read.name.utf8) == written.name)
      #expect(read.dimensions.map(UInt64.init) == written.dimensions)
      #expect(read.fileType == written.fileType)
      #expect(read.elementCount == written.dimensions.reduce(1) { $0 * Int($1) })
      #expect(loading.tensors[read.name] == written.data)
    }
  }

  @Test("A tiny model of every storage type has what its architecture asks for")
  func tinyModels() throws {
    for format in GGUFWeightFormat.allCases {
      for isTied in [true, false] {
        var model = TinyModel()
        model.format = format
        model.isTied = isTied
        let source = try GGUFSource(MemorySource(model.bytes()))
        try ModelTensors(source.tensors(.standard)).check(expected: model.requirements)
        #expect(Loading(model.bytes()).error == nil)
      }
    }
  }

  @Test("Data is found on every alignment the format knows", arguments: [8, 16, 64, 4_096, 65_536])
  func alignments(alignment: Int) throws {
    var builder = GGUFBuilder.sample()
    builder["general.alignment"] = .uint32(UInt32(alignment))
    builder.alignment = alignment
    let loading = Loading(builder.bytes())
    #expect(loading.error == nil)
    #expect(loading.tensors["float32.weight"] == builder.tensors[0].data)
  }

  @Test("What no alignment can be is refused as such, whatever it would do to the layout")
  func wrongAlignments() {
    for file in MalformedModelFiles.all
    where file.group == "G10" && file.expectation == .refused(.invalid) {
      #expect(Loading(file.bytes).error?.field == "general.alignment", "\(file.name)")
    }
  }

  @Test("Any byte of padding other than zero is refused")
  func padding() {
    let image = GGUFBuilder.sample().image()
    for field in image.fields where field.name.hasSuffix("padding") {
      for place in [field.range.lowerBound, field.range.upperBound - 1] {
        var bytes = image.bytes
        bytes[place] = 1
        let error = Loading(bytes).error
        #expect(error?.kind == .layout && error?.offset == UInt64(place), "\(field.name)")
      }
    }
  }

  @Test("Tensors declared in another order than their data are read in the order of the data")
  func order() throws {
    var builder = GGUFBuilder.sample()
    let image = builder.image()
    var next: UInt64 = 0
    for index in builder.tensors.indices {
      builder.tensors[index].offset = next
      next += UInt64((builder.tensors[index].data.count + 31) / 32 * 32)
    }
    let names = try header(builder).tensors.map(\.name)
    // The declarations are turned round; the data stays where the unturned builder puts it.
    var turned = builder
    turned.tensors.reverse()
    let data = try #require(image.field("tensor[0].data")).range.lowerBound
    let turnedData = try #require(turned.image().field("tensor[0].data")).range.lowerBound
    #expect(data == turnedData)
    let bytes = Array(turned.bytes()[..<data]) + Array(image.bytes[data...])
    let read = try ModelFile(source: MemorySource(bytes), types: GGUFWeightFormat.table).header
    #expect(read.tensors.map(\.name) == names)
  }

  @Test("An unsupported storage type is refused by the table in use")
  func table() throws {
    let bytes = GGUFBuilder.sample().bytes()
    let error = #expect(throws: ModelError.self) {
      try ModelFile(source: MemorySource(bytes), types: TensorTypes { _ in nil })
    }
    #expect(error?.kind == .unsupported)
    #expect(error?.field == "float32.weight")
  }
}
