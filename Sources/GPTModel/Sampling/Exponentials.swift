// The exponential and logarithm are written out here because the C library's may differ in the
// last bit from one processor to the next, and a draw must not.

/// Returns e to the power of a number that is zero or negative, within one part in ten million.
///
/// - Returns: Exactly 1 for 0, and exactly 0 below -87, minus infinity included.
@inline(__always)
func exponential(_ x: Float) -> Float {
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits of the sum.
  let rounding: Float = 12_582_912
  let shifted = x * 1.442_695_04 + rounding
  let power = shifted - rounding
  // ln 2 in two parts, the first short enough for its product with `power` to be exact.
  let rest = x - power * 0.693_359_375 - power * -2.121_944_4e-4
  var series = rest * (1 / 5040) + 1 / 720
  series = series * rest + 1 / 120
  series = series * rest + 1 / 24
  series = series * rest + 1 / 6
  series = series * rest + 0.5
  series = series * rest + 1
  series = series * rest + 1
  let scale = Float(bitPattern: (shifted.bitPattern &+ 127) &<< 23)
  return x < -87 ? 0 : series * scale
}

/// Returns the natural logarithm of a positive number, to the precision of a double.
func logarithm(_ x: Double) -> Double {
  var fraction = x.significand
  var power = Double(x.exponent)
  if fraction > 1.414_213_562_373_095_1 {
    fraction /= 2
    power += 1
  }
  // ln f = 2 artanh((f - 1) / (f + 1)), whose series converges fast so close to 1.
  let ratio = (fraction - 1) / (fraction + 1)
  let square = ratio * ratio
  var series = 0.0
  var odd = 21.0
  while odd > 0 {
    series = series * square + 1 / odd
    odd -= 2
  }
  return power * 0.693_147_180_559_945_31 + 2 * ratio * series
}
