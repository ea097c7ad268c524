extension TemplateInterpreter {
  /// `value.name`: a method, or else a member.
  func attribute(
    _ name: String, of value: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    switch value {
    case .undefined(let reason): throw budget.fault(reason)
    case .string(let string):
      if let method = StringMethods.method(name, of: string) { return method }
    case .dictionary(let dictionary):
      if let method = DictionaryMethods.method(name, of: dictionary) { return method }
      if let member = dictionary.find(name) { return member }
    case .list(let list), .tuple(let list):
      if let method = ListMethods.method(name, of: list) { return method }
    case .namespace(let namespace):
      // A name that begins with an underscore could be the host's in Jinja, and is refused.
      if !name.hasPrefix("_"), let member = namespace.members.find(name) { return member }
    case .loop(let loop):
      if let member = loop.attribute(name) { return member }
    case .cycler(let cycler):
      if let member = cycler.attribute(name) { return member }
    case .macro(let macro):
      if name == "name" { return macro.definition.name.map { .text($0) } ?? .none }
    default: break
    }
    return missing(name, of: value)
  }

  private func missing(_ name: String, of value: TemplateValue) -> TemplateValue {
    .undefined("a \(value.typeName) has no attribute '\(name)'")
  }

  /// `value[index]`: an element or member, or else an attribute.
  func item(
    _ index: TemplateValue, of value: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    switch value {
    case .undefined(let reason): throw budget.fault(reason)
    case .dictionary(let dictionary):
      if let member = dictionary.find(index) { return member }
    case .list(let list), .tuple(let list):
      if let position = position(index, in: list.elements.count) { return list.elements[position] }
    case .range(let range):
      if let position = position(index, in: range.count) {
        return .integer(range.start &+ position &* range.step)
      }
    case .string(let string):
      if case .integer = index { return try scalar(index, of: string) }
      if case .boolean = index { return try scalar(index, of: string) }
    default: break
    }
    if case .string(let name) = index { return try attribute(name.text, of: value) }
    return .undefined("a \(value.typeName) has no such element")
  }

  private func position(_ index: TemplateValue, in count: Int) -> Int? {
    let number: Int
    switch index {
    case .integer(let value): number = value
    case .boolean(let value): number = value ? 1 : 0
    default: return nil
    }
    let position = number < 0 ? number + count : number
    return (0..<count).contains(position) ? position : nil
  }

  private func scalar(
    _ index: TemplateValue, of string: TemplateString
  ) throws(TemplateError) -> TemplateValue {
    try budget.charge(bytes: string.bytes.count)
    let offsets = string.offsets
    guard let position = position(index, in: offsets.count - 1) else {
      return .undefined("a string has no such scalar")
    }
    return .string(string[offsets[position]..<offsets[position + 1]])
  }

  /// `value[start:stop:step]`.
  func slice(
    _ value: TemplateValue, _ bounds: TemplateSlice
  ) throws(TemplateError) -> TemplateValue {
    let step = try bound(bounds.step) ?? 1
    let start = try bound(bounds.start)
    let stop = try bound(bounds.stop)
    if case .undefined(let reason) = value { throw budget.fault(reason) }
    if step == 0 { throw budget.fault("a slice's step cannot be zero") }
    switch value {
    case .string(let string): return try slice(string, start, stop, step)
    case .list(let list):
      let indices = SliceIndices(start, stop, step, count: list.elements.count)
      return .list(try TemplateList(indices.values.map { list.elements[$0] }, budget))
    case .tuple(let list):
      let indices = SliceIndices(start, stop, step, count: list.elements.count)
      return .tuple(try TemplateList(indices.values.map { list.elements[$0] }, budget))
    case .range(let range):
      let elements = range.elements
      let indices = SliceIndices(start, stop, step, count: elements.count)
      return .list(try TemplateList(indices.values.map { elements[$0] }, budget))
    default: throw budget.fault("a \(value.typeName) cannot be sliced")
    }
  }

  private func bound(_ expression: TemplateExpression?) throws(TemplateError) -> Int? {
    guard let expression else { return nil }
    switch try evaluate(expression) {
    case .integer(let value): return value
    case .boolean(let value): return value ? 1 : 0
    case .none: return nil
    default: throw budget.fault("a slice's bounds are integers")
    }
  }

  private func slice(
    _ string: TemplateString, _ start: Int?, _ stop: Int?, _ step: Int
  ) throws(TemplateError) -> TemplateValue {
    try budget.charge(string.bytes.count / 16 + string.runs.count)
    let offsets = string.offsets
    let indices = SliceIndices(start, stop, step, count: offsets.count - 1)
    if step == 1 { return .string(string[offsets[indices.first]..<offsets[indices.end]]) }
    try budget.charge(indices.values.count &* string.runs.count)
    var result = TemplateString()
    for index in indices.values { result.append(string, offsets[index]..<offsets[index + 1]) }
    return .string(result)
  }

  /// The elements that a loop over a value visits.
  func iterate(_ value: TemplateValue) throws(TemplateError) -> [TemplateValue] {
    switch value {
    case .undefined: return []
    case .list(let list), .tuple(let list), .view(_, let list):
      try budget.charge(list.elements.count)
      return list.elements
    case .dictionary(let dictionary):
      try budget.charge(dictionary.entries.count)
      return dictionary.keys
    case .range(let range):
      try budget.charge(range.count)
      return range.elements
    case .iterator(let iterator): return iterator.takeAll()
    case .string(let string):
      try budget.reserve(elements: string.count)
      var cursor = PieceCursor(string)
      let offsets = string.offsets
      return zip(offsets, offsets.dropFirst()).map { .string(cursor.piece($0..<$1)) }
    case .loop(let loop): return Array(loop.elements.dropFirst(loop.index + 1))
    default: throw budget.fault("a \(value.typeName) cannot be iterated over")
    }
  }
}

/// The positions that a slice takes, by Python's rules.
struct SliceIndices {
  /// The positions in order.
  let values: [Int]
  /// For a step of one: the first position and the one after the last.
  let first: Int
  let end: Int

  /// Clamps the bounds to a number of elements; the step is not zero.
  init(_ start: Int?, _ stop: Int?, _ step: Int, count: Int) {
    func clamp(_ bound: Int, _ lowest: Int, _ highest: Int) -> Int {
      min(max(bound < 0 ? bound + count : bound, lowest), highest)
    }
    if step > 0 {
      first = start.map { clamp($0, 0, count) } ?? 0
      end = max(first, stop.map { clamp($0, 0, count) } ?? count)
      values = Array(stride(from: first, to: end, by: min(step, count + 1)))
    } else {
      first = start.map { clamp($0, -1, count - 1) } ?? count - 1
      end = min(first, stop.map { clamp($0, -1, count - 1) } ?? -1)
      values = Array(stride(from: first, to: end, by: max(step, -count - 1)))
    }
  }
}

extension TemplateLoop {
  /// What a template may ask a loop.
  func attribute(_ name: String) -> TemplateValue? {
    switch name {
    case "index": return .integer(index + 1)
    case "index0": return .integer(index)
    case "revindex": return .integer(elements.count - index)
    case "revindex0": return .integer(elements.count - index - 1)
    case "first": return .boolean(index == 0)
    case "last": return .boolean(index == elements.count - 1)
    case "length": return .integer(elements.count)
    case "depth": return .integer(1)
    case "depth0": return .integer(0)
    case "previtem":
      return index > 0 ? elements[index - 1] : .undefined("there is no previous item")
    case "nextitem":
      return index + 1 < elements.count
        ? elements[index + 1] : .undefined("there is no next item")
    case "cycle":
      return .function(TemplateFunction(name, depth: depth + 1, cycle))
    case "changed":
      return .function(TemplateFunction(name, depth: depth + 1, changed))
    default: return nil
    }
  }

  private func cycle(
    _ interpreter: TemplateInterpreter, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let values = arguments.positional
    if values.isEmpty { throw interpreter.budget.fault("no items for cycling given") }
    return values[index % values.count]
  }

  private func changed(
    _ interpreter: TemplateInterpreter, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let values = arguments.positional
    if let changing, try interpreter.equal(changing, values) { return .boolean(false) }
    _ = try interpreter.budget.nesting(of: values)
    changing = values
    return .boolean(true)
  }
}

extension TemplateCycler {
  /// What a template may ask a cycler.
  func attribute(_ name: String) -> TemplateValue? {
    switch name {
    case "current": return current
    case "next":
      return .function(
        TemplateFunction(name, depth: depth + 1) { (_, _) throws(TemplateError) in self.next() })
    case "reset":
      return .function(
        TemplateFunction(name, depth: depth + 1) { (_, _) throws(TemplateError) in
          self.reset()
          return .none
        })
    default: return nil
    }
  }
}
