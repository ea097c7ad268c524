#if Macros
  import SwiftDiagnostics
  import SwiftSyntax
  import SwiftSyntaxMacros

  /// Why a macro cannot be expanded, and what to do about it.
  struct Complaint: DiagnosticMessage {
    /// What is wrong, a semicolon, and what to write instead.
    let message: String
    let severity = DiagnosticSeverity.error
    var diagnosticID: MessageID { MessageID(domain: "ApusMacros", id: message) }
  }

  extension MacroExpansionContext {
    /// Complains about a piece of source.
    func complain(_ message: String, at node: some SyntaxProtocol) {
      diagnose(Diagnostic(node: node, message: Complaint(message: message)))
    }
  }

  extension TokenSyntax {
    /// The name without the backquotes of one that is a keyword.
    var plainName: String { text.filter { $0 != "`" } }
  }
#endif
