/// A value of the template language. Nothing in it reaches beyond the rendering.
///
/// Large payloads are boxed: evaluation is recursive, and its frames hold many values.
enum TemplateValue {
  /// Nothing, and the words for what was missing.
  case undefined(String)
  case none
  case boolean(Bool)
  case integer(Int)
  case float(Double)
  case string(TemplateString)
  case list(TemplateList)
  case tuple(TemplateList)
  indirect case dictionary(TemplateDictionary)
  /// The keys, values or items of a dictionary, under Python's name for the view.
  indirect case view(String, TemplateList)
  indirect case range(TemplateRange)
  /// Values that can be visited once.
  case iterator(TemplateIterator)
  case namespace(TemplateNamespace)
  indirect case function(TemplateFunction)
  case macro(TemplateMacro)
  case loop(TemplateLoop)
  case cycler(TemplateCycler)

  /// A text of the template's own.
  static func text(_ text: String) -> TemplateValue { .string(TemplateString(text)) }

  /// How many levels of values can be below; each level costs stack where a value is freed.
  var depth: Int {
    switch self {
    case .list(let list), .tuple(let list), .view(_, let list): list.depth
    case .dictionary(let dictionary): dictionary.depth
    case .iterator(let iterator): iterator.depth
    case .function(let function): function.depth
    case .loop(let loop): loop.depth
    case .cycler(let cycler): cycler.depth
    case .undefined, .none, .boolean, .integer, .float, .string, .range, .namespace, .macro: 0
    }
  }

  /// Python's name of the value's type, for messages.
  var typeName: String {
    switch self {
    case .undefined: "Undefined"
    case .none: "NoneType"
    case .boolean: "bool"
    case .integer: "int"
    case .float: "float"
    case .string: "str"
    case .list: "list"
    case .tuple: "tuple"
    case .dictionary: "dict"
    case .view(let name, _): name
    case .range: "range"
    case .iterator: "generator"
    case .namespace: "Namespace"
    case .function: "function"
    case .macro: "Macro"
    case .loop: "LoopContext"
    case .cycler: "Cycler"
    }
  }

  /// Whether the value is undefined.
  var isUndefined: Bool {
    if case .undefined = self { true } else { false }
  }

  /// Whether a condition on the value holds, as in Python.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .boolean(let value): value
    case .integer(let value): value != 0
    case .float(let value): value != 0
    case .string(let value): !value.isEmpty
    case .list(let list), .tuple(let list), .view(_, let list): !list.elements.isEmpty
    case .dictionary(let dictionary): !dictionary.entries.isEmpty
    case .range(let range): range.count > 0
    case .loop(let loop): !loop.elements.isEmpty
    case .iterator, .namespace, .function, .macro, .cycler: true
    }
  }
}

/// The elements of a list, and how deep values nest in them.
struct TemplateList {
  /// The elements.
  let elements: [TemplateValue]
  /// One more than the deepest element.
  let depth: Int

  /// Creates a list within the bounds of number and depth.
  init(_ elements: [TemplateValue], _ budget: TemplateBudget) throws(TemplateError) {
    try budget.reserve(elements: elements.count)
    self.elements = elements
    self.depth = try budget.nesting(of: elements)
  }
}

extension TemplateBudget {
  /// The depth of a value that holds others, unless it is beyond the bound.
  func nesting(of elements: some Sequence<TemplateValue>) throws(TemplateError) -> Int {
    var deepest = 0
    for element in elements { deepest = max(deepest, element.depth) }
    if deepest >= Self.maximumValueDepth { throw exceeded(.depth, "values nest too deeply") }
    return deepest + 1
  }
}

/// Integers from a start in steps to a stop.
struct TemplateRange {
  let start: Int
  let stop: Int
  let step: Int
  let count: Int

  /// Creates a range of a bounded number of integers; nil where there are more, or no step.
  init?(start: Int, stop: Int, step: Int) {
    guard step != 0 else { return nil }
    self.start = start
    self.stop = stop
    self.step = step
    let (distance, overflow) =
      step > 0
      ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
    guard distance > 0 || overflow else {
      count = (step > 0 ? start < stop : start > stop) ? 1 : 0
      return
    }
    let whole = overflow ? UInt.max : UInt(distance)
    let number = (whole - 1) / step.magnitude + 1
    guard number <= UInt(TemplateBudget.maximumElements) else { return nil }
    count = Int(number)
  }

  /// The integers; every one lies between start and stop.
  var elements: [TemplateValue] {
    (0..<count).map { .integer(start &+ $0 &* step) }
  }
}

/// Values that are handed out once each.
final class TemplateIterator {
  private var rest: ArraySlice<TemplateValue>
  /// One more than the deepest value.
  let depth: Int

  /// Creates an iterator over values within the bounds of number and depth.
  init(_ elements: [TemplateValue], _ budget: TemplateBudget) throws(TemplateError) {
    try budget.reserve(elements: elements.count)
    depth = try budget.nesting(of: elements)
    rest = elements[...]
  }

  /// The next value, or nil at the end.
  func next() -> TemplateValue? { rest.popFirst() }

  /// All values that are left.
  func takeAll() -> [TemplateValue] {
    defer { rest = [] }
    return Array(rest)
  }
}

/// Named values that a template may change, shared by all who hold it.
final class TemplateNamespace {
  var members: TemplateDictionary

  /// Creates a namespace.
  init(_ members: TemplateDictionary) {
    self.members = members
  }
}

/// Values handed out in turn, again and again.
final class TemplateCycler {
  let elements: [TemplateValue]
  let depth: Int
  private(set) var index = 0

  /// Creates a cycler over at least one value.
  init(_ elements: [TemplateValue], _ budget: TemplateBudget) throws(TemplateError) {
    if elements.isEmpty { throw budget.fault("at least one item has to be provided") }
    self.elements = elements
    depth = try budget.nesting(of: elements)
  }

  /// The value whose turn it is.
  var current: TemplateValue { elements[index] }

  /// The value whose turn it is; the turn moves on.
  func next() -> TemplateValue {
    defer { index = (index + 1) % elements.count }
    return current
  }

  /// Begins again with the first.
  func reset() {
    index = 0
  }
}

/// The arguments of a call.
struct TemplateArguments {
  var positional: [TemplateValue] = []
  var keywords: [(name: String, value: TemplateValue)] = []
}

/// Something of ours that a template can call.
struct TemplateFunction {
  /// What a call does.
  typealias Body =
    (TemplateInterpreter, TemplateArguments) throws(TemplateError) -> TemplateValue

  let name: String
  /// One more than the value it is bound to.
  let depth: Int
  let body: Body

  /// Creates a function, bound to a value if it is a method.
  init(_ name: String, depth: Int = 0, _ body: @escaping Body) {
    self.name = name
    self.depth = depth
    self.body = body
  }
}

/// A macro together with the scope in which it was defined.
final class TemplateMacro {
  let definition: TemplateMacroDefinition
  let scope: TemplateScope

  /// Creates a macro.
  init(_ definition: TemplateMacroDefinition, in scope: TemplateScope) {
    self.definition = definition
    self.scope = scope
  }
}

/// Where a loop stands.
final class TemplateLoop {
  let elements: [TemplateValue]
  let depth: Int
  var index = 0
  /// What `changed` was last asked about.
  var changing: [TemplateValue]?

  /// Creates the state of a loop before its first round.
  init(_ elements: [TemplateValue], _ budget: TemplateBudget) throws(TemplateError) {
    self.elements = elements
    depth = try budget.nesting(of: elements)
  }
}

/// Names and their values, within those of an enclosing scope.
final class TemplateScope {
  var names: [String: TemplateValue] = [:]
  let parent: TemplateScope?

  /// Creates a scope without names.
  init(in parent: TemplateScope? = nil) {
    self.parent = parent
  }

  /// The value of a name here or in the nearest enclosing scope that has it.
  func find(_ name: String) -> TemplateValue? {
    var scope: TemplateScope? = self
    while let current = scope {
      if let value = current.names[name] { return value }
      scope = current.parent
    }
    return nil
  }
}
