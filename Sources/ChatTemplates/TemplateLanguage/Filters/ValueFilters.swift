extension TemplateFilters {
  /// Filters for values of any kind.
  static let values: [String: Body] = [
    "default": defaulted,
    "d": defaulted,
    "attr": { (interpreter, value, arguments) throws(TemplateError) in
      let bound = try arguments.bound(to: "name", function: "attr", interpreter.budget)
      let name = try interpreter.text(bound[0]).text
      switch value {
      // Members of a dictionary are no attributes, and there are no others.
      case .dictionary, .undefined: return .undefined("no attribute '\(name)'")
      default: return try interpreter.attribute(name, of: value)
      }
    },
  ]

  private static func defaulted(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(
      to: "default_value", "boolean", function: "default", interpreter.budget)
    let isAbsent = value.isUndefined || ((bound[1]?.isTrue ?? false) && !value.isTrue)
    return isAbsent ? bound[0] ?? .text("") : value
  }
}
