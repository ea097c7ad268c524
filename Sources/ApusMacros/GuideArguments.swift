#if Macros
  import SwiftSyntax
  import SwiftSyntaxMacros

  /// What a `@Guide` says.
  struct GuideArguments {
    /// The sentence for the model; nil for none.
    private(set) var description: ExprSyntax?
    /// The rules.
    private(set) var rules: [ExprSyntax] = []

    /// Reads the arguments of an attribute.
    init(_ attribute: AttributeSyntax) {
      guard case .argumentList(let arguments)? = attribute.arguments else { return }
      for argument in arguments {
        if argument.label?.text == "description" {
          description = argument.expression
        } else {
          rules.append(argument.expression)
        }
      }
    }
  }

  extension AttributeListSyntax {
    /// The attributes named `Guide`.
    var guides: [AttributeSyntax] {
      compactMap { element in
        guard case .attribute(let attribute) = element else { return nil }
        let name = attribute.attributeName.trimmedDescription
        return name == "Guide" || name == "ApusKit.Guide" ? attribute : nil
      }
    }
  }

  /// A rule of a guide whose fault can be seen in the source.
  struct RuleCheck {
    /// The rule's name, such as `range`.
    private let name: String
    private let arguments: LabeledExprListSyntax

    /// Looks at a rule; nil for what is not the call of a rule by its name.
    init?(_ rule: ExprSyntax) {
      guard let call = rule.as(FunctionCallExprSyntax.self),
        let member = call.calledExpression.as(MemberAccessExprSyntax.self)
      else { return nil }
      (name, arguments) = (member.declName.baseName.text, call.arguments)
    }

    /// What is wrong with the rule for a value of a type, and what to write; nil for nothing.
    func fault(for property: String, of type: TypeSyntax) -> String? {
      faultOfType(property, type) ?? faultOfArguments
    }

    private func faultOfType(_ property: String, _ type: TypeSyntax) -> String? {
      let (wanted, fitting): (String, [PlainType]) =
        switch name {
        case "range", "minimum", "maximum": ("numbers", [.number])
        case "anyOf", "constant", "pattern": ("a String", [.text])
        case "count", "minimumCount", "maximumCount", "element": ("lists", [.list])
        default: ("", [])
        }
      guard let found = PlainType(type), !fitting.isEmpty, !fitting.contains(found) else {
        return nil
      }
      let help: String
      switch (found, name) {
      case (.list, "range"), (.list, "minimum"), (.list, "maximum"), (.list, "anyOf"),
        (.list, "constant"), (.list, "pattern"):
        help = "write '.element(.\(name)(…))' for its elements"
      case (.text, "count"), (.text, "minimumCount"), (.text, "maximumCount"):
        help = "write a '.pattern' for its length"
      default: help = "remove it, or change the type"
      }
      return
        "'.\(name)' is for \(wanted), and '\(property)' is of type '\(type.trimmedDescription)'; \(help)"
    }

    private var faultOfArguments: String? {
      guard let first = arguments.first?.expression else { return nil }
      if name == "anyOf", let list = first.as(ArrayExprSyntax.self), list.elements.isEmpty {
        return "'.anyOf' has nothing to choose from; name at least one text"
      }
      let (lower, upper) = first.bounds
      if let lower, let upper, lower > upper {
        return "the range ends before it begins; write '\(upper.plain)...\(lower.plain)'"
      }
      if name.lowercased().hasSuffix("count"), let lower = lower ?? upper, lower < 0 {
        return "no list has fewer than 0 elements; write a count of 0 or more"
      }
      return nil
    }
  }

  /// What can be told of a type by its name.
  private enum PlainType {
    case number, text, truth, list

    init?(_ type: TypeSyntax) {
      if let optional = type.as(OptionalTypeSyntax.self) {
        self.init(optional.wrappedType)
        return
      }
      if type.is(ArrayTypeSyntax.self) {
        self = .list
        return
      }
      switch type.trimmedDescription {
      case "Int", "Double", "Float", "Decimal": self = .number
      case "String": self = .text
      case "Bool": self = .truth
      default: return nil
      }
    }
  }

  extension Double {
    /// As it is written in source.
    fileprivate var plain: String { Int(exactly: self).map(String.init) ?? "\(self)" }
  }

  extension ExprSyntax {
    /// The number that a literal is; nil for anything else.
    private var number: Double? {
      if let sign = self.as(PrefixOperatorExprSyntax.self), sign.operator.text == "-" {
        return sign.expression.number.map(-)
      }
      let text =
        self.as(IntegerLiteralExprSyntax.self)?.literal.text
        ?? self.as(FloatLiteralExprSyntax.self)?.literal.text
      return text.flatMap { Double($0.filter { $0 != "_" }) }
    }

    /// The ends of a closed range of literals, or a literal twice; nil where there is none.
    fileprivate var bounds: (Double?, Double?) {
      if let number { return (number, number) }
      // Operators are not folded before a macro sees them.
      if let sequence = self.as(SequenceExprSyntax.self) {
        let parts = Array(sequence.elements)
        guard parts.count == 3, parts[1].trimmedDescription == "..." else { return (nil, nil) }
        return (parts[0].number, parts[2].number)
      }
      if let folded = self.as(InfixOperatorExprSyntax.self),
        folded.operator.trimmedDescription == "..."
      {
        return (folded.leftOperand.number, folded.rightOperand.number)
      }
      return (nil, nil)
    }
  }
#endif
