import Foundation
import ModelFiles
import Tensor
import TestSupport
import Testing

/// Quantised tensors of folders, and what another program makes of them.
@Suite("Quantised folders")
struct QuantizedFolderTests {
  /// A case of Tests/Goldens/quantized_folders.py.
  struct Golden: Decodable, CustomTestStringConvertible {
    struct Tensor: Decodable {
      let name: String
      let type: String
      let shape: [Int]
      let bytes: String
    }

    let label: String
    let settings: JSONSettings
    let tensors: [Tensor]
    let weight: String
    let shape: [Int]
    let bits: [UInt32]
    let hash: String

    var testDescription: String { label }

    /// A folder with these tensors in the place of one of a tiny model's.
    var folder: FolderBuilder {
      var folder = TinyModel.least.folder()
      folder.configuration["quantization_config"] = settings.text
      folder.shards[0].tensors.removeAll { $0.name == weight }
      folder.shards[0].tensors += tensors.map {
        SafetensorsBuilder.Tensor($0.name, $0.shape, type: $0.type, data: raw($0.bytes))
      }
      return folder
    }

    private func raw(_ digits: String) -> [UInt8] {
      let digits = Array(digits.utf8)
      func value(_ digit: UInt8) -> UInt8 { digit > 57 ? digit - 87 : digit - 48 }
      return stride(from: 0, to: digits.count, by: 2).map {
        value(digits[$0]) << 4 | value(digits[$0 + 1])
      }
    }
  }

  /// The settings as they stand in a configuration.
  struct JSONSettings: Decodable {
    let text: JSONText

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let members = try? container.decode([String: JSONSettings].self) {
        text = .object(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.text) })
      } else if let values = try? container.decode([JSONSettings].self) {
        text = .array(values.map(\.text))
      } else if let truth = try? container.decode(Bool.self) {
        text = .number(truth)
      } else if let number = try? container.decode(Int.self) {
        text = .number(number)
      } else {
        text = .string(try container.decode(String.self))
      }
    }
  }

  static let goldens: [Golden] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Goldens/quantized_folders.json").standardized
    guard let data = try? Data(contentsOf: file),
      let goldens = try? JSONDecoder().decode([Golden].self, from: data)
    else { return [] }
    return goldens
  }()

  @Test("There are cases of every method")
  func methods() {
    #expect(Self.goldens.count == 22)
    let methods = Set(
      Self.goldens.map { $0.settings.text.text.split(separator: "quant_method").last ?? "" })
    #expect(methods.count >= 5)
  }

  /// The decoded weights of a tensor, once from the file's layout and once from the packed form.
  private func weights(_ source: FolderSource, _ name: String) throws -> [[UInt32]]? {
    var found: [[UInt32]]?
    let pool = WorkerPool(threads: 2)
    func take(_ tensor: SourceTensor, _ bytes: UnsafeRawBufferPointer) throws {
      #expect(bytes.count == tensor.byteRange.count)
      guard tensor.fileName == name else { return }
      let columns = tensor.dimensions[0]
      let rows = tensor.elementCount / columns
      let matrix = try WeightMatrix(
        format: tensor.format, rows: rows, columns: columns, source: bytes, pool: pool)
      // No more memory than a third beyond what the folder has for 4 or 8 bits.
      let isSmall = tensor.format.name.hasPrefix("INT4") || tensor.format == MXFP4.self
      // What has columns in the order of activations takes as much as float32.
      let bits = isSmall ? 4 : tensor.format == F32.self ? 32 : 8
      #expect(matrix.byteCount * 8 <= (rows + 15) / 16 * 16 * columns * bits * 4 / 3)
      let rowBytes = columns / tensor.format.blockLength * tensor.format.blockBytes
      var (plain, packed): ([UInt32], [UInt32]) = ([], [])
      for row in 0..<rows {
        var values = [Float](repeating: 0, count: columns)
        values.withUnsafeMutableBufferPointer {
          tensor.format.decode(
            .init(rebasing: bytes[(row * rowBytes)...].prefix(rowBytes)), into: $0)
        }
        plain += values.map(\.bitPattern)
        values.withUnsafeMutableBufferPointer { out in
          out.baseAddress.map { matrix.decodeRow(row, into: $0) }
        }
        packed += values.map(\.bitPattern)
      }
      found = [plain, packed]
    }
    _ = try source.read(.standard, expecting: nil, progress: { _, _ in }, visit: take)
    return found
  }

  /// FNV-1a of 64 bits, by words.
  private func hash(_ words: [UInt32]) -> String {
    let state = words.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { state, word in
      (state ^ UInt64(word)) &* 0x100_0000_01B3
    }
    return String(state, radix: 16)
  }

  @Test(
    "Weights are those of the reference, bit by bit, in one file and in two", arguments: goldens)
  func bits(golden: Golden) throws {
    for count in 1...2 {
      var folder = golden.folder
      if count > 1 { folder.split(into: count) }
      let source = try FolderSource(folder.folder())
      let tensor = try #require(
        source.tensors(.standard).first { $0.fileName == golden.weight })
      #expect(tensor.dimensions == golden.shape.reversed())
      let found = try #require(try weights(source, golden.weight))
      for bits in found {
        #expect(Array(bits.prefix(golden.bits.count)) == golden.bits)
        #expect(bits.count == golden.shape.reduce(1, *) && hash(bits) == golden.hash)
      }
    }
  }

  @Test(
    "What lacks a part, or has one of another type or shape, is refused by name", arguments: goldens
  )
  func parts(golden: Golden) {
    for (place, part) in golden.tensors.enumerated() where place > 0 {
      let isOptional = part.name.hasSuffix("zero_point") || part.name.hasSuffix("g_idx")
      var folder = golden.folder
      folder.shards[0].tensors.removeAll { $0.name == part.name }
      expectRefusal(folder, isOptional ? nil : "\(golden.label) without \(part.name)")
      folder = golden.folder
      folder.change(part.name) { tensor in
        tensor.type = "BOOL"
        tensor.shape = [.number(tensor.data.count)]
      }
      expectRefusal(folder, "\(golden.label) with \(part.name) of another type")
      folder = golden.folder
      folder.change(part.name) { tensor in
        tensor.shape = .array([3] + part.shape.map { .number($0) })
        tensor.data += tensor.data + tensor.data
      }
      expectRefusal(folder, "\(golden.label) with \(part.name) of another shape")
    }
  }

  /// Expects a `ModelError` that names something when a folder is opened or read; with nil, just no end
  /// of the process.
  private func expectRefusal(_ folder: FolderBuilder, _ label: String?) {
    do {
      let source = try FolderSource(folder.folder())
      try source.read(.standard, expecting: nil, progress: { _, _ in }, visit: { _, _ in })
      // A stored tensor that nobody makes anything of is refused for its name or type.
      _ = try source.tensors(.standard)
      if let label { Issue.record("\(label) was accepted") }
    } catch let error as ModelError {
      #expect(!error.field.isEmpty && !error.detail.isEmpty)
    } catch {
      Issue.record("\(error) is no ModelError")
    }
  }

  @Test("Settings that change what tensors mean are refused by name")
  func settings() throws {
    let wrong: [(String, [(String, JSONText)])] = [
      (
        "gptq of 4 bits",
        [("bits", 3), ("bits", 0), ("bits", "4"), ("checkpoint_format", "marlin")]
      ),
      ("gptq of 4 bits", [("group_size", 48), ("group_size", 0.5), ("group_size", 64)]),
      ("awq, groups of 128", [("version", "gemv"), ("bits", 8), ("group_size", 1)]),
      ("blocks", [("weight_block_size", [1]), ("weight_block_size", [0, 128])]),
      ("blocks", [("weight_block_size", ["a", "b"]), ("weight_block_size", 128)]),
      (
        "4 bits, groups of 128",
        [
          ("format", "marlin-24"), ("quantization_status", "frozen"),
          ("config_groups", ["a": ["weights": ["num_bits": 2]]]),
          (
            "config_groups",
            ["a": ["weights": ["num_bits": 4]], "b": ["weights": ["num_bits": 8]]]
          ),
        ]
      ),
      ("blocks", [("quant_method", "bitsandbytes"), ("quant_method", 8)]),
    ]
    for (label, changes) in wrong {
      let golden = try #require(Self.goldens.first { $0.label == label })
      for (key, value) in changes {
        var folder = golden.folder
        var settings = golden.settings.text
        settings[key] = value
        folder.configuration["quantization_config"] = settings
        expectRefusal(folder, "\(label) with \(key) \(value.text)")
      }
    }
  }

  @Test("Columns of groups that there are not are refused by the tensor's name")
  func unknownGroups() throws {
    let golden = try #require(Self.goldens.first { $0.label.hasSuffix("order of activations") })
    var folder = golden.folder
    let name = golden.tensors[3].name
    for bits in [4, UInt32.max] {
      folder.change(name) { tensor in
        withUnsafeBytes(of: bits) { tensor.data.replaceSubrange(8..<12, with: $0) }
      }
      let error = #expect(throws: ModelError.self) {
        try FolderSource(folder.folder())
          .read(.standard, expecting: nil, progress: { _, _ in }, visit: { _, _ in })
      }
      #expect(error?.kind == .invalid && error?.field == name)
    }
  }

  @Test("Columns in another order than the settings say are refused by the tensor's name")
  func activationOrder() throws {
    let golden = try #require(Self.goldens.first { $0.label == "gptq of 4 bits" })
    var folder = golden.folder
    let name = golden.tensors[3].name
    folder.change(name) { $0.data.swapAt(0, $0.data.count - 4) }
    let error = #expect(throws: ModelError.self) {
      try FolderSource(folder.folder())
        .read(.standard, expecting: nil, progress: { _, _ in }, visit: { _, _ in })
    }
    // Nobody asks for a tensor that the model has no use for; here it has.
    #expect(error?.kind == .unsupported && error?.field == name)
  }

  @Test("A configuration that names a method of which no tensor is kept is refused")
  func nothing() {
    var folder = TinyModel.least.folder()
    folder.configuration["quantization_config"] = ["quant_method": "fp8"]
    let error = #expect(throws: ModelError.self) { try FolderSource(folder.folder()) }
    #expect(error?.kind == .missing)
  }
}
