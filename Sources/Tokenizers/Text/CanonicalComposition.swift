/// Writes text in one of Unicode's normalization forms; form C unless another is said.
///
/// Only the stretches that composing may change are touched. A stretch of which any byte came from
/// outside counts as from outside.
package struct CanonicalComposition: Sendable {
  /// The tables, made when they are first needed.
  package static let shared = CanonicalComposition(composes: true, isCompatible: false)
  /// Form D.
  static let decomposing = CanonicalComposition(composes: false, isCompatible: false)
  /// Form KC.
  static let compatible = CanonicalComposition(composes: true, isCompatible: true)
  /// Form KD.
  static let decomposingCompatible = CanonicalComposition(composes: false, isCompatible: true)

  private struct Parts {
    let first: UInt32
    let second: UInt32?
  }

  private let composes: Bool
  private var decompositions: [UInt32: Parts] = [:]
  /// What characters become that differ from others only in how they look.
  private var compatible: [UInt32: [UInt32]] = [:]
  private var compositions: [UInt64: UInt32] = [:]
  /// Characters that composed text does not contain.
  private var foreign: Set<UInt32> = []
  /// Characters that may join the one before them.
  private var joining: Set<UInt32> = []

  private init(composes: Bool, isCompatible: Bool) {
    self.composes = composes
    if isCompatible { compatible = CompatibilityMappings.table }
    var code: UInt32 = 0
    for entry in CanonicalMappings.text.utf8.split(separator: UInt8(ascii: " ")) {
      let fields = entry.split(separator: UInt8(ascii: ":"))
      guard let distance = fields.first.flatMap(Self.number), let mapping = fields.last else {
        continue
      }
      code += distance
      let joint = mapping.firstIndex { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
      guard let first = Self.number(mapping[..<(joint ?? mapping.endIndex)]) else { continue }
      let second = joint.flatMap { Self.number(mapping[mapping.index(after: $0)...]) }
      decompositions[code] = Parts(first: first, second: second)
      if let joint, let second, mapping[joint] == UInt8(ascii: "+") {
        compositions[Self.pair(first, second)] = code
        joining.insert(second)
      } else {
        foreign.insert(code)
      }
      if !composes { foreign.insert(code) }
    }
    foreign.formUnion(compatible.keys)
    joining.formUnion(Hangul.vowels)
    joining.formUnion(Hangul.trailing)
    for (code, parts) in compatible {
      if let first = parts.first, Self.combiningClass(first) != 0 || joining.contains(first) {
        joining.insert(code)
      }
    }
  }

  private static func number(_ digits: Substring.UTF8View) -> UInt32? {
    UInt32(Substring(digits), radix: 16)
  }

  private static func pair(_ first: UInt32, _ second: UInt32) -> UInt64 {
    UInt64(first) << 32 | UInt64(second)
  }

  /// Returns the composed form of part of a text, or nil where that is what it is already.
  ///
  /// - Complexity: O(*n* log *n*) in the longest run of marks, O(*n*) in all else.
  package func compose(_ text: SourcedText, _ range: Range<Int>) -> SourcedText? {
    let view = ClassifiedText(text.bytes, end: range.upperBound)
    var result = SourcedText()
    var copied = range.lowerBound
    var position = range.lowerBound
    var last = position
    while position < range.upperBound {
      let character = view.character(at: position)
      let joins = joinsPrevious(character)
      guard joins || isForeign(character.code) else {
        last = position
        position = character.next
        continue
      }
      let start = joins ? last : position
      position = character.next
      while position < range.upperBound, joinsPrevious(view.character(at: position)) {
        position = view.character(at: position).next
      }
      result.append(text, copied..<start)
      let isTemplate = text.templateRanges(in: start..<position) == [start..<position]
      result.append(composed(text.bytes[start..<position]), isTemplate: isTemplate)
      copied = position
      last = position
    }
    guard copied > range.lowerBound else { return nil }
    result.append(text, copied..<range.upperBound)
    return result
  }

  /// Returns the composed form of bytes.
  package func compose(_ bytes: [UInt8]) -> [UInt8] {
    var text = SourcedText()
    text.append(bytes, isTemplate: false)
    return compose(text, 0..<bytes.count)?.bytes ?? bytes
  }

  private func isForeign(_ code: UInt32) -> Bool {
    foreign.contains(code) || !composes && Hangul.syllables.contains(code)
  }

  private func joinsPrevious(_ character: ClassifiedText.Character) -> Bool {
    // No character before U+0300 does.
    character.code >= 0x300
      && (character.isIn(.mark) && Self.combiningClass(character.code) != 0
        || joining.contains(character.code))
  }

  private static func combiningClass(_ code: UInt32) -> UInt8 {
    Unicode.Scalar(code)?.properties.canonicalCombiningClass.rawValue ?? 0
  }

  private func composed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var codes: [UInt32] = []
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      decompose(scalar.value, into: &codes)
    }
    order(&codes)
    var text = String.UnicodeScalarView()
    for code in composes ? join(codes) : codes { text.append(Unicode.Scalar(code) ?? "\u{FFFD}") }
    return Array(String(text).utf8)
  }

  private func decompose(_ code: UInt32, into codes: inout [UInt32]) {
    var waiting = [code]
    while let code = waiting.popLast() {
      if let parts = compatible[code] {
        waiting += parts.reversed()
      } else if let parts = decompositions[code] {
        if let second = parts.second { waiting.append(second) }
        waiting.append(parts.first)
      } else {
        codes += Hangul.decompose(code) ?? [code]
      }
    }
  }

  /// Puts marks in the order of their combining classes, between characters that are no marks.
  private func order(_ codes: inout [UInt32]) {
    var start = 0
    while start < codes.count {
      let end = codes[start...].firstIndex { Self.combiningClass($0) == 0 } ?? codes.count
      if end - start > 1 {
        let marks = codes[start..<end].enumerated()
          .map { (Self.combiningClass($0.element), $0.offset, $0.element) }
          .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        codes.replaceSubrange(start..<end, with: marks.map(\.2))
      }
      start = end + 1
    }
  }

  private func join(_ codes: [UInt32]) -> [UInt32] {
    var joined: [UInt32] = []
    var starter: Int?
    var lastClass: UInt8 = 0
    for code in codes {
      let combiningClass = Self.combiningClass(code)
      if let starter {
        // Between the two nothing may stand that is as near or no mark at all.
        let isBlocked =
          joined.count - 1 > starter && (lastClass == 0 || lastClass >= combiningClass)
        let composite =
          compositions[Self.pair(joined[starter], code)] ?? Hangul.compose(joined[starter], code)
        if !isBlocked, let composite {
          joined[starter] = composite
          continue
        }
      }
      if combiningClass == 0 { starter = joined.count }
      lastClass = combiningClass
      joined.append(code)
    }
    return joined
  }
}

/// The syllables of Korean, which are composed by counting.
private enum Hangul {
  static let syllables: Range<UInt32> = 0xAC00..<0xD7A4
  static let leading: Range<UInt32> = 0x1100..<0x1113
  static let vowels: Range<UInt32> = 0x1161..<0x1176
  static let trailing: Range<UInt32> = 0x11A8..<0x11C3
  private static let perVowel: UInt32 = 28
  private static let perLeading: UInt32 = 21 * 28

  static func decompose(_ code: UInt32) -> [UInt32]? {
    guard syllables.contains(code) else { return nil }
    let index = code - syllables.lowerBound
    let pair = [
      leading.lowerBound + index / perLeading,
      vowels.lowerBound + index % perLeading / perVowel,
    ]
    let last = index % perVowel
    return last == 0 ? pair : pair + [trailing.lowerBound + last - 1]
  }

  static func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if leading.contains(first), vowels.contains(second) {
      return syllables.lowerBound + (first - leading.lowerBound) * perLeading
        + (second - vowels.lowerBound) * perVowel
    }
    guard syllables.contains(first), (first - syllables.lowerBound) % perVowel == 0,
      trailing.contains(second)
    else { return nil }
    return first + second - trailing.lowerBound + 1
  }
}
