import JSON
import ModelFiles
import Tensor

/// Writes adapters as PEFT does, `adapter_config.json` and `adapter_model.safetensors`, or as a GGUF file.
package struct AdapterExport {
  private let adapters: Adapters
  private let shape: ModelShape
  private let base: String

  /// Names the adapters, the sizes of the network, and the model that they are for.
  package init(_ adapters: Adapters, shape: ModelShape, base: String) {
    self.adapters = adapters
    self.shape = shape
    self.base = base
  }

  /// The files by name.
  package var files: [String: [UInt8]] {
    ["adapter_config.json": configuration, "adapter_model.safetensors": tensors]
  }

  /// A GGUF file whose `general.type` is `adapter`, as llama.cpp reads it.
  package var gguf: [UInt8] {
    var writer = GGUFWriter()
    writer.add("general.architecture", .string("llama"))
    writer.add("general.type", .string("adapter"))
    writer.add("general.name", .string(base))
    writer.add("adapter.type", .string("lora"))
    writer.add("adapter.lora.alpha", .float(Float(adapters.settings.alpha)))
    for pair in adapters.pairs {
      let names = Self.ggufNames(of: pair.matrix)
      for (name, tensor) in [(names.down, pair.down), (names.up, pair.up)] {
        writer.add(
          tensor: name, dimensions: [tensor.columns, tensor.rows], format: F32.self,
          bytes: F32.encode(UnsafeBufferPointer(adapters.values[tensor.range])))
      }
    }
    return writer.bytes
  }

  /// What GGUF files call the two matrices of an adapter.
  static func ggufNames(of matrix: ParameterTensor) -> (down: String, up: String) {
    ("\(matrix.name).lora_a", "\(matrix.name).lora_b")
  }

  /// What PEFT calls the two matrices of an adapter.
  static func peftNames(of matrix: ParameterTensor) -> (down: String, up: String) {
    let stem = "base_model.model." + FolderLayout.name(of: matrix).dropLast(".weight".count)
    return ("\(stem).lora_A.weight", "\(stem).lora_B.weight")
  }

  private var configuration: [UInt8] {
    let modules = Set(
      adapters.pairs.map { pair in
        FolderLayout.name(of: pair.matrix).split(separator: ".").dropLast().last.map(String.init)
          ?? ""
      })
    var json = JSONWriter()
    json.object { json in
      json.member("peft_type", "LORA")
      json.member("task_type", "CAUSAL_LM")
      json.member("base_model_name_or_path", base)
      json.member("r", adapters.settings.rank)
      json.member("lora_alpha") { $0.value(adapters.settings.alpha) }
      json.member("lora_dropout") { $0.value(0.0) }
      json.member("bias", "none")
      json.member("fan_in_fan_out") { $0.value(false) }
      json.member("inference_mode") { $0.value(true) }
      json.member("target_modules") { json in
        json.array { json in for module in modules.sorted() { json.value(module) } }
      }
    }
    return json.bytes
  }

  private var tensors: [UInt8] {
    TensorFile.encode(
      adapters.pairs.flatMap { pair in
        let names = Self.peftNames(of: pair.matrix)
        let up = UnsafeBufferPointer(adapters.values[pair.up.range])
        let order = RotaryOrder(headLength: shape.headLength, columns: pair.up.columns)
        return [
          (
            names.down, [pair.down.rows, pair.down.columns],
            Array(adapters.values[pair.down.range])
          ),
          (
            names.up, [pair.up.rows, pair.up.columns],
            pair.matrix.isRotated ? order.halves(of: up) : Array(up)
          ),
        ]
      })
  }
}
