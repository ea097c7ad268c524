/// A weight format in which files are written, too.
package protocol WritableFormat: WeightFormat {
  /// The bytes of rows whose length is a multiple of the block's, in the file's layout.
  static func encode(_ values: UnsafeBufferPointer<Float>) -> [UInt8]
}

/// The formats in which files are written: the one place that lists them.
package enum WritableFormats {
  /// Every format.
  package static let all: [any WritableFormat.Type] = [F32.self, Q8_0.self, Q4_1.self]

  /// The names of all.
  package static var names: [String] {
    var names: [String] = []
    for format in all { names.append(format.name) }
    return names
  }

  /// The format of a name; nil where there is none.
  package static func format(named name: String) -> (any WritableFormat.Type)? {
    for format in all where format.name == name { return format }
    return nil
  }
}

extension F32: WritableFormat {
  package static func encode(_ values: UnsafeBufferPointer<Float>) -> [UInt8] {
    Array(UnsafeRawBufferPointer(values))
  }
}

extension Q8_0: WritableFormat {
  package static func encode(_ values: UnsafeBufferPointer<Float>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count / blockLength * blockBytes)
    for start in stride(from: 0, to: values.count, by: blockLength) {
      let block = values[start..<start + blockLength]
      let greatest = block.reduce(0) { max($0, $1.magnitude) }
      let scale = HalfFloat.bits(nearest: greatest / 127)
      let inverse = HalfFloat.value(scale) > 0 ? 1 / HalfFloat.value(scale) : 0
      bytes.append(half: scale)
      for value in block {
        let code = min(max((value * inverse).rounded(), -127), 127)
        bytes.append(UInt8(bitPattern: Int8(code)))
      }
    }
    return bytes
  }
}

extension Q4_1: WritableFormat {
  /// Times that scale and minimum are fitted to the codes, and codes to these.
  private static let fits = 3

  package static func encode(_ values: UnsafeBufferPointer<Float>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count / blockLength * blockBytes)
    for start in stride(from: 0, to: values.count, by: blockLength) {
      bytes += encode(block: Array(values[start..<start + blockLength]))
    }
    return bytes
  }

  /// The line d q + m through a block that leaves the least squared error of those tried.
  private static func encode(block: [Float]) -> [UInt8] {
    var line = Line(
      scale: ((block.max() ?? 0) - (block.min() ?? 0)) / 15, minimum: block.min() ?? 0)
    var best = line.rounded
    for _ in 0..<fits {
      line = Line(fitting: block, best.codes(block)) ?? line
      if line.rounded.error(block) < best.error(block) { best = line.rounded }
    }
    let codes = best.codes(block)
    var bytes: [UInt8] = []
    bytes.append(half: HalfFloat.bits(nearest: best.scale))
    bytes.append(half: HalfFloat.bits(nearest: best.minimum))
    for index in 0..<16 { bytes.append(codes[index] | codes[index + 16] << 4) }
    return bytes
  }

  private struct Line {
    let scale: Float
    let minimum: Float

    init(scale: Float, minimum: Float) {
      self.scale = scale
      self.minimum = minimum
    }

    /// The line of least squares; nil where all codes are alike.
    init?(fitting block: [Float], _ codes: [UInt8]) {
      let count = Double(block.count)
      let codes = codes.map(Double.init)
      let codeSum = codes.reduce(0, +)
      let sum = block.reduce(0) { $0 + Double($1) }
      let squares = codes.reduce(0) { $0 + $1 * $1 }
      let products = zip(codes, block).reduce(0) { $0 + $1.0 * Double($1.1) }
      let spread = count * squares - codeSum * codeSum
      guard spread > 0 else { return nil }
      let scale = (count * products - codeSum * sum) / spread
      self.init(scale: Float(scale), minimum: Float((sum - scale * codeSum) / count))
    }

    /// The line as a file can state it.
    var rounded: Line {
      Line(
        scale: HalfFloat.value(HalfFloat.bits(nearest: scale)),
        minimum: HalfFloat.value(HalfFloat.bits(nearest: minimum)))
    }

    func codes(_ block: [Float]) -> [UInt8] {
      let inverse = scale > 0 ? 1 / scale : 0
      return block.map { UInt8(min(max((($0 - minimum) * inverse).rounded(), 0), 15)) }
    }

    func error(_ block: [Float]) -> Double {
      zip(block, codes(block)).reduce(0) { sum, pair in
        let distance = Double(scale * Float(pair.1) + minimum - pair.0)
        return sum + distance * distance
      }
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append(half bits: UInt16) {
    append(UInt8(truncatingIfNeeded: bits))
    append(UInt8(truncatingIfNeeded: bits >> 8))
  }
}
