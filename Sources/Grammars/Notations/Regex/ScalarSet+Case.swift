extension ScalarSet {
  /// The set with everything that differs from one of its scalars in case only.
  var closedOverCase: ScalarSet {
    var more: [ClosedRange<UInt32>] = []
    for (scalar, others) in ScalarSet.variants where contains(scalar) {
      for other in others { more.append(other...other) }
    }
    return union(ScalarSet(more))
  }

  /// The scalars that have others that differ in case only, with those.
  private static let variants: [UInt32: [UInt32]] = {
    var groups: [UInt32: [UInt32]] = [:]
    for value in UInt32(0)...0x1FFFF {
      guard let scalar = Unicode.Scalar(value), scalar.properties.isCased || value == 0x345 else {
        continue
      }
      groups[folded(scalar).value, default: []].append(value)
    }
    var result: [UInt32: [UInt32]] = [:]
    for group in groups.values where group.count > 1 {
      for scalar in group { result[scalar] = group.filter { $0 != scalar } }
    }
    return result
  }()

  /// The simple case folding of Unicode: what letters that differ in case only have in common.
  private static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    // The Turkish letters I with a dot and i without one differ from the others in more than case.
    if scalar.value == 0x130 || scalar.value == 0x131 { return scalar }
    return single(single(scalar, \.uppercaseMapping), \.lowercaseMapping)
  }

  private static func single(
    _ scalar: Unicode.Scalar, _ mapping: KeyPath<Unicode.Scalar.Properties, String>
  ) -> Unicode.Scalar {
    let mapped = scalar.properties[keyPath: mapping].unicodeScalars
    return mapped.count == 1 ? mapped.first ?? scalar : scalar
  }
}
