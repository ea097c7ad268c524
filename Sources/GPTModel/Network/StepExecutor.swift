package import Tensor

/// Computes steps of a model: with blocks on this machine, or, to the engine all the same, otherwise.
package protocol StepExecutor {
  /// Copies states from slot to slot, in order.
  func copy(_ copies: [StateCopy])

  /// Computes a step.
  ///
  /// - Returns: The logits of the rows that the batch wants, [S, V]; valid until the next step.
  func run(_ batch: Batch) -> Matrix

  /// Computes the logits of neighbouring rows of the last step, [rows, V], at most as many as it was
  /// built for; they take the place of those computed before.
  func logits(ofRows rows: Range<Int>) -> Matrix

  /// The states of neighbouring rows of the last step after the last norm, [rows, W]; valid until the
  /// next call.
  func states(ofRows rows: Range<Int>) -> Matrix
}

extension StepExecutor {
  /// Does nothing, as where no layer has a state.
  package func copy(_ copies: [StateCopy]) {}
}
