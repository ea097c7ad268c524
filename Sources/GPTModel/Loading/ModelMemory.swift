package import ModelFiles
package import Tensor

/// The memory that a model takes when it runs, and reads: known before its weights are read.
package struct ModelMemory: Sendable {
  /// Bytes of all tensors as the kernels read them.
  package let weightBytes: Int
  /// Bytes of weights that a token reads: all matrices but an embedding of which only single rows are
  /// looked up, and of experts those that it takes.
  package let bytesPerToken: Int
  /// How many weights there are.
  package let weightCount: Int
  /// How many of them a token reads, looked-up rows counted as the whole table.
  package let activeWeightCount: Int
  private let spec: TransformerSpec

  /// Sums up a model's tensors.
  ///
  /// - Throws: A `ModelError` when the architecture is not supported, or its hyper-parameters are not
  ///   sound.
  package init(_ source: any ModelSource) throws(ModelError) {
    let architecture = try Architectures.named(source.configuration)
    spec = try architecture.description(source.configuration)
    var (all, read, weights) = (0, 0, 0)
    var (expertBytes, expertWeights) = (ExpertShares(spec), ExpertShares(spec))
    for tensor in try source.tensors(architecture.naming, for: spec.tensors) {
      let bytes = Self.bytes(of: tensor)
      all += bytes
      weights += tensor.elementCount
      let isLookedUp =
        ["position_embd.weight", "per_layer_token_embd.weight", "token_types.weight"]
        .contains(tensor.name)
        || tensor.name == "token_embd.weight"
          && (!spec.head.isTied || !spec.head.hasLogits)
      if tensor.dimensions.count == 2, !tensor.isVector, !isLookedUp { read += bytes }
      guard tensor.isExpert else { continue }
      expertBytes.add(tensor.dimensions.count == 2 && !tensor.isVector ? bytes : 0, of: tensor)
      expertWeights.add(tensor.elementCount, of: tensor)
    }
    (weightBytes, bytesPerToken) = (all, read - expertBytes.unused)
    (weightCount, activeWeightCount) = (weights, weights - expertWeights.unused)
  }

  /// Bytes of tensors as the kernels read them.
  static func weightBytes(of tensors: [SourceTensor]) -> Int {
    tensors.reduce(0) { $0 + bytes(of: $1) }
  }

  /// Bytes of one tensor as the kernels read it.
  private static func bytes(of tensor: SourceTensor) -> Int {
    guard tensor.dimensions.count == 2, !tensor.isVector else {
      return tensor.elementCount * MemoryLayout<Float>.size
    }
    return tensor.format.packedBytes(rows: tensor.dimensions[1], columns: tensor.dimensions[0])
  }

  /// Bytes of the key-value cache for one position of one sequence.
  package func cacheBytesPerPosition(_ format: CacheFormat) throws(TensorError) -> Int {
    try spec.bytesPerPage(format) / PageLayout.positions
  }

  /// Bytes of the key-value cache that a sequence takes at a time, at most, under some settings; nil where
  /// it takes more the longer it is.
  package func cacheBytesPerSequence(_ configuration: EngineConfiguration) throws(TensorError)
    -> Int?
  {
    let capacity = try unbounded(configuration)
    guard capacity.limits.window != nil else { return nil }
    return capacity.limits.mostPagesHeld * capacity.cacheGroups.bytesPerPage
  }

  /// Bytes of the key-value cache that a position still takes when it is behind all windows, under some
  /// settings; nil where it takes as many as any other, or none.
  package func cacheBytesBehindWindows(_ configuration: EngineConfiguration) throws(TensorError)
    -> Int?
  {
    let groups = try unbounded(configuration).cacheGroups
    let staying = groups.windows.count { $0 == nil }
    guard staying > 0, staying < groups.windows.count else { return nil }
    return staying * groups.bytesPerPage / PageLayout.positions
  }

  /// The capacity under some settings, but with memory for all sequences that run.
  private func unbounded(_ configuration: EngineConfiguration) throws(TensorError)
    -> DecoderCapacity
  {
    var configuration = configuration
    configuration.cacheBytes = .max
    return try DecoderCapacity(spec: spec, configuration: configuration)
  }

  /// Bytes of the rows of a step under some settings.
  package func workspaceBytes(_ configuration: EngineConfiguration) throws(TensorError) -> Int {
    try DecoderBuffers.byteCount(
      spec: spec, capacity: DecoderCapacity(spec: spec, configuration: configuration))
  }

  /// Bytes of the states of a sequence, and of each snapshot; 0 where no layer has one.
  package var bytesPerState: Int { spec.bytesPerState }

  private var stateLines: [String] {
    bytesPerState > 0
      ? ["  state of each conversation, and of each snapshot: \(bytesPerState) bytes"] : []
  }

  /// Lines for people to read.
  func lines() throws(TensorError) -> [String] {
    var settings = EngineConfiguration()
    let workspace = try workspaceBytes(settings)
    var (cache, behind, most): ([String], [String], [String]) = ([], [], [])
    for format in CacheFormat.allCases {
      cache.append("\(try cacheBytesPerPosition(format)) as \(format.rawValue)")
      settings.cacheFormat = format
      if let bytes = try cacheBytesBehindWindows(settings) {
        behind.append("\(bytes) as \(format.rawValue)")
      }
      if let bytes = try cacheBytesPerSequence(settings) {
        most.append("\(bytes) as \(format.rawValue)")
      }
    }
    let window = [
      ("once it is behind the windows", behind), ("at most for each conversation", most),
    ]
    .filter { !$0.1.isEmpty }
    .map { "  \($0.0): \($0.1.joined(separator: ", ")) bytes" }
    let experts =
      activeWeightCount == weightCount
      ? [] : ["  weights that a token goes through: \(activeWeightCount) of \(weightCount)"]
    var lines = [
      "  weights as the kernels read them: \(weightBytes) bytes",
      "  read for each token written: \(bytesPerToken) bytes",
    ]
    lines += experts
    lines.append("  key-value cache for each token: \(cache.joined(separator: ", ")) bytes")
    lines += window + stateLines
    lines.append("  workspace: \(workspace) bytes for steps of \(settings.rowsPerStep) rows")
    return lines
  }
}

/// What the experts of each layer have of something, and how much of it a token does without.
private struct ExpertShares {
  private let spec: TransformerSpec
  private var sums: [Int: Int] = [:]

  init(_ spec: TransformerSpec) {
    self.spec = spec
  }

  /// Counts a tensor of one expert.
  mutating func add(_ count: Int, of tensor: SourceTensor) {
    if let layer = tensor.layer { sums[layer, default: 0] += count }
  }

  /// What those experts have that a token does not take.
  var unused: Int {
    sums.reduce(0) { unused, sum in
      guard spec.layers.indices.contains(sum.key), let experts = spec.layers[sum.key].experts
      else { return unused }
      return unused + sum.value / experts.count * (experts.count - experts.routing.used)
    }
  }
}

extension SourceTensor {
  /// Whether it is one of several experts'.
  fileprivate var isExpert: Bool { name.contains("_exps.") }
}
