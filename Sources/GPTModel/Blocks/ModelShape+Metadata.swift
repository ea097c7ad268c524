import ModelFiles
import Tensor

extension ModelShape {
  /// Reads the sizes that a file states under an architecture's prefix.
  ///
  /// Every product of two sizes stays far below what an `Int` holds.
  init(_ metadata: Metadata, prefix: String) throws(ModelError) {
    layers = try metadata.integer("\(prefix).block_count", in: 1...1024)
    width = try metadata.integer("\(prefix).embedding_length", in: 1...65_536)
    feedForwardWidth = try metadata.integer("\(prefix).feed_forward_length", in: 1...1_048_576)
    contextLength = try metadata.integer("\(prefix).context_length", in: 1...16_777_216)
    queryHeads = try metadata.integer("\(prefix).attention.head_count", in: 1...1024)
    keyValueHeads =
      try metadata.integerIfPresent("\(prefix).attention.head_count_kv", in: 1...queryHeads)
      ?? queryHeads
    guard queryHeads.isMultiple(of: keyValueHeads) else {
      throw ModelError(
        .invalid, field: "\(prefix).attention.head_count_kv",
        "\(keyValueHeads) key-value heads do not divide \(queryHeads) query heads")
    }
    headLength = try Self.headLength(
      metadata, prefix: prefix, width: width, queryHeads: queryHeads)
    vocabularySize = try metadata.strings("tokenizer.ggml.tokens", count: 1...(1 << 24)).count
    _ = try metadata.integerIfPresent(
      "\(prefix).vocab_size", in: vocabularySize...vocabularySize)
    _ = try metadata.integerIfPresent("\(prefix).expert_count", in: 0...0)
  }

  private static func headLength(
    _ metadata: Metadata, prefix: String, width: Int, queryHeads: Int
  ) throws(ModelError) -> Int {
    let key = "\(prefix).attention.key_length"
    let stated = try metadata.integerIfPresent(key, in: 1...256)
    guard stated != nil || width.isMultiple(of: queryHeads) else {
      throw ModelError(
        .invalid, field: "\(prefix).attention.head_count",
        "\(queryHeads) heads do not divide a width of \(width)")
    }
    let length = stated ?? width / queryHeads
    guard length.isMultiple(of: 16), length <= 256 else {
      throw ModelError(
        .unsupported, field: stated == nil ? "\(prefix).attention.head_count" : key,
        "a head length of \(length); it must be a multiple of 16 and at most 256")
    }
    _ = try metadata.integerIfPresent("\(prefix).attention.value_length", in: length...length)
    return length
  }
}

extension RotaryEmbedding.Parameters {
  /// Reads what a file states about rotary positions under an architecture's prefix.
  init(_ metadata: Metadata, prefix: String, headLength: Int, pairing: RotaryTable.Pairing)
    throws(ModelError)
  {
    let rope = "\(prefix).rope"
    let stated = try metadata.integerIfPresent("\(rope).dimension_count", in: 2...headLength)
    dimensions = stated ?? headLength
    guard dimensions.isMultiple(of: 2) else {
      throw ModelError(
        .invalid, field: "\(rope).dimension_count", "\(dimensions) elements do not form pairs")
    }
    base = try metadata.floatIfPresent("\(rope).freq_base", in: 1.001...1e12) ?? 10_000
    self.pairing = pairing
    let kind = try metadata.stringIfPresent("\(rope).scaling.type", atMost: 64) ?? "none"
    let factor = try metadata.floatIfPresent("\(rope).scaling.factor", in: 1...1e6) ?? 1
    switch kind {
    case "none": scaling = .none
    case "linear": scaling = .linear(factor: factor)
    case "yarn":
      let key = "\(rope).scaling.original_context_length"
      scaling = .yarn(
        factor: factor, originalContext: try metadata.integer(key, in: 1...16_777_216))
    default:
      throw ModelError(
        .unsupported, field: "\(rope).scaling.type",
        "'\(kind)' is not one of none, linear, yarn")
    }
  }
}
