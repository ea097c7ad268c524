package import ModelFiles
import Tensor

/// Adds adapters of files to the weights of their model: W ← W + s B A.
package struct AdapterMerge {
  private let decoder: TrainableDecoder
  private let kernels: TrainingKernels

  /// Names the network.
  package init(_ decoder: TrainableDecoder, kernels: TrainingKernels) {
    self.decoder = decoder
    self.kernels = kernels
  }

  /// Adds them all, as the trainer that made them did.
  ///
  /// - Throws: An error that names a matrix which no layer has, or has in another shape.
  package func add(_ files: AdapterFiles, to weights: FloatBuffer) throws {
    var matrices: [String: ParameterTensor] = [:]
    for tensor in decoder.parameters.tensors where tensor.isLayerMatrix {
      let name = files.form == .gguf ? tensor.name : FolderLayout.name(of: tensor)
      matrices[String(name.dropLast(".weight".count))] = tensor
    }
    for product in files.products {
      guard let matrix = matrices[product.name] else {
        throw TrainingError(
          .configuration, field: product.name, "the model has no such matrix of a layer")
      }
      guard product.up.rows == matrix.rows, product.down.columns == matrix.columns else {
        throw TrainingError(
          .configuration, field: product.name,
          "the adapter is for [\(product.up.rows), \(product.down.columns)], the model has "
            + "[\(matrix.rows), \(matrix.columns)]")
      }
      try add(product, ordered: files.form, to: weights, matrix)
    }
  }

  private func add(
    _ product: AdapterFiles.Product, ordered form: AdapterFiles.Form, to weights: FloatBuffer,
    _ matrix: ParameterTensor
  ) throws {
    let rank = product.up.columns
    let order = RotaryOrder(headLength: decoder.shape.headLength, columns: rank)
    let isTurned = form == .folder && matrix.isRotated
    let up = product.up.values.withUnsafeBufferPointer {
      isTurned ? order.neighbours(of: $0) : Array($0)
    }.map { $0 * product.scale }
    let products = try MatrixProducts(
      kernels: kernels, largest: rank * matrix.columns.roundedUp(to: kernels.panel))
    up.withUnsafeBufferPointer { up in
      product.down.values.withUnsafeBufferPointer { down in
        guard let left = up.baseAddress, let right = down.baseAddress else { return }
        products.multiply(
          MatrixProduct(
            rows: matrix.rows, columns: matrix.columns, depth: rank,
            left: MatrixView(left, columns: rank), right: MatrixView(right, columns: matrix.columns)
          ),
          into: weights.base + matrix.offset, adding: true)
      }
    }
  }
}
