/// The sizes of a decoder that can be trained: grouped attention, RMSNorm, rotary positions in pairs of
/// neighbours, SwiGLU, as GGUF's `llama` has them.
package struct ModelShape: Sendable, Hashable {
  /// Vocabulary, V.
  package var vocabulary: Int
  /// Model width, W.
  package var width: Int
  /// Layers, L.
  package var layers: Int
  /// Query heads, Q.
  package var queryHeads: Int
  /// Key-value heads, G.
  package var keyValueHeads: Int
  /// Head length, D.
  package var headLength: Int
  /// Feed-forward width, F.
  package var feedForward: Int
  /// Positions, C.
  package var context: Int
  /// The base of the rotary frequencies.
  package var ropeBase = 10_000.0
  /// ε of the norms.
  package var epsilon: Float = 1e-5
  /// Whether the output head is the embedding.
  package var isTied = true

  /// Creates a shape; `check` says whether it can be trained.
  package init(
    vocabulary: Int, width: Int, layers: Int, attention: Attention, feedForward: Int, context: Int
  ) {
    self.vocabulary = vocabulary
    self.width = width
    self.layers = layers
    queryHeads = attention.queryHeads
    keyValueHeads = attention.keyValueHeads
    headLength = attention.headLength
    self.feedForward = feedForward
    self.context = context
  }

  /// The sizes of attention.
  package struct Attention: Sendable, Hashable {
    let queryHeads: Int
    let keyValueHeads: Int
    let headLength: Int

    /// Names Q, G and D.
    package init(queryHeads: Int, keyValueHeads: Int, headLength: Int) {
      self.queryHeads = queryHeads
      self.keyValueHeads = keyValueHeads
      self.headLength = headLength
    }
  }

  /// The width of all queries, Q D.
  var queryWidth: Int { queryHeads * headLength }
  /// The width of all keys, or of all values, G D.
  var keyWidth: Int { keyValueHeads * headLength }

  /// The most of any size, which keeps all products of sizes within `Int`.
  private static let limit = 1 << 20

  /// Throws where a size is out of range.
  package func check() throws(TrainingError) {
    let sizes = [
      ("vocabulary", vocabulary), ("width", width), ("layers", layers), ("queryHeads", queryHeads),
      ("keyValueHeads", keyValueHeads), ("headLength", headLength), ("feedForward", feedForward),
      ("context", context),
    ]
    for (name, size) in sizes where !(1...Self.limit).contains(size) {
      throw TrainingError(.configuration, field: name, "\(size) is not in 1...\(Self.limit)")
    }
    guard queryHeads.isMultiple(of: keyValueHeads) else {
      throw TrainingError(
        .configuration, field: "queryHeads",
        "\(queryHeads) is no multiple of the \(keyValueHeads) key-value heads")
    }
    guard headLength.isMultiple(of: 16), headLength <= 1024 else {
      throw TrainingError(
        .configuration, field: "headLength", "\(headLength) is no multiple of 16 up to 1024")
    }
    guard ropeBase > 1, ropeBase.isFinite, epsilon > 0, epsilon < 1 else {
      throw TrainingError(
        .configuration, field: "ropeBase",
        "\(ropeBase) and an epsilon of \(epsilon) are not above 1 and between 0 and 1")
    }
    try checkMemory()
  }

  /// Throws where there would be more than 2³² parameters.
  private func checkMemory() throws(TrainingError) {
    let layer = Double(width) * Double(2 * queryWidth + 2 * keyWidth + 3 * feedForward + 2)
    let count = layer * Double(layers) + Double(width) * Double(vocabulary) * (isTied ? 1 : 2)
    guard count < 0x1p32 else {
      throw TrainingError(.configuration, field: "parameters", "\(count) are more than 2^32")
    }
  }
}
