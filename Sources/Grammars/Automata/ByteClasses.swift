/// A partition of the bytes into classes that some sets do not tell apart.
struct ByteClasses: Sendable {
  /// The class of each byte `[256]`.
  private(set) var classOf = [UInt8](repeating: 0, count: 256)
  /// One byte of each class.
  private(set) var representatives: [UInt8] = [0]
  /// How many bytes each class has.
  private(set) var sizes: [Int] = [256]

  /// How many classes there are.
  var count: Int { representatives.count }

  /// The bytes of each class.
  var sets: [ByteSet] {
    var result = Array(repeating: ByteSet(), count: count)
    for byte in 0..<256 { result[Int(classOf[byte])].insert(UInt8(byte)) }
    return result
  }

  /// The groups of the bytes of ASCII in each class.
  var groups: [ByteGroups] {
    var result = Array(repeating: ByteGroups(), count: count)
    for byte in UInt8(0)..<0x80 { result[Int(classOf[Int(byte)])].insert(ByteGroups(of: byte)) }
    return result
  }

  /// One byte of each run from 0x80 on in one class that UTF-8 does not tell apart.
  var wideLetters: [UInt8] {
    let borders: Set<UInt8> = [
      0x80, 0x90, 0xA0, 0xC0, 0xC2, 0xE0, 0xE1, 0xED, 0xEE, 0xF0, 0xF1, 0xF4, 0xF5,
    ]
    return (UInt8(0x80)...0xFF).filter { byte in
      borders.contains(byte) || classOf[Int(byte)] != classOf[Int(byte) - 1]
    }
  }

  /// Splits the classes that a set cuts.
  mutating func split(by set: ByteSet) {
    var inside = [Int](repeating: 0, count: count)
    for byte in 0..<256 where set.contains(UInt8(byte)) { inside[Int(classOf[byte])] += 1 }
    var renamed = [Int](repeating: -1, count: count)
    for index in inside.indices where inside[index] > 0 && inside[index] < sizes[index] {
      renamed[index] = sizes.count
      sizes.append(inside[index])
      sizes[index] -= inside[index]
    }
    guard sizes.count > representatives.count else { return }
    for byte in 0..<256 where set.contains(UInt8(byte)) {
      let name = renamed[Int(classOf[byte])]
      if name >= 0 { classOf[byte] = UInt8(name) }
    }
    findRepresentatives()
  }

  /// Makes each byte of a set a class of its own.
  mutating func isolate(_ set: ByteSet) {
    for byte in 0..<256 where set.contains(UInt8(byte)) && sizes[Int(classOf[byte])] > 1 {
      sizes[Int(classOf[byte])] -= 1
      classOf[byte] = UInt8(sizes.count)
      sizes.append(1)
    }
    findRepresentatives()
  }

  private mutating func findRepresentatives() {
    representatives = Array(repeating: 0, count: sizes.count)
    var byte = 255
    while byte >= 0 {
      representatives[Int(classOf[byte])] = UInt8(byte)
      byte -= 1
    }
  }

  /// Splits the classes that classes of another partition cut.
  mutating func refine(by other: ByteClasses) {
    var names = [Int](repeating: -1, count: count * other.count)
    var counts: [Int] = []
    for byte in 0..<256 {
      let key = Int(classOf[byte]) * other.count + Int(other.classOf[byte])
      if names[key] < 0 {
        names[key] = counts.count
        counts.append(0)
      }
      counts[names[key]] += 1
      classOf[byte] = UInt8(names[key])
    }
    sizes = counts
    findRepresentatives()
  }
}
