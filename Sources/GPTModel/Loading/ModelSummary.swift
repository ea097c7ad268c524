import ModelFiles

/// What a model file holds, for people to read; nothing but its header is read.
public struct ModelSummary: Sendable {
  private let header: GGUFHeader
  private let byteCount: UInt64

  /// Reads the header of a file.
  ///
  /// - Throws: A `ModelError` when the header is not sound.
  public init(path: String) throws(ModelError) {
    let file = try ModelFile(path: path, types: .supported)
    header = file.header
    byteCount = file.byteCount
  }

  /// Lines of text: the format, each metadata entry, and tensors by type or one by one.
  public func describe(everyTensor: Bool) -> String {
    var lines = ["GGUF version \(header.version), \(byteCount) bytes", "", "Metadata"]
    for key in header.metadata.keys {
      if let entry = header.metadata[key] { lines.append("  \(key) = \(show(entry.value))") }
    }
    let weights = header.tensors.reduce(0) { $0 + $1.elementCount }
    lines += ["", "\(header.tensors.count) tensors, \(weights) weights"]
    lines += everyTensor ? header.tensors.map(line) : linesByType()
    lines += ["", "Memory"] + memoryLines()
    return lines.joined(separator: "\n")
  }

  private func line(for tensor: TensorInfo) -> String {
    let shape = tensor.dimensions.map(String.init).joined(separator: " x ")
    return "  \(tensor.name)  \(tensor.layout.name)  \(shape)"
      + "  at byte \(tensor.byteRange.lowerBound)"
  }

  private func linesByType() -> [String] {
    let types = Dictionary(grouping: header.tensors, by: \.layout.name)
    return types.sorted { $0.key < $1.key }.map { name, tensors in
      let bytes = tensors.reduce(0) { $0 + $1.byteRange.count }
      return "  \(name): \(tensors.count) tensors, \(bytes) bytes"
    }
  }

  private func memoryLines() -> [String] {
    do {
      return try ModelMemory(header).lines()
    } catch {
      return ["  not known: \(error)"]
    }
  }

  /// A text on one line, in quotation marks.
  private func quoted(_ text: Substring) -> String {
    "\"" + text.unicodeScalars.map { $0.escaped(asASCII: false) }.joined() + "\""
  }

  private func show(_ value: MetadataValue) -> String {
    switch value {
    case .unsigned(let number): return "\(number)"
    case .signed(let number): return "\(number)"
    case .float(let number): return "\(number)"
    case .bool(let truth): return "\(truth)"
    case .string(let text):
      let shown = text.prefix(200)
      return quoted(shown) + (shown.endIndex < text.endIndex ? "…" : "")
    case .strings(let table):
      let shown = (0..<min(4, table.count)).map { quoted(table[$0].prefix(40)) }
      return "[\(shown.joined(separator: ", "))\(table.count > 4 ? ", …" : "")]"
        + " (\(table.count) strings)"
    case .numbers(let array):
      let shown = (0..<min(4, array.count)).map { show(array[$0]) }
      return "[\(shown.joined(separator: ", "))\(array.count > 4 ? ", …" : "")]"
        + " (\(array.count) of \(array.type))"
    }
  }
}
