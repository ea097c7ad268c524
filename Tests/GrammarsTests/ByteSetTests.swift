import Grammars
import Testing

@Suite("Sets of bytes")
struct ByteSetTests {
  @Test("A set holds what was inserted, in every word", arguments: [0, 63, 64, 127, 128, 200, 255])
  func membership(byte: UInt8) {
    var set = ByteSet()
    set.insert(byte)
    #expect((0...255).filter { set.contains($0) } == [byte])
    #expect(set.count == 1 && !set.isEmpty)
  }

  @Test("Sets are combined byte by byte")
  func combinations() {
    let (left, right) = (ByteSet(10...150), ByteSet(100...255))
    for byte in UInt8.min...UInt8.max {
      let (inLeft, inRight) = (left.contains(byte), right.contains(byte))
      #expect(left.union(right).contains(byte) == (inLeft || inRight))
      #expect(left.intersection(right).contains(byte) == (inLeft && inRight))
      #expect(left.subtracting(right).contains(byte) == (inLeft && !inRight))
    }
    #expect(ByteSet.all.count == 256 && ByteSet().isEmpty)
  }
}
