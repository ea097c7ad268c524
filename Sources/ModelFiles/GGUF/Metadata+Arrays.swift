extension Metadata {
  /// The strings of a key, whose number must lie in a range.
  package func strings(
    _ key: String, count: ClosedRange<Int>
  ) throws(ModelError) -> StringTable {
    try require(stringsIfPresent(key, count: count), key)
  }

  /// The strings of a key, whose number must lie in a range; nil where the key is missing.
  package func stringsIfPresent(
    _ key: String, count: ClosedRange<Int>
  ) throws(ModelError) -> StringTable? {
    guard let entry = entry(of: key) else { return nil }
    guard case .strings(let table) = entry.value else {
      throw wrongType(entry, key, wanted: "an array of strings")
    }
    try check(table.count, in: count, entry, key)
    return table
  }

  /// The integers of a key; their number and every value must lie in ranges.
  package func integers(
    _ key: String, count: ClosedRange<Int>, in range: ClosedRange<Int>
  ) throws(ModelError) -> [Int] {
    try require(integersIfPresent(key, count: count, in: range), key)
  }

  /// The integers of a key, with number and values in ranges; nil where the key is missing.
  package func integersIfPresent(
    _ key: String, count: ClosedRange<Int>, in range: ClosedRange<Int>
  ) throws(ModelError) -> [Int]? {
    guard let (entry, numbers) = try numbers(key, count: count) else { return nil }
    var result: [Int] = []
    result.reserveCapacity(numbers.count)
    for index in 0..<numbers.count {
      let element = Entry(value: numbers[index], offset: entry.offset)
      result.append(try integer(element, key: key, in: range))
    }
    return result
  }

  /// The numbers of a key, each finite; how many there are must lie in a range.
  package func floats(
    _ key: String, count: ClosedRange<Int>
  ) throws(ModelError) -> [Float] {
    try require(floatsIfPresent(key, count: count), key)
  }

  /// The numbers of a key, each finite; nil where the key is missing.
  ///
  /// - Parameter allowsNothing: Whether numbers may be minus infinity.
  package func floatsIfPresent(
    _ key: String, count: ClosedRange<Int>, allowsNothing: Bool = false
  ) throws(ModelError) -> [Float]? {
    guard let (entry, numbers) = try numbers(key, count: count) else { return nil }
    let greatest = Double(Float.greatestFiniteMagnitude)
    var result: [Float] = []
    result.reserveCapacity(numbers.count)
    for index in 0..<numbers.count {
      let element = Entry(value: numbers[index], offset: entry.offset)
      if allowsNothing, case .float(-.infinity) = numbers[index] {
        result.append(-.infinity)
        continue
      }
      result.append(Float(try float(element, key: key, in: -greatest...greatest)))
    }
    return result
  }

  /// The truth values of a key, whose number must lie in a range.
  package func flags(
    _ key: String, count: ClosedRange<Int>
  ) throws(ModelError) -> [Bool] {
    let (entry, numbers) = try require(numbers(key, count: count), key)
    return try (0..<numbers.count).map { index throws(ModelError) in
      guard case .bool(let flag) = numbers[index] else {
        throw wrongType(entry, key, wanted: "an array of truth values")
      }
      return flag
    }
  }

  private func numbers(
    _ key: String, count: ClosedRange<Int>
  ) throws(ModelError) -> (Entry, NumberArray)? {
    guard let entry = entry(of: key) else { return nil }
    guard case .numbers(let array) = entry.value else {
      throw wrongType(entry, key, wanted: "an array of numbers")
    }
    try check(array.count, in: count, entry, key)
    return (entry, array)
  }

  private func check(
    _ found: Int, in count: ClosedRange<Int>, _ entry: Entry, _ key: String
  ) throws(ModelError) {
    guard count.contains(found) else {
      throw ModelError(
        .invalid, field: key, offset: entry.offset,
        "the array has \(found) elements; it must have"
          + " \(count.lowerBound)...\(count.upperBound)")
    }
  }
}
