import Grammars
import Tokenizers

/// What a source is compiled with.
struct ConstraintContext {
  /// How it is understood.
  let options: ConstraintOptions
  /// Knows the control tokens that a grammar may name.
  let tokenizer: Tokenizer
  /// How the model writes thinking and calls.
  let format: CallFormat
}

/// A place in the parameters of a tool that says more than is enforced.
public struct RelaxedSchema: Sendable, Hashable {
  /// The tool, by its place in the list.
  public let tool: Int
  /// A JSON pointer into its parameters.
  public let pointer: String
}

extension AnswerForm {
  /// One answer as rules of a grammar.
  func expression(
    in builder: inout GrammarBuilder, _ context: ConstraintContext
  ) throws(ConstraintError) -> AnswerExpression {
    var rules = AnswerRules(context.format)
    rules.thinking =
      switch thinking {
      case .absent: .absent
      case .possible: .possible
      case .open: .open
      }
    if let tools {
      rules.tools = tools.tools.map {
        AnswerRules.Tool(
          name: $0.name, parameters: $0.parameters, isStrict: $0.isStrict,
          inputGrammar: $0.inputGrammar)
      }
      rules.isParallel = tools.isParallel
      rules.choice =
        switch tools.choice {
        case .auto: .auto
        case .required: .required
        case .none: .none
        }
      rules.hidesCalls = tools.choice == .none
    }
    do throws(AnswerRulesError) {
      let tokenizer = context.tokenizer
      let controlToken = { (text: String) in tokenizer.controlToken(spelled: text) }
      guard let text else {
        return try rules.compile(into: &builder, controlToken: controlToken)
      }
      return try rules.compile(
        into: &builder, controlToken: controlToken,
        form: { (builder) throws(GrammarErrors) in
          try text.expression(in: &builder, context.options, tokenizer)
        })
    } catch {
      let tool = error.tool.flatMap { rules.tools.indices.contains($0) ? rules.tools[$0] : nil }
      let toolSubject = tool?.inputGrammar == nil ? "the schema" : "the grammar"
      let subject = error.tool == nil ? text?.subject ?? "the answer" : toolSubject
      var fault = ConstraintError(error.faults.faults, of: subject)
      fault.tool = error.tool
      throw fault
    }
  }
}
