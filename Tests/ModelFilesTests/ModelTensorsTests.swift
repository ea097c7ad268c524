import ModelFiles
import TestSupport
import Testing

@Suite("Tensors against requirements")
struct ModelTensorsTests {
  /// A tensor as a file with nothing else declares it.
  private func tensor(
    _ name: String, _ dimensions: [Int], _ format: GGUFWeightFormat = .float32
  ) throws -> SourceTensor {
    var builder = GGUFBuilder.sample()
    let values = [Float](repeating: 0, count: dimensions.reduce(1, *))
    builder.tensors = [
      .init(
        name, dimensions.map(UInt64.init), type: format.fileType, data: format.encode(values))
    ]
    builder["general.architecture"] = .text("any")
    let source = try GGUFSource(MemorySource(builder.bytes()))
    return try #require(source.tensors(.standard).first)
  }

  private func error(
    _ tensors: [SourceTensor], _ expected: [TensorRequirement]
  ) -> ModelError? {
    do {
      try ModelTensors(tensors).check(expected: expected)
      return nil
    } catch {
      return error
    }
  }

  private let matrix = TensorRequirement("m", shape: [64, 2], role: .matrix)
  private let vector = TensorRequirement("v", shape: [64], role: .vector)

  @Test("A full set passes, with or without what is optional")
  func passes() throws {
    let tensors = try [tensor("m", [64, 2], .eightBit), tensor("v", [64])]
    let optional = TensorRequirement("o", shape: [1], role: .vector, presence: .optional)
    #expect(error(tensors, [matrix, vector]) == nil)
    #expect(error(tensors, [matrix, vector, optional]) == nil)
    #expect(try error(tensors + [tensor("o", [1])], [matrix, vector, optional]) == nil)
    #expect(error(tensors, [matrix, vector, vector]) == nil)
    #expect(ModelTensors(tensors)["v"]?.dimensions == [64])
    #expect(ModelTensors(tensors)["w"] == nil)
  }

  @Test("Missing and unexpected tensors are listed by name")
  func lists() throws {
    let missing = try #require(error([], [matrix, vector]))
    #expect(missing.kind == .missing && missing.field == "m")
    #expect(missing.detail.contains("m, v"))
    let extra = try (0..<20).map { try tensor("extra.\($0)", [1]) }
    let unexpected = try #require(try error([tensor("v", [64])] + extra, [vector]))
    #expect(unexpected.kind == .invalid && unexpected.field == "extra.0")
    #expect(unexpected.detail.contains("extra.7 and 12 more"))
  }

  @Test("A wrong shape is shown with the shape that was asked for")
  func shapes() throws {
    for dimensions in [[2, 64], [64], [64, 3], [128], [64, 2, 2], [32, 4]] {
      let fault = try #require(try error([tensor("m", dimensions)], [matrix]))
      #expect(fault.kind == .invalid)
      #expect(fault.detail.contains("\(dimensions)") && fault.detail.contains("[64, 2]"))
    }
    // Writers leave out lengths of 1 at the end.
    #expect(try error([tensor("v", [64, 1, 1])], [vector]) == nil)
    let single = TensorRequirement("m", shape: [64, 1], role: .matrix)
    #expect(try error([tensor("m", [64])], [single]) == nil)
  }

  @Test("A vector in blocks is refused")
  func storage() throws {
    let fault = try #require(try error([tensor("v", [64], .eightBit)], [vector]))
    #expect(fault.kind == .unsupported && fault.detail.contains("Q8_0"))
  }
}
