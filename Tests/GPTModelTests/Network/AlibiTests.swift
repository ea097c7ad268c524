import Foundation
import Testing

@testable import GPTModel

@Suite("Slopes of attention")
struct AlibiTests {
  private func powers(_ exponents: [Double]) -> [Float] { exponents.map { Float(exp2($0)) } }

  @Test("Slopes of a power of two of heads fall to 2 to the minus eighth")
  func powersOfTwo() {
    #expect(Alibi().slopes(heads: 8) == powers([-1, -2, -3, -4, -5, -6, -7, -8]))
    #expect(Alibi().slopes(heads: 2) == powers([-4, -8]))
    #expect(Alibi().slopes(heads: 1) == powers([-8]))
  }

  @Test("Slopes beyond a power of two lie between the others")
  func others() {
    #expect(Alibi().slopes(heads: 6) == powers([-2, -4, -6, -8, -1, -3]))
    #expect(Alibi().slopes(heads: 3) == powers([-4, -8, -2]))
  }

  @Test("Slopes may fall less, and all be smaller")
  func figures() {
    #expect(Alibi(maximum: 4).slopes(heads: 4) == powers([-1, -2, -3, -4]))
    #expect(Alibi(scale: 0.25).slopes(heads: 2) == powers([-6, -10]))
  }
}
