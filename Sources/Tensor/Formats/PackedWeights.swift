import CKernels

/// A weight matrix in the form that its product reads: panels of some columns written, by all of K.
public protocol PackedWeights: Sendable {
  /// The memory it takes.
  var byteCount: Int { get }
  /// Whether the product reads the input rounded to 15 bits; otherwise it reads the floats.
  var readsQuantizedInput: Bool { get }
  /// The panels, which are the units of parallel work.
  var panelCount: Int { get }
  /// Where the kernels find the panels; nil where `multiply` does without them.
  var table: PanelTable? { get }

  /// Multiplies the first rows of the input with some panels.
  func multiply(panels: Range<Int>, _ operands: ProductOperands)

  /// Decodes one row `[K]`.
  func decodeRow(_ row: Int, into out: UnsafeMutablePointer<Float>)
}

/// Weights in panels, as the kernels read them.
// Unchecked: constant memory, which the weights own.
public struct PanelTable: @unchecked Sendable {
  /// How a panel is laid out.
  let kind: apus_panel_format
  /// The first panel.
  let base: UnsafePointer<UInt8>
}

/// What one product reads and writes, besides the weights.
// Unchecked: views and constant memory; the pool orders the accesses.
public struct ProductOperands: @unchecked Sendable {
  /// The rows T of the input that count.
  let rows: Int
  /// The input, `[T, K]`.
  let input: Matrix
  /// The input rounded to 15 bits, `[T, K]`, if some weights read it.
  let quantized: Activations?
  /// The output, `[T, N]`.
  let destination: Matrix
  /// What is added to each row of the product, `[N]`.
  let bias: UnsafePointer<Float>?
  /// Whether the product is added to the output.
  let accumulate: Bool
  /// The kernels.
  let kernels: UnsafePointer<apus_kernels>
  /// This worker's scratch.
  let scratch: FloatScratch
}
