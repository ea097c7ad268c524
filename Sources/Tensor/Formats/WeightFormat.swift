/// One way in which a model file stores a weight matrix: its layout, and what products do with it.
public protocol WeightFormat: Sendable {
  /// The format's own name, as in `Q4_1`.
  static var name: String { get }
  /// The values of a row that are stored together.
  static var blockLength: Int { get }
  /// The bytes of such a block in the file.
  static var blockBytes: Int { get }

  /// Decodes one row from the file's layout, plainly: the reference of the packed form.
  ///
  /// `source` holds the whole blocks of `out`.
  static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>)

  /// The memory that a matrix `[rows, columns]` takes once it is repacked.
  static func packedBytes(rows: Int, columns: Int) -> Int

  /// Repacks a matrix for its product; refuses, naming the row, values that are not finite.
  static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights
}

extension WeightFormat {
  /// As much as in the file, where the form stays the same.
  public static func packedBytes(rows: Int, columns: Int) -> Int {
    rows * (columns / blockLength) * blockBytes
  }
}

/// All weight formats: the one place that lists them.
public enum WeightFormats {
  /// Every format.
  public static let all: [any WeightFormat.Type] = [
    F32.self, F16.self, Q4_0.self, Q4_1.self, Q5_0.self, Q5_1.self, Q8_0.self, Q2_K.self, Q3_K.self,
    Q4_K.self, Q5_K.self, Q6_K.self, IQ4_NL.self, IQ4_XS.self, BF16.self, MXFP4.self, NVFP4.self,
    IQ3_S.self, IQ3_XXS.self, IQ2_S.self, IQ2_XS.self, IQ2_XXS.self, IQ1_M.self, IQ1_S.self,
    TQ2_0.self, TQ1_0.self, Q2_0.self, Q1_0.self, F8_E4M3.self, F8_E5M2.self, INT8_G32.self,
    INT4_G128.self, INT4_G32.self,
  ]

  /// The format of a name.
  public static func format(named name: String) -> (any WeightFormat.Type)? {
    all.first { $0.name == name }
  }
}

/// A weight matrix `[N, K]` in the file's layout, its size already checked.
// Unchecked: nothing writes to the bytes while it lives.
public struct FileWeights: @unchecked Sendable {
  /// The format's name, for errors.
  public let name: String
  /// N.
  public let rows: Int
  /// K.
  public let columns: Int
  /// The rows, one after the other.
  public let bytes: UnsafeRawBufferPointer
  /// Where the packed form goes.
  let memory: WeightMemory

  /// The error that refuses a row.
  func notFinite(row: Int) -> TensorError {
    TensorError(
      .notFinite, "\(name) weights", expected: "finite values",
      given: "NaN or infinity in row \(row) of \(rows)")
  }
}
