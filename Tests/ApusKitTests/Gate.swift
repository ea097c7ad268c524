import ApusKit
import Foundation

/// Holds the engine before it chooses a token, until it is opened.
final class Gate: LogitProcessor, @unchecked Sendable {
  // The condition guards the flag.
  private let condition = NSCondition()
  private var isOpen = false

  func open() {
    condition.withLock {
      isOpen = true
      condition.broadcast()
    }
  }

  func process(_ logits: inout MutableSpan<Float>, after tokens: Span<Token>) {
    condition.withLock { while !isOpen { condition.wait() } }
  }
}
