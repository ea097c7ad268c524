/// Draws from a seed, one after the other.
struct Draw {
  private let random: CounterRandom
  private var index: UInt64 = 0

  /// Begins the draws of one exercise.
  init(seed: UInt64, number: Int) {
    random = CounterRandom(seed: seed, purpose: .exercises, step: UInt64(number))
  }

  /// A number in 0..<bound.
  mutating func below(_ bound: Int) -> Int {
    index += 1
    return Int(random.below(UInt64(bound), index))
  }

  /// A number in a range.
  mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.count)
  }

  /// A number of so many digits at most, each length as often as the others.
  mutating func number(digits: Int) -> Int {
    let most = (0...below(digits)).reduce(1) { power, _ in power * 10 }
    return number(most / 10...most - 1)
  }

  /// One of several, of which there is one at least.
  mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[below(choices.count)]
  }

  /// Some of several, none twice.
  mutating func pick<Element>(_ count: Int, of choices: [Element]) -> [Element] {
    var left = choices
    return (0..<min(count, choices.count)).map { _ in left.remove(at: below(left.count)) }
  }

  /// Whether something happens that does so in `share` of 100 cases.
  mutating func chance(_ share: Int) -> Bool { below(100) < share }
}
