import Testing

@testable import LoadGenerator

@Suite struct PlotScaleTests {
  @Test("A linear scale goes from zero to a round number not below the largest value")
  func linear() {
    #expect(PlotScale(.linear, covering: [3, 9]).ticks == [0, 2, 4, 6, 8, 10])
    #expect(
      PlotScale(.linear, covering: [0.25]).ticks == [0, 0.05, 0.1, 0.15000000000000002, 0.2, 0.25])
    for top in [0.001, 0.7, 1, 1.01, 49, 50, 51, 99, 12_345, 1e12] {
      let scale = PlotScale(.linear, covering: [top])
      #expect((3...7).contains(scale.ticks.count), "\(top)")
      #expect((scale.ticks.last ?? 0) >= top * 0.999_999)
      #expect(scale.position(of: top) > 0.7)
    }
  }

  @Test("A logarithmic scale has marks at 1, 2 and 5 while they are few")
  func logarithmic() {
    #expect(PlotScale(.logarithmic, covering: [3, 70]).ticks == [2, 5, 10, 20, 50, 100])
    #expect(PlotScale(.logarithmic, covering: [1, 1e6]).ticks == [1, 10, 100, 1e3, 1e4, 1e5, 1e6])
  }

  @Test("Positions grow with values from 0 to 1, and values out of bounds lie on them")
  func positions() {
    for kind in [PlotScale.Kind.linear, .logarithmic] {
      let scale = PlotScale(kind, covering: [0.5, 3, 800])
      let positions = [-1, 0, 0.5, 3, 800, 1e9].map(scale.position)
      #expect(positions == positions.sorted())
      #expect(positions.first == 0 && positions.last == 1)
    }
  }

  @Test(
    "Odd values still make a scale",
    arguments: [[], [0], [-1], [.nan], [.infinity, 1], [1e300], [1e-300], [5, 5]] as [[Double]])
  func odd(values: [Double]) {
    for kind in [PlotScale.Kind.linear, .logarithmic] {
      let scale = PlotScale(kind, covering: values)
      #expect(scale.ticks.count >= 2 && scale.ticks == scale.ticks.sorted())
      #expect(values.allSatisfy { (0...1).contains(scale.position(of: $0)) })
    }
  }

  @Test("A scale to an exact end has no mark beyond it")
  func exactEnd() {
    let scale = PlotScale(upTo: 7.3)
    #expect(scale.ticks == [0, 2, 4, 6])
    #expect(scale.position(of: 7.3) == 1)
  }

  @Test("Numbers have about four digits and no needless zeros")
  func numbers() {
    let texts = [0, 0.5, 0.1234, 1, 12.345, 150, 1234.5].map(Format.number)
    #expect(texts == ["0", "0.5", "0.123", "1", "12.35", "150", "1234"])
    #expect(
      [0.1234, 12, 150, 12_345].map { Format.milliseconds(.bounded(seconds: $0 / 1000)) }
        == ["0.123", "12.00", "150.0", "12345"])
  }
}
