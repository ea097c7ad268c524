extension TemplateFilters {
  /// Filters that put elements in order.
  static let ordering: [String: Body] = [
    "sort": sort,
    "dictsort": dictsort,
    "unique": unique,
    "groupby": groupBy,
  ]

  private static func sort(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(
      to: "reverse", "case_sensitive", "attribute", function: "sort", interpreter.budget)
    let isSensitive = bound[1]?.isTrue ?? false
    let paths = try sortPaths(interpreter, bound[2])
    let elements = try interpreter.iterate(value)
    var keys: [TemplateValue] = []
    for element in elements {
      var parts: [TemplateValue] = []
      for path in paths {
        let part = try interpreter.follow(path, from: element)
        parts.append(try interpreter.sortKey(part, caseSensitive: isSensitive))
      }
      keys.append(try interpreter.list(parts))
    }
    let order = try interpreter.sortedIndices(of: keys, descending: bound[0]?.isTrue ?? false)
    return try interpreter.list(order.map { elements[$0] })
  }

  /// The attributes to sort by, which commas separate.
  private static func sortPaths(
    _ interpreter: TemplateInterpreter, _ attribute: TemplateValue?
  ) throws(TemplateError) -> [[TemplateValue]] {
    switch attribute {
    case nil, .some(.none): return [[]]
    case .string(let text)?:
      let commas = try text.occurrences(of: TemplateString(","), interpreter.budget)
      var paths: [[TemplateValue]] = []
      for name in text.pieces(between: commas, separatorLength: 1) {
        paths.append(try interpreter.attributePath(.string(name)))
      }
      return paths
    case let attribute?: return [try interpreter.attributePath(attribute)]
    }
  }

  private static func dictsort(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(
      to: "case_sensitive", "by", "reverse", function: "dictsort", interpreter.budget)
    guard case .dictionary(let members) = value else {
      throw interpreter.budget.fault("dictsort takes a mapping")
    }
    let by = try interpreter.string(bound[1] ?? .text("key")).text
    guard by == "key" || by == "value" else {
      throw interpreter.budget.fault("dictsort sorts by key or by value")
    }
    var keys: [TemplateValue] = []
    for entry in members.entries {
      let key = by == "key" ? entry.key : entry.value
      keys.append(try interpreter.sortKey(key, caseSensitive: bound[0]?.isTrue ?? false))
    }
    let items = try members.items(interpreter.budget)
    let order = try interpreter.sortedIndices(of: keys, descending: bound[2]?.isTrue ?? false)
    return try interpreter.list(order.map { items[$0] })
  }

  private static func unique(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(
      to: "case_sensitive", "attribute", function: "unique", interpreter.budget)
    var path: [TemplateValue] = []
    if let attribute = bound[1] { path = try interpreter.attributePath(attribute) }
    var seen: Set<TemplateKey> = []
    var result: [TemplateValue] = []
    for element in try interpreter.iterate(value) {
      let key = try interpreter.sortKey(
        try interpreter.follow(path, from: element), caseSensitive: bound[0]?.isTrue ?? false)
      guard let identity = TemplateKey(key) else {
        throw interpreter.budget.fault("a \(key.typeName) cannot be told apart from others")
      }
      if seen.insert(identity).inserted { result.append(element) }
    }
    return try interpreter.iterator(result)
  }

  private static func groupBy(
    _ interpreter: TemplateInterpreter, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let bound = try arguments.bound(
      to: "attribute", "default", "case_sensitive", function: "groupby", interpreter.budget)
    guard let attribute = bound[0] else {
      throw interpreter.budget.fault("groupby takes an attribute")
    }
    let path = try interpreter.attributePath(attribute)
    let elements = try interpreter.iterate(value)
    var names: [TemplateValue] = []
    var keys: [TemplateValue] = []
    for element in elements {
      let name = try interpreter.follow(path, from: element, or: bound[1])
      names.append(name)
      keys.append(try interpreter.sortKey(name, caseSensitive: bound[2]?.isTrue ?? false))
    }
    var groups: [(key: Int, members: [TemplateValue])] = []
    for index in try interpreter.sortedIndices(of: keys, descending: false) {
      if let last = groups.last, try interpreter.equal(keys[last.key], keys[index]) {
        groups[groups.count - 1].members.append(elements[index])
      } else {
        groups.append((index, [elements[index]]))
      }
    }
    var result: [TemplateValue] = []
    for group in groups {
      let pair = [names[group.key], try interpreter.list(group.members)]
      result.append(.tuple(try TemplateList(pair, interpreter.budget)))
    }
    return try interpreter.list(result)
  }
}

extension TemplateInterpreter {
  /// The positions of keys in their order; equal ones stay as they are, also when descending.
  func sortedIndices(
    of keys: [TemplateValue], descending: Bool
  ) throws(TemplateError) -> [Int] {
    var order = Array(keys.indices)
    if descending { order.reverse() }
    var width = 1
    while width < order.count {
      var merged: [Int] = []
      merged.reserveCapacity(order.count)
      var start = 0
      while start < order.count {
        let middle = min(start + width, order.count)
        let end = min(middle + width, order.count)
        try merge(order[start..<middle], order[middle..<end], keys, into: &merged)
        start = end
      }
      order = merged
      width *= 2
    }
    return descending ? order.reversed() : order
  }

  private func merge(
    _ left: ArraySlice<Int>, _ right: ArraySlice<Int>, _ keys: [TemplateValue],
    into merged: inout [Int]
  ) throws(TemplateError) {
    var left = left
    var right = right
    while let first = left.first, let second = right.first {
      let isAfter = try order(keys[second], keys[first]).map { $0 < 0 } ?? false
      merged.append(isAfter ? second : first)
      if isAfter { right.removeFirst() } else { left.removeFirst() }
    }
    merged += left
    merged += right
  }
}
