import GPTModel

/// Whether an engine makes progress, from one look to the next. A plain value.
///
/// An engine that has nothing to do is fine. One that had something to do at the last look and still has
/// must have finished a step since.
struct EngineProgress: Sendable {
  private var steps = 0
  private var hadWork = false

  /// Takes note of what the engine is doing now.
  ///
  /// - Returns: False where nothing has moved since the last look.
  mutating func advances(to status: EngineStatus) -> Bool {
    let hasWork = status.running + status.waiting > 0
    defer { (steps, hadWork) = (status.steps, hasWork) }
    return !(hasWork && hadWork) || status.steps != steps
  }
}
