package import ModelFiles
package import Tensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The tensors of a model, in memory and by canonical name.
package struct ModelWeights: Sendable {
  private var matrices: [String: WeightMatrix] = [:]
  private var vectors: [String: Vector] = [:]
  /// What adapters add to matrices' products, by the matrix and for each adapter.
  private var updates: [String: [LowRankUpdate?]] = [:]
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

  /// Whether all matrices are kept as float32.
  var areFloat32: Bool { matrices.values.allSatisfy { $0.format.name == F32.name } }

  /// Takes in a tensor of the files.
  package mutating func add(_ tensor: SourceTensor, data: UnsafeRawBufferPointer, pool: WorkerPool)
    throws
  {
    guard tensor.dimensions.count == 2, !tensor.isVector else {
      vectors[tensor.name] = try Self.vector(tensor, data)
      return
    }
    do {
      matrices[tensor.name] = try WeightMatrix(
        format: tensor.format, rows: tensor.dimensions[1], columns: tensor.dimensions[0],
        source: data, memory: memory, pool: pool)
    } catch {
      throw ModelError(.notFinite, field: tensor.fileName, "\(error)")
    }
  }

  private static func vector(_ tensor: SourceTensor, _ data: UnsafeRawBufferPointer) throws
    -> Vector
  {
    guard tensor.format.blockLength == 1 else {
      throw ModelError(
        .unsupported, field: tensor.fileName, "one-dimensional tensors must be plain numbers")
    }
    var values = [Float](repeating: 0, count: tensor.elementCount)
    values.withUnsafeMutableBufferPointer { tensor.format.decode(data, into: $0) }
    if tensor.isLogarithm {
      for index in values.indices { values[index] = Float(-exp(Double(values[index]))) }
    }
    if tensor.offset != 0 { for index in values.indices { values[index] += tensor.offset } }
    guard let vector = try values.withUnsafeBytes({ try Vector($0) }) else {
      throw ModelError(.notFinite, field: tensor.fileName, "a value is NaN or infinite")
    }
    return vector
  }

  /// The matrix of a name.
  package func matrix(_ name: String) throws(ModelError) -> WeightMatrix {
    if let matrix = matrices[name] { return matrix }
    throw ModelError(.missing, field: name, "the model has no such matrix")
  }

  /// The vector of a name.
  package func vector(_ name: String) throws(ModelError) -> Vector {
    if let vector = vectors[name] { return vector }
    throw ModelError(.missing, field: name, "the model has no such vector")
  }

  /// Takes in adapters, each as products by the names of matrices.
  mutating func add(_ adapters: [[String: LowRankUpdate]]) {
    for (place, adapter) in adapters.enumerated() {
      for (name, update) in adapter {
        updates[name, default: Array(repeating: nil, count: adapters.count)][place] = update
      }
    }
  }

  /// What adapters add to the product of a matrix; none where none does.
  func updates(of name: String) -> [LowRankUpdate?] { updates[name] ?? [] }

  /// The vector of a name, where the model has one.
  package func optionalVector(_ name: String) -> Vector? { vectors[name] }
}
