import ArgumentParser
import Platform

/// What the machine costs.
struct PriceOptions: ParsableArguments {
  @Option(help: "What the machine costs in an hour; tokens then have a price, too.")
  var pricePerHour: Double?

  @Option(help: "The currency of that price, in letters.")
  var currency = "USD"

  func validate() throws {
    if let pricePerHour, MachinePrice(perHour: pricePerHour, currency: currency) == nil {
      throw ValidationError(
        "--price-per-hour must be 0 or more, and --currency 1 to 8 letters such as EUR.")
    }
  }

  /// The price; nil where none is given.
  var price: MachinePrice? {
    pricePerHour.flatMap { MachinePrice(perHour: $0, currency: currency) }
  }
}
