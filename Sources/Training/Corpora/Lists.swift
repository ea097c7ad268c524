/// Lists that are said again, whole or in parts, so that a model learns to find what was said and to repeat it.
enum Lists {
  private static let items =
    Words.names + Words.things + Words.objects + Words.places + Words.colours + Words.pets
    + Words.words
    + Words.days + Words.months + Words.capitals.flatMap { [$0.0, $0.1] }

  private static func item(_ draw: inout Draw) -> String {
    draw.chance(25) ? "\(draw.number(digits: 4))" : draw.pick(items)
  }

  private static func several(_ count: ClosedRange<Int>, _ draw: inout Draw) -> [String] {
    (0..<draw.number(count)).map { _ in item(&draw) }
  }

  /// A list.
  static func make(_ draw: inout Draw) -> String {
    switch draw.below(3) {
    case 0: again(&draw)
    case 1: pairs(&draw)
    default: sentences(&draw)
    }
  }

  /// A list, and the same once more.
  private static func again(_ draw: inout Draw) -> String {
    let list = several(3...12, &draw).joined(separator: ", ")
    return "\(list). \(draw.pick(["Again: ", "Once more: ", "I repeat: ", ""]))\(list)."
  }

  /// Pairs, and what belongs to the first of each, in another order.
  private static func pairs(_ draw: inout Draw) -> String {
    let firsts = draw.pick(draw.number(2...6), of: items)
    let pairs = firsts.map { "\($0): \(item(&draw))" }
    let asked = draw.pick(pairs.count, of: pairs)
    return "\(pairs.joined(separator: "; ")).\n\(asked.joined(separator: "; "))."
  }

  /// What people have and where they are, and some of it once more.
  private static func sentences(_ draw: inout Draw) -> String {
    let people = draw.pick(draw.number(2...5), of: Words.names)
    let said = people.map { name in
      switch draw.below(4) {
      case 0: "\(name) has the \(draw.pick(Words.objects))."
      case 1: "\(name) is in the \(draw.pick(Words.places))."
      case 2: "\(name) is \(draw.number(2...99)) years old."
      default: "\(name) likes the word \(item(&draw))."
      }
    }
    let again = draw.pick(said.count, of: said)
    return "\(said.joined(separator: " ")) I said: \(again.joined(separator: " "))"
  }
}
