/// Finds the canonical names of a GGUF file's tensors, which are its own but for some architectures.
struct GGUFTensorNames {
  private let naming: TensorNaming
  private let renamed: [String: String]
  private let names: Set<String>

  /// Looks at the names in the file.
  init(_ tensors: [TensorInfo], naming: TensorNaming) {
    self.naming = naming
    renamed = naming.fileNames
    names = renamed.isEmpty ? [] : Set(tensors.map(\.name))
  }

  /// The canonical name: another than the file's where the layer has all tensors whose names change.
  func canonicalName(_ name: String) -> String {
    guard !renamed.isEmpty else { return naming.canonicalName(inGGUF: name) }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, let base = renamed[String(parts[2])],
      renamed.keys.allSatisfy({ names.contains("\(parts[0]).\(parts[1]).\($0).weight") })
    else { return name }
    return "\(parts[0]).\(parts[1]).\(base).\(parts[3])"
  }
}
