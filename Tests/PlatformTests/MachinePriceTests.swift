import Testing

@testable import Platform

@Suite("What a machine costs")
struct MachinePriceTests {
  @Test("Seconds and tokens have their part of an hour's price")
  func parts() throws {
    let price = try #require(MachinePrice(perHour: 0.36))
    #expect(abs(price.cost(seconds: 100) - 0.01) < 1e-15)
    // A million tokens at 100 a second take 10,000 seconds.
    #expect(abs(try #require(price.perMillion(tokensPerSecond: 100)) - 1) < 1e-12)
    #expect(price.perMillion(tokensPerSecond: 0) == nil)
    #expect(price.currency == "USD")
  }

  @Test("What is no price is refused")
  func refused() {
    for hour in [-1, .nan, .infinity] { #expect(MachinePrice(perHour: hour) == nil) }
    for currency in ["", "U$", "DOLLARSUS", "é"] {
      #expect(MachinePrice(perHour: 1, currency: currency) == nil)
    }
    #expect(MachinePrice(perHour: 0, currency: "eur") != nil)
  }
}
