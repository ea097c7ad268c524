extension MalformedModelFiles {
  /// A file with one to three random changes; the same seed gives the same file.
  ///
  /// The changes know the file's structure: besides single bytes they hit whole fields, with numbers
  /// at which arithmetic goes wrong, and move or remove fields as a buggy writer would.
  package static func mutation(of image: GGUFImage, seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    var bytes = image.bytes
    for _ in 0...generator.below(3) {
      mutate(&bytes, fields: image.fields, &generator)
    }
    return bytes
  }

  private static func mutate(
    _ bytes: inout [UInt8], fields: [GGUFImage.Field], _ generator: inout SeededGenerator
  ) {
    guard !bytes.isEmpty, let end = fields.first(where: { $0.name.hasSuffix(".data") }) else {
      return
    }
    let header = min(end.range.lowerBound, bytes.count)
    let place = generator.below(header)
    let field = fields[generator.below(fields.count)].range.clamped(to: 0..<bytes.count)
    switch generator.below(9) {
    case 0, 1: bytes[place] ^= 1 << UInt8(generator.below(8))
    case 2: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
    case 3, 4: overwrite(field, in: &bytes, &generator)
    case 5: bytes.removeSubrange(field)
    case 6: bytes.insert(contentsOf: Array(bytes[field]), at: field.lowerBound)
    case 7: bytes.removeLast(generator.below(bytes.count))
    default:
      let other = fields[generator.below(fields.count)].range.clamped(to: 0..<bytes.count)
      bytes.replaceSubrange(field, with: Array(bytes[other]))
    }
  }

  private static func overwrite(
    _ field: Range<Int>, in bytes: inout [UInt8], _ generator: inout SeededGenerator
  ) {
    let choices: [UInt64] =
      HostileNumbers.sizes + [
        0, 1, 2, 3, 7, 8, 9, 31, 32, 33, 64, 127, 128, 255, 256, 65_535, 65_536,
      ]
    let value = choices[generator.below(choices.count)] &+ UInt64(generator.below(3)) &- 1
    for (index, byte) in zip(field, GGUFImage.encode(value)) { bytes[index] = byte }
  }
}
