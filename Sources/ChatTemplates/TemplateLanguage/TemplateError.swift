/// Why a chat template could not be read or rendered, and where in its source.
public struct TemplateError: Error, Sendable, Hashable {
  /// The class of a fault.
  #if hasAttribute(nonexhaustive)
    @nonexhaustive
  #endif
  public enum Kind: Sendable, Hashable {
    /// The source breaks the language's rules.
    case syntax
    /// An operation had no meaning for its operands.
    case runtime
    /// The template itself refused the conversation, by `raise_exception`.
    case raised
    /// The template does not show the last message's text, so that nothing can continue it.
    case notContinuable
    /// A bound on work or size was reached.
    case budget(Bound)
  }

  /// A bound on what a template may use.
  #if hasAttribute(nonexhaustive)
    @nonexhaustive
  #endif
  public enum Bound: String, Sendable, Hashable {
    /// Expressions evaluated, elements visited and bytes copied, in steps.
    case steps
    /// Levels of nesting, of blocks and expressions, of macro calls, or of values.
    case depth
    /// Bytes of the output or of one text, or elements of one list.
    case output
    /// Bytes of the template.
    case source
  }

  /// What an error says. It is boxed because every frame of a recursion that can throw has room
  /// for an error.
  private final class Report: Sendable {
    let kind: Kind
    let message: String
    let position: TemplatePosition

    init(_ kind: Kind, _ message: String, _ position: TemplatePosition) {
      self.kind = kind
      self.message = message
      self.position = position
    }
  }

  private let report: Report

  /// The class of the fault.
  public var kind: Kind { report.kind }
  /// What is wrong, in at most 200 bytes.
  public var message: String { report.message }
  /// The line of the source, from 1.
  public var line: Int { report.position.line }
  /// The column within the line, in Unicode scalars, from 1.
  public var column: Int { report.position.column }

  /// Creates an error whose message is cut to 200 bytes.
  init(_ kind: Kind, _ message: String, at position: TemplatePosition) {
    report = Report(kind, Self.cut(message, to: 200), position)
  }

  /// A conversation whose last message the template does not let the answer continue.
  static let notContinuable = TemplateError(
    .notContinuable, "the last message cannot be continued",
    at: TemplatePosition(line: 1, column: 1))

  /// Whether two errors say the same.
  public static func == (one: TemplateError, other: TemplateError) -> Bool {
    one.kind == other.kind && one.message == other.message
      && one.report.position == other.report.position
  }

  /// Adds what an error says to a hasher.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(message)
    hasher.combine(report.position)
  }

  private static func cut(_ message: String, to limit: Int) -> String {
    guard message.utf8.count > limit else { return message }
    var result = ""
    var length = 0
    for scalar in message.unicodeScalars {
      length += UTF8.width(scalar)
      if length > limit { break }
      result.unicodeScalars.append(scalar)
    }
    return result
  }
}

extension TemplateError: CustomStringConvertible {
  /// One line: message and place.
  public var description: String { "\(message) (template line \(line), column \(column))" }
}

/// A place in a template's source, counted from 1.
struct TemplatePosition: Sendable, Hashable {
  var line = 1
  var column = 1
}
