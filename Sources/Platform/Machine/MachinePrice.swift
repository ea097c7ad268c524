/// What an hour of a machine costs, and what its work costs with that.
package struct MachinePrice: Sendable, Hashable {
  /// Money for an hour.
  package let perHour: Double
  /// The currency, such as `USD`.
  package let currency: String

  /// Names a price; nil for one that is negative or no number, and for a currency that is not 1 to 8 letters.
  package init?(perHour: Double, currency: String = "USD") {
    guard perHour.isFinite, perHour >= 0, (1...8).contains(currency.utf8.count),
      currency.utf8.allSatisfy({ $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") })
    else { return nil }
    self.perHour = perHour
    self.currency = currency
  }

  /// What so many seconds cost: price · seconds / 3600.
  package func cost(seconds: Double) -> Double { perHour * seconds / 3600 }

  /// What a million tokens cost at a speed: price · 10⁶ / (3600 · tokens/s); nil where there is no speed.
  package func perMillion(tokensPerSecond speed: Double) -> Double? {
    speed > 0 ? cost(seconds: 1e6 / speed) : nil
  }
}
