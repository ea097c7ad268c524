import CPlatform

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The keys of a terminal while a program reads them itself.
///
/// Whatever ends or stops the process, the terminal is first put back in order.
package struct TerminalKeys: Sendable {
  /// How keys reach the program.
  package enum Mode: Sendable, Hashable {
    /// In whole lines that the system edits, as before.
    case inLines
    /// One by one and unseen, the interrupt key among them.
    case each
    /// One by one and unseen; those that the system makes signals of are signals.
    case andSignals
  }

  /// Why a terminal could not be taken over.
  package struct Failure: Error, Hashable, CustomStringConvertible {
    /// The system's number of the reason.
    package let code: CInt

    package var description: String {
      let reason = strerror(code).map { String(cString: $0) } ?? "system error \(code)"
      return "the keys of the terminal cannot be read: \(reason)"
    }
  }

  /// The open terminal whose keys are read.
  package let input: CInt
  /// Where signals are read from, as bytes with their numbers: interrupts, changes of the size, and
  /// that the process goes on after it was stopped.
  package let signals: CInt

  /// Takes a terminal over.
  ///
  /// - Parameters:
  ///   - input: The open terminal.
  ///   - screen: Where it is written to; nil where it obeys no sequences.
  package init(input: CInt, screen: CInt?) throws(Failure) {
    signals = apus_take_terminal(input, screen ?? -1)
    guard signals >= 0 else { throw Failure(code: errno) }
    self.input = input
  }

  /// Changes how keys reach the program.
  package func set(_ mode: Mode) throws(Failure) {
    let mode =
      switch mode {
      case .inLines: APUS_KEYS_IN_LINES
      case .each: APUS_KEYS_EACH
      case .andSignals: APUS_KEYS_AND_SIGNALS
      }
    guard apus_set_keys_mode(mode) == 0 else { throw Failure(code: errno) }
  }

  /// Puts the terminal back in order, and gives signals the meaning that they had.
  package func giveBack() {
    apus_give_terminal_back()
  }
}
