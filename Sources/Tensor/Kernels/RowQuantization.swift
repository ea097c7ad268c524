import CKernels

extension Activations {
  /// Rounds `columns` floats into a row of 15 bits each, a scale for each block of 32.
  ///
  /// A block with a value that is not finite gets the scale NaN, which every product of it inherits.
  public func quantize(row: Int, from source: UnsafePointer<Float>, using processor: Processor) {
    precondition(row >= 0 && row < rows, "no such row")
    withUnsafePointer(to: raw) { processor.kernels.pointee.quantize_row(source, row, $0) }
  }
}
