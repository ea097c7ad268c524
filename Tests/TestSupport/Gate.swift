import Foundation
public import GPTModel

/// Holds an engine before it chooses a token of a request, until it is opened; changes nothing.
public final class Gate: LogitProcessor, @unchecked Sendable {
  // The condition guards the flag.
  private let condition = NSCondition()
  private var isOpen = false

  /// Creates a closed gate.
  public init() {}

  /// Lets the engine go on.
  public func open() {
    condition.withLock {
      isOpen = true
      condition.broadcast()
    }
  }

  public func process(_ logits: inout MutableSpan<Float>, after tokens: Span<Token>) {
    condition.withLock { while !isOpen { condition.wait() } }
  }
}
