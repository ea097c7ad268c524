import ModelFiles
import Tensor

/// Matrices of low rank that are added to those of a model, for requests that name them.
///
/// Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021. The model stays as it is: an engine
/// computes requests with several adapters, and without any, in one batch.
public final class LoadedAdapter: Sendable {
  /// The name by which requests ask for it.
  public let name: String
  /// The greatest rank of its products.
  public let rank: Int
  /// How many matrices of the model it changes.
  public let matrixCount: Int
  /// Bytes that it takes.
  public let byteCount: Int
  /// The identity of the model that it was read for.
  let model: String
  /// The products by the names of their matrices.
  let updates: [String: LowRankUpdate]

  /// Reads an adapter for a model: a folder as PEFT writes it, or a GGUF file.
  ///
  /// - Parameters:
  ///   - path: The folder or the file.
  ///   - name: The name by which requests ask for it; nil for that of the files.
  ///   - model: The model.
  /// - Throws: `ModelError` when the files are not sound, or change what the model does not have, or more than the
  ///   linear layers of attention and of feed-forward networks without experts; `TensorError` when memory
  ///   cannot be had.
  public convenience init(path: String, name: String? = nil, for model: LoadedModel) throws {
    try self.init(AdapterFiles(path: path), name: name, for: model)
  }

  /// Takes an adapter from files that were read.
  package init(_ files: AdapterFiles, name: String? = nil, for model: LoadedModel) throws {
    self.name = name ?? files.name
    self.model = model.sha256
    let products = try AdapterProducts(files, model.naming, for: model.spec.tensors).products
    let places = AdapterPlaces(model.spec)
    var updates: [String: LowRankUpdate] = [:]
    for product in products {
      updates[product.matrix.name] = try places.update(product, form: files.form)
    }
    self.updates = updates
    rank = products.reduce(0) { max($0, $1.down.rows) }
    matrixCount = updates.count
    byteCount = updates.values.reduce(0) { $0 + $1.byteCount }
  }
}

/// Which matrices of a model adapters may change, and how the rows of these are ordered.
private struct AdapterPlaces {
  /// The attention of the layer, for queries and keys.
  private var places: [String: AttentionSpec?] = [:]

  init(_ spec: TransformerSpec) {
    for (index, layer) in spec.layers.enumerated() {
      if let attention = layer.attention, attention.latent == nil {
        for name in ["attn_q", "attn_k"] { places["blk.\(index).\(name).weight"] = attention }
        for name in ["attn_v", "attn_output", "attn_q_gate"] {
          places["blk.\(index).\(name).weight"] = .some(nil)
        }
      }
      guard layer.feedForward != nil else { continue }
      for name in ["ffn_gate", "ffn_up", "ffn_down"] {
        places["blk.\(index).\(name).weight"] = .some(nil)
      }
    }
  }

  /// The update of a matrix.
  func update(
    _ product: AdapterProducts.Product, form: AdapterFiles.Form
  ) throws -> LowRankUpdate {
    let name = product.matrix.name
    guard let attention = places[name] else {
      throw ModelError(
        .unsupported, field: name,
        "adapters may change linear layers of attention and of feed-forward networks without experts"
      )
    }
    let rank = product.down.rows
    var up = product.up.values
    if let attention, let rotary = attention.rotary?.rowOrder {
      let order = RotaryOrder(headLength: attention.headLength, columns: rank)
      up = up.withUnsafeBufferPointer { rows in
        switch (rotary, form) {
        case (.neighbours, .folder): order.neighbours(of: rows)
        case (.halves, .gguf): order.halves(of: rows)
        default: Array(rows)
        }
      }
    }
    let update = try LowRankUpdate(
      rank: rank, down: product.down.values, up: up, scale: product.scale)
    guard let update else {
      throw ModelError(.notFinite, field: name, "a value of the adapter is too large")
    }
    return update
  }
}
