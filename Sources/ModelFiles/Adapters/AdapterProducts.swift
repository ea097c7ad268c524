import Tensor

/// Products of low rank for the matrices of a model by their canonical names.
package struct AdapterProducts {
  /// The product for a matrix [N, K].
  package struct Product {
    /// The requirement of the matrix.
    package let matrix: TensorRequirement
    /// A, [r, K].
    package let down: AdapterFactor
    /// B, [N, r].
    package let up: AdapterFactor
    /// The factor on the product.
    package let scale: Float
  }

  /// The products.
  package let products: [Product]

  /// Finds the matrices of a model that the files' products are for.
  ///
  /// - Parameters:
  ///   - naming: What files call the model's tensors.
  ///   - requirements: The tensors that the model has.
  /// - Throws: A `ModelError` for a product that no matrix of the model fits.
  package init(
    _ files: AdapterFiles, _ naming: TensorNaming, for requirements: [TensorRequirement]
  ) throws(ModelError) {
    let needed = Dictionary(requirements.map { ($0.name, $0) }) { first, _ in first }
    let names = AdapterNames(files, naming)
    let tensors = try files.products.map { (product) throws(ModelError) in
      try names.tensor(of: product)
    }
    let fused = FusedTensors(requirements, in: tensors)
    var seen: Set<String> = []
    var found: [Product] = []
    for (product, tensor) in zip(files.products, tensors) {
      for part in try fused.parts(of: tensor) {
        guard let matrix = needed[part.tensor.name], matrix.role == .matrix else {
          throw ModelError(.unsupported, field: product.name, "the model has no such matrix")
        }
        let up = try product.up.rows(part.rows, of: tensor)
        guard matrix.shape == [product.down.columns, up.rows] else {
          throw ModelError(
            .invalid, field: product.name,
            "the adapter is for a matrix of \(product.down.columns) columns and \(up.rows) rows, the"
              + " model's has \(matrix.shape.map(String.init).joined(separator: " and "))")
        }
        guard seen.insert(matrix.name).inserted else {
          throw ModelError(.duplicate, field: product.name, "\(matrix.name) is changed twice")
        }
        found.append(Product(matrix: matrix, down: product.down, up: up, scale: product.scale))
      }
    }
    products = found
  }
}

/// The canonical names of an adapter's matrices.
private struct AdapterNames {
  private let folder: FolderTensorNames?
  private let gguf: GGUFTensorNames

  init(_ files: AdapterFiles, _ naming: TensorNaming) {
    gguf = GGUFTensorNames([], naming: naming)
    folder =
      files.form == .folder ? FolderTensorNames(files.products.map(\.name), naming: naming) : nil
  }

  /// B as a tensor of the model's files would be.
  func tensor(of product: AdapterFiles.Product) throws(ModelError) -> SourceTensor {
    let (rows, rank) = (product.up.rows, product.up.columns)
    var tensor = SourceTensor(
      name: "\(product.name).weight", dimensions: [rank, rows],
      byteRange: 0..<UInt64(rows * rank * MemoryLayout<Float>.size))
    guard let folder else {
      return tensor.named(gguf.canonicalName(tensor.name), in: product.name)
    }
    guard let (name, order) = folder.matrix(product.name) else {
      throw ModelError(.unsupported, field: product.name, "the model has no such matrix")
    }
    tensor = tensor.named(name, in: product.name)
    tensor.order = order
    return tensor
  }
}

extension AdapterFactor {
  /// Some of the rows.
  fileprivate func rows(_ runs: RowRuns, of tensor: SourceTensor) throws(ModelError)
    -> AdapterFactor
  {
    guard runs.length * runs.count < rows || runs.count > 1 else { return self }
    let room = try LoadBuffer(
      byteCount: values.count * MemoryLayout<Float>.size, field: tensor.fileName)
    let picked = values.withUnsafeBytes { bytes in
      Array(runs.bytes(of: tensor, in: bytes, room: room.bytes).assumingMemoryBound(to: Float.self))
    }
    return AdapterFactor(rows: picked.count / columns, columns: columns, values: picked)
  }
}

extension SourceTensor {
  /// The same under another name, and under the name that its file has for it.
  fileprivate func named(_ name: String, in file: String) -> SourceTensor {
    SourceTensor(
      name: name, fileName: file, dimensions: dimensions, format: format, byteRange: byteRange,
      offset: 0)
  }
}
