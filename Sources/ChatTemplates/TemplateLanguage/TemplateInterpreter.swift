/// Renders statements once: holds the names in scope, the output so far and the budget.
final class TemplateInterpreter {
  /// How a list of statements ended.
  enum Flow {
    case normal, breakLoop, continueLoop
  }

  let budget = TemplateBudget()
  var scope: TemplateScope
  private(set) var output = TemplateString()
  private var calls = 0
  private var scopes: [TemplateScope] = []
  private var namespaces: [TemplateNamespace] = []
  private var loops: [TemplateLoop] = []

  /// Creates an interpreter with the names that a template is given.
  init(names: [String: TemplateValue], now: TemplateDate?) {
    let globals = TemplateScope()
    globals.names = TemplateGlobals.values
    if let now { globals.names["strftime_now"] = TemplateGlobals.clock(now) }
    scope = TemplateScope(in: globals)
    scope.names = names
  }

  /// The output of a template.
  func render(_ statements: [TemplateStatement]) throws(TemplateError) -> TemplateString {
    defer { release() }
    _ = try execute(statements)
    return output
  }

  /// Values that can be reached from themselves are let go of here, and one by one, so that a
  /// long chain of them is not freed by recursion.
  private func release() {
    for scope in scopes { scope.names = [:] }
    for namespace in namespaces { namespace.members = TemplateDictionary() }
    for loop in loops { loop.changing = nil }
  }

  /// Adds to the output.
  func write(_ text: TemplateString) throws(TemplateError) {
    guard output.bytes.count + text.bytes.count <= TemplateBudget.maximumOutput else {
      throw budget.exceeded(.output, "an output of more than \(TemplateBudget.maximumOutput) bytes")
    }
    try budget.charge(text.bytes.count / TemplateBudget.bytesPerStep + text.runs.count)
    output.append(text)
  }

  /// Executes statements in a scope and returns what they wrote instead of writing it.
  func capture(
    _ statements: [TemplateStatement], in inner: TemplateScope
  ) throws(TemplateError) -> (TemplateString, Flow) {
    let outer = (output, scope)
    output = TemplateString()
    scope = inner
    defer { (output, scope) = outer }
    let flow = try execute(statements)
    return (output, flow)
  }

  /// Executes statements with a scope of their own.
  func executeInside(
    _ inner: TemplateScope, _ statements: [TemplateStatement]
  ) throws(TemplateError) -> Flow {
    let outer = scope
    scope = inner
    defer { scope = outer }
    return try execute(statements)
  }

  /// Goes one macro call deeper and comes back.
  func calling<Result>(
    _ body: () throws(TemplateError) -> Result
  ) throws(TemplateError) -> Result {
    if calls >= TemplateBudget.maximumNesting {
      throw budget.exceeded(.depth, "macros call each other too deeply")
    }
    try budget.enter(levels: 4)
    calls += 1
    defer {
      calls -= 1
      budget.leave(levels: 4)
    }
    return try body()
  }

  /// A macro that remembers the scope in progress.
  func macro(_ definition: TemplateMacroDefinition) -> TemplateMacro {
    scopes.append(scope)
    return TemplateMacro(definition, in: scope)
  }

  /// A namespace that lives no longer than the rendering.
  func namespace(_ members: TemplateDictionary) -> TemplateNamespace {
    let namespace = TemplateNamespace(members)
    namespaces.append(namespace)
    return namespace
  }

  /// A loop that lives no longer than the rendering.
  func loop(over elements: [TemplateValue]) throws(TemplateError) -> TemplateLoop {
    let loop = try TemplateLoop(elements, budget)
    loops.append(loop)
    return loop
  }

  /// The value of a name, which may be undefined.
  func value(of name: String) -> TemplateValue {
    scope.find(name) ?? .undefined("'\(name)' is undefined")
  }
}
