import ModelFiles
import TestSupport
import Testing

/// Adapters whose files lie, which must be refused by an error that names the place.
@Suite("Files of adapters")
struct AdapterFilesTests {
  private static let usual =
    #"{"peft_type":"LORA","lora_alpha":8,"r":2,"bias":"none","target_modules":["q_proj"]}"#
  fileprivate static let stem = "base_model.model.model.layers.0.self_attn.q_proj"

  /// A folder of two factors, [2, 4] and [6, 2].
  private static func folder(
    _ configuration: String = usual, change: (inout SafetensorsBuilder) -> Void = { _ in }
  ) -> MemoryFolder {
    var builder = SafetensorsBuilder([
      tensor("\(stem).lora_A.weight", [2, 4]), tensor("\(stem).lora_B.weight", [6, 2]),
    ])
    change(&builder)
    return MemoryFolder(files: [
      "adapter_config.json": Array(configuration.utf8),
      "adapter_model.safetensors": builder.bytes(),
    ])
  }

  @Test("A sound folder is read, whatever programs leave in names")
  func sound() throws {
    let files = try AdapterFiles(Self.folder())
    #expect(files.products.map(\.name) == ["model.layers.0.self_attn.q_proj"])
    #expect(files.products.map(\.scale) == [4])
    #expect(files.products.map(\.down.rows) == [2])
    let named = try AdapterFiles(
      Self.folder {
        $0.tensors[0].name = "\(Self.stem).lora_A.default.weight"
        $0.tensors[1].name = "\(Self.stem).lora_B.default.weight"
      })
    #expect(named.products.map(\.name) == files.products.map(\.name))
  }

  @Test(
    "The factor on a product follows the settings",
    arguments: [
      (#"{"peft_type":"LORA"}"#, 4), (#"{"peft_type":"LORA","lora_alpha":3}"#, 1.5),
      (#"{"peft_type":"LORA","lora_alpha":1.0,"use_rslora":true}"#, 0.70710677),
      (#"{"peft_type":"LORA","alpha_pattern":{"q_proj":20}}"#, 10),
      (#"{"peft_type":"LORA","alpha_pattern":{"k_proj":20,"_proj":6}}"#, 4),
      (#"{"peft_type":"LORA","lora_alpha":null,"modules_to_save":[],"bias":null}"#, 4),
    ])
  func scale(configuration: String, expected: Float) throws {
    #expect(try AdapterFiles(Self.folder(configuration)).products.map(\.scale) == [expected])
  }

  @Test(
    "Settings that mean something else are refused by name",
    arguments: [
      ("{}", "peft_type"), (#"{"peft_type":"IA3"}"#, "peft_type"),
      (#"{"peft_type":"LORA","use_dora":true}"#, "use_dora"),
      (#"{"peft_type":"LORA","lora_bias":true}"#, "lora_bias"),
      (#"{"peft_type":"LORA","bias":"all"}"#, "bias"),
      (#"{"peft_type":"LORA","modules_to_save":["lm_head"]}"#, "modules_to_save"),
      (#"{"peft_type":"LORA","lora_alpha":"8"}"#, "lora_alpha"),
      (#"{"peft_type":"LORA","lora_alpha":1e300}"#, "q_proj"),
      (#"{"peft_type":"LORA","alpha_pattern":{"q_proj":{}}}"#, "q_proj"),
      ("[]", "adapter_config.json"), ("{", "adapter_config.json"),
    ])
  func settings(configuration: String, field: String) throws {
    let error = try #require(throws: ModelError.self) {
      _ = try AdapterFiles(Self.folder(configuration))
    }
    #expect(error.field.contains(field), "\(error)")
  }

  /// What is wrong with the file of the factors.
  enum Fault: CaseIterable {
    case nothing, noUp, noDown, otherRank, rankZero, vector, other, notFinite, twice, type, cut

    func apply(to builder: inout SafetensorsBuilder) {
      let stem = AdapterFilesTests.stem
      switch self {
      case .nothing: builder.tensors = []
      case .noUp: builder.tensors.removeLast()
      case .noDown: builder.tensors.removeFirst()
      case .otherRank: builder.tensors[1] = tensor("\(stem).lora_B.weight", [6, 3])
      case .rankZero: builder.tensors[0] = tensor("\(stem).lora_A.weight", [0, 4])
      case .vector: builder.tensors[0] = tensor("\(stem).lora_A.weight", [8])
      case .other: builder.tensors.append(tensor("\(stem).lora_magnitude_vector.weight", [6]))
      case .notFinite: builder.tensors[0] = tensor("\(stem).lora_A.weight", [2, 4], value: .nan)
      case .twice: builder.tensors.append(tensor("\(stem).lora_A.default.weight", [2, 4]))
      case .type: builder.tensors[0].type = "I64"
      case .cut: builder.tensors[1].data.removeLast(4)
      }
    }
  }

  @Test("Factors that do not fit each other are refused", arguments: Fault.allCases)
  func faults(fault: Fault) {
    #expect(throws: ModelError.self) {
      _ = try AdapterFiles(Self.folder { fault.apply(to: &$0) })
    }
  }

  @Test("What is no adapter is refused with what is there instead")
  func others() throws {
    let pickle = MemoryFolder(files: [
      "adapter_config.json": Array(Self.usual.utf8), "adapter_model.bin": [0],
    ])
    let error = try #require(throws: ModelError.self) { _ = try AdapterFiles(pickle) }
    #expect(error.kind == .unsupported && error.detail.contains("pickle"))
    #expect(throws: ModelError.self) { _ = try AdapterFiles(MemoryFolder(files: [:])) }
    #expect(throws: ModelError.self) { _ = try AdapterFiles(path: "/nowhere") }
    let model = try #require(throws: ModelError.self) {
      _ = try AdapterFiles(MemorySource(TinyModel.least.bytes()))
    }
    #expect(model.field == "general.type")
  }
}

/// A tensor of equal values.
private func tensor(_ name: String, _ shape: [Int], value: Float = 0.5) -> SafetensorsBuilder.Tensor
{
  let values = [Float](repeating: value, count: shape.reduce(1, *))
  return SafetensorsBuilder.Tensor(
    name, shape, type: "F32", data: values.withUnsafeBytes { Array($0) })
}
