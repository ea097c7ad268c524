import Dispatch
import Foundation

/// Does something when the interrupt key is pressed, until it is ended.
struct InterruptWatch {
  private let source: any DispatchSourceRead

  /// Begins to watch.
  ///
  /// - Parameter signals: Where signals are read from, without waiting.
  init(signals: CInt, onInterrupt: @escaping @Sendable () -> Void) {
    source = DispatchSource.makeReadSource(fileDescriptor: signals, queue: .global())
    let reader = InputReader(input: -1, signals: signals)
    source.setEventHandler {
      while let signal = reader.takeSignal() {
        if signal == SIGINT { onInterrupt() }
      }
    }
    source.activate()
  }

  /// Ends watching.
  func end() { source.cancel() }
}
