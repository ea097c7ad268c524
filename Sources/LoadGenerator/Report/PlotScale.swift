import Foundation

/// Where the values of an axis lie, and which of them are marked.
struct PlotScale: Sendable {
  /// How values become lengths.
  enum Kind: Sendable, Hashable {
    /// In proportion, from zero.
    case linear
    /// By their logarithms, where they are above zero.
    case logarithmic
  }

  /// How values become lengths.
  let kind: Kind
  /// The marked values, in order.
  let ticks: [Double]
  private let lowest: Double
  private let highest: Double

  /// Chooses bounds at marks round some values.
  init(_ kind: Kind, covering values: [Double]) {
    let values = values.filter { $0.isFinite && (kind == .linear || $0 > 0) }
    self.kind = kind
    let top = values.max() ?? 1
    switch kind {
    case .linear: ticks = Self.linearTicks(upTo: top)
    case .logarithmic: ticks = Self.logarithmicTicks(from: values.min() ?? 0.1, upTo: top)
    }
    lowest = ticks.first ?? 0
    highest = ticks.last ?? 1
  }

  /// A scale from 0 to exactly a number, with the marks that lie between.
  init(upTo end: Double) {
    kind = .linear
    let end = end.isFinite && end > 0 ? end : 1
    ticks = Self.linearTicks(upTo: end).filter { $0 <= end * 1.000_001 }
    lowest = 0
    highest = end
  }

  /// Where a value lies between the bounds, from 0 to 1.
  func position(of value: Double) -> Double {
    let share =
      switch kind {
      case .linear: (value - lowest) / (highest - lowest)
      case .logarithmic:
        (log10(max(value, lowest)) - log10(lowest)) / (log10(highest) - log10(lowest))
      }
    return share.isFinite ? min(1, max(0, share)) : 0
  }

  /// About five marks at multiples of 1, 2 or 5 from 0 to the first that is not below `top`.
  private static func linearTicks(upTo top: Double) -> [Double] {
    let top = top > 1e-9 ? min(top, 1e15) : 1
    let decade = pow(10, floor(log10(top / 5)))
    let step = [1, 2, 5, 10].map { $0 * decade }.first { top / $0 <= 5.5 } ?? 10 * decade
    let count = Int(exactly: (top / step - 1e-9).rounded(.up)) ?? 1
    return (0...min(20, max(1, count))).map { Double($0) * step }
  }

  /// Powers of ten, with 2 and 5 between them where there is room.
  private static func logarithmicTicks(from bottom: Double, upTo top: Double) -> [Double] {
    let bottom = min(1e12, max(1e-6, bottom))
    let top = min(1e15, max(bottom * 1.01, top))
    let decades = (Int(exactly: floor(log10(bottom))) ?? 0)...(Int(exactly: ceil(log10(top))) ?? 0)
    let factors: [Double] = decades.count > 4 ? [1] : [1, 2, 5]
    let all = decades.flatMap { decade in factors.map { $0 * pow(10, Double(decade)) } }
    let first = all.lastIndex { $0 <= bottom * 1.000_001 } ?? 0
    let last = all.firstIndex { $0 >= top * 0.999_999 } ?? all.count - 1
    return Array(all[first...max(first + 1, last)])
  }
}
