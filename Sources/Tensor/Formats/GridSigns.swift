/// Signs of eight values in seven bits: the eighth makes the number of minus signs even.
enum GridSigns {
  /// Whether the value at a place is negative; bits above the seventh do not count.
  static func seven(_ bits: UInt32, place: Int) -> Bool {
    let seven = bits & 127
    return place < 7 ? seven >> UInt32(place) & 1 == 1 : seven.nonzeroBitCount % 2 == 1
  }
}
