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

  /// Splits the classes that a set cuts.
  mutating func split(by set: ByteSet) {
    var inside = [Int](repeating: 0, count: count)
    for byte in UInt8.min...UInt8.max where set.contains(byte) {
      inside[Int(classOf[Int(byte)])] += 1
    }
    var renamed = [Int?](repeating: nil, count: count)
    for index in 0..<count where inside[index] > 0 && inside[index] < sizes[index] {
      renamed[index] = representatives.count
      representatives.append(0)
      sizes.append(inside[index])
      sizes[index] -= inside[index]
    }
    for byte in UInt8.min...UInt8.max where set.contains(byte) {
      if let name = renamed[Int(classOf[Int(byte)])] { classOf[Int(byte)] = UInt8(name) }
    }
    for byte in (UInt8.min...UInt8.max).reversed() {
      representatives[Int(classOf[Int(byte)])] = byte
    }
  }

  /// Makes each byte of a set a class of its own.
  mutating func isolate(_ set: ByteSet) {
    for byte in UInt8.min...UInt8.max where set.contains(byte) {
      if sizes[Int(classOf[Int(byte)])] > 1 { split(by: ByteSet(byte...byte)) }
    }
  }

  /// Splits the classes that classes of another partition cut.
  mutating func refine(by other: ByteClasses) {
    var names: [Int: UInt8] = [:]
    var (refined, first, counts) = ([UInt8](repeating: 0, count: 256), [UInt8](), [Int]())
    for byte in 0..<256 {
      let key = Int(classOf[byte]) << 8 | Int(other.classOf[byte])
      if let name = names[key] {
        refined[byte] = name
        counts[Int(name)] += 1
      } else {
        names[key] = UInt8(first.count)
        refined[byte] = UInt8(first.count)
        first.append(UInt8(byte))
        counts.append(1)
      }
    }
    (classOf, representatives, sizes) = (refined, first, counts)
  }
}
