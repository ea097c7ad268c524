import ModelFiles
package import Tensor

/// The memory that a model takes when it runs, and reads: known from its file's header.
package struct ModelMemory: Sendable {
  /// Bytes of all tensors as the kernels read them.
  package let weightBytes: Int
  /// Bytes of weights that a step reads, whatever it computes: all matrices but an embedding of which
  /// only single rows are looked up.
  package let bytesPerToken: Int
  private let shape: ModelShape

  /// Sums up the tensors of a file.
  ///
  /// - Throws: A `ModelError` when the architecture is not supported, or its hyper-parameters are not
  ///   sound.
  package init(_ header: GGUFHeader) throws(ModelError) {
    let name = try header.metadata.string("general.architecture", atMost: 64)
    shape = try Architectures.named(name).init(header).shape
    var (all, read) = (0, 0)
    let isTied = !header.tensors.contains { $0.name == "output.weight" }
    for tensor in header.tensors {
      let bytes = Self.bytes(of: tensor)
      all += bytes
      let isLookedUp = tensor.name == "token_embd.weight" && !isTied
      if tensor.dimensions.count == 2, !isLookedUp { read += bytes }
    }
    (weightBytes, bytesPerToken) = (all, read)
  }

  /// Bytes of one tensor as the kernels read it.
  private static func bytes(of tensor: TensorInfo) -> Int {
    guard tensor.dimensions.count == 2,
      let format = WeightFormats.format(fileType: tensor.fileType)
    else { return tensor.elementCount * MemoryLayout<Float>.size }
    return format.packedBytes(rows: tensor.dimensions[1], columns: tensor.dimensions[0])
  }

  /// Bytes of the key-value cache for one position of one sequence.
  package func cacheBytesPerPosition(_ format: CacheFormat) throws(TensorError) -> Int {
    let layout = try PageLayout(
      keyValueHeads: shape.keyValueHeads, headLength: shape.headLength, format: format)
    return shape.layers * layout.bytesPerPage / PageLayout.positions
  }

  /// Bytes of the rows of a step under some settings.
  package func workspaceBytes(_ configuration: EngineConfiguration) throws(TensorError) -> Int {
    try DecoderBuffers.byteCount(
      shape: shape, capacity: DecoderCapacity(shape: shape, configuration: configuration))
  }

  /// Lines for people to read.
  func lines() throws(TensorError) -> [String] {
    let settings = EngineConfiguration()
    let workspace = try workspaceBytes(settings)
    let cache = try CacheFormat.allCases.map { format throws(TensorError) in
      "\(try cacheBytesPerPosition(format)) as \(format.rawValue)"
    }
    return [
      "  weights as the kernels read them: \(weightBytes) bytes",
      "  read for each token written: \(bytesPerToken) bytes",
      "  key-value cache for each token: \(cache.joined(separator: ", ")) bytes",
      "  workspace: \(workspace) bytes for steps of \(settings.rowsPerStep) rows",
    ]
  }
}
