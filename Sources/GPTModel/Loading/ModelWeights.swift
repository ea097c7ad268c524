import ModelFiles
package import Tensor

/// The tensors of a model, in memory and by name.
package struct ModelWeights: Sendable {
  private var matrices: [String: WeightMatrix] = [:]
  private var vectors: [String: Vector] = [:]
  private let memory = WeightMemory()

  /// Creates an empty set.
  package init() {}

  /// Bytes of all tensors as the kernels read them.
  package var byteCount: Int {
    matrices.values.reduce(0) { $0 + $1.byteCount }
      + vectors.values.reduce(0) { $0 + $1.count * MemoryLayout<Float>.size }
  }

  /// The matrices by use and format.
  var groups: [WeightGroup] { WeightGroup.groups(of: matrices) }

  /// Takes in a tensor of the file.
  package mutating func add(_ tensor: TensorInfo, data: UnsafeRawBufferPointer, pool: WorkerPool)
    throws
  {
    guard tensor.dimensions.count == 2 else {
      guard tensor.fileType == F32.fileType else {
        throw ModelError(
          .unsupported, field: tensor.name, "one-dimensional tensors must be of type F32")
      }
      guard let vector = try Vector(data) else {
        throw ModelError(.notFinite, field: tensor.name, "a value is NaN or infinite")
      }
      vectors[tensor.name] = vector
      return
    }
    guard let format = WeightFormats.format(fileType: tensor.fileType) else {
      throw ModelError(.unsupported, field: tensor.name, "type \(tensor.fileType)")
    }
    do {
      matrices[tensor.name] = try WeightMatrix(
        format: format, rows: tensor.dimensions[1], columns: tensor.dimensions[0], source: data,
        memory: memory, pool: pool)
    } catch {
      throw ModelError(.notFinite, field: tensor.name, "\(error)")
    }
  }

  /// The matrix of a name.
  package func matrix(_ name: String) throws(ModelError) -> WeightMatrix {
    if let matrix = matrices[name] { return matrix }
    throw ModelError(.missing, field: name, "the file has no such matrix")
  }

  /// The vector of a name.
  package func vector(_ name: String) throws(ModelError) -> Vector {
    if let vector = vectors[name] { return vector }
    throw ModelError(.missing, field: name, "the file has no such vector")
  }

  /// The vector of a name, where the file has one.
  package func optionalVector(_ name: String) -> Vector? { vectors[name] }
}
