import ModelFiles
public import Tensor

/// What a model's files hold, for people to read; nothing but their headers is read.
public struct ModelSummary: Sendable {
  private let source: any ModelSource
  private let tensors: [SourceTensor]
  /// Why the tensors cannot be listed, where that is so.
  private let fault: ModelError?

  /// Reads the headers of a file or folder.
  ///
  /// - Throws: A `ModelError` when they are not sound.
  public init(path: String) throws(ModelError) {
    source = try ModelSources.open(path: path)
    // A folder may have tensors of a type that nothing reads; what is missing then says which.
    do throws(ModelError) {
      (tensors, fault) = (try source.tensors(Self.naming(source)), nil)
    } catch {
      (tensors, fault) = ([], error)
    }
  }

  /// Bytes of the weights as the kernels read them; nil where the architecture is not supported.
  public var weightBytes: Int? {
    guard let memory = try? ModelMemory(source) else { return nil }
    return memory.weightBytes
  }

  /// Bytes of the key-value cache for one position of one sequence; nil where the architecture is not
  /// supported, or does not keep numbers so.
  public func cacheBytesPerPosition(_ format: CacheFormat = .bfloat16) -> Int? {
    guard let memory = try? ModelMemory(source) else { return nil }
    return try? memory.cacheBytesPerPosition(format)
  }

  /// Lines of text: the format, each entry, and tensors by type or one by one.
  public func describe(everyTensor: Bool) -> String {
    var lines = ["\(source.format), \(source.byteCount) bytes", "", "Metadata"]
    lines += source.details.map { "  \($0.key) = \($0.value)" }
    let weights = tensors.reduce(0) { $0 + $1.elementCount }
    lines += ["", "\(tensors.count) tensors, \(weights) weights"]
    lines += fault.map { ["  not known: \($0)"] } ?? []
    lines += everyTensor ? tensors.map(line) : linesByType()
    lines += ["", "Memory"] + memoryLines()
    lines += [""] + Runnability(source).lines
    return lines.joined(separator: "\n")
  }

  /// The names of the architecture, or the usual ones where it is not known.
  private static func naming(_ source: any ModelSource) -> TensorNaming {
    (try? Architectures.named(source.configuration))?.naming ?? .standard
  }

  private func line(for tensor: SourceTensor) -> String {
    let shape = tensor.dimensions.map(String.init).joined(separator: " x ")
    return "  \(tensor.fileName)  \(tensor.format.name)  \(shape)"
      + "  at byte \(tensor.byteRange.lowerBound)" + (tensor.file.map { " of \($0)" } ?? "")
  }

  private func linesByType() -> [String] {
    let types = Dictionary(grouping: tensors) { $0.format.name }
    return types.sorted { $0.key < $1.key }.map { name, tensors in
      let bytes = tensors.reduce(0) { $0 + $1.byteRange.count }
      return "  \(name): \(tensors.count) tensors, \(bytes) bytes"
    }
  }

  private func memoryLines() -> [String] {
    do {
      return try ModelMemory(source).lines()
    } catch {
      return ["  not known: \(error)"]
    }
  }
}
