import Synchronization

/// Something of a model's files that was read otherwise than it is written, or not at all.
public struct ModelWarning: Sendable, Hashable {
  /// The key, tensor or file that it is about.
  public let field: String
  /// What was found, and what was made of it.
  public let detail: String

  /// Creates a warning.
  public init(field: String, _ detail: String) {
    self.field = field
    self.detail = detail
  }
}

extension ModelWarning: CustomStringConvertible {
  /// One line: field and detail, each of them bounded.
  public var description: String { "\(Self.line(field)): \(Self.line(detail))" }

  private static func line(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(400).map { scalar in
      scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
    }
    return String(String.UnicodeScalarView(scalars))
  }
}

/// What reading a model's files came across: the keys that were asked for, and what was repaired.
///
/// All values that stem from one set of files share one of these.
package final class LoadingNotes: Sendable {
  private struct State {
    var keys: Set<String> = []
    var warnings: [ModelWarning] = []
  }

  private let state = Mutex(State())

  /// Creates notes of files that nobody has read.
  package init() {}

  /// The warnings so far, first to last, each once.
  package var warnings: [ModelWarning] { state.withLock { $0.warnings } }

  /// Notes that a key was asked for.
  package func read(_ key: String) {
    state.withLock { _ = $0.keys.insert(key) }
  }

  /// Whether a key was asked for.
  package func hasRead(_ key: String) -> Bool { state.withLock { $0.keys.contains(key) } }

  /// Notes a warning.
  package func warn(_ field: String, _ detail: String) {
    let warning = ModelWarning(field: field, detail)
    state.withLock {
      if !$0.warnings.contains(warning) { $0.warnings.append(warning) }
    }
  }
}
