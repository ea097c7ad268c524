/// A page with a drawing for each of some curves, which needs nothing else.
package struct CurvePage {
  /// Points of a drawing at most: more only blacken the paper.
  private static let mostPoints = 1000

  private let title: String
  private var plots: [Plot] = []

  /// Creates a page without drawings.
  package init(title: String) {
    self.title = title
  }

  /// Adds a curve; of many points each drawn one is the mean of its neighbours.
  package mutating func add(_ name: String, xLabel: String, points: [(x: Double, y: Double)]) {
    let finite = points.filter { $0.x.isFinite && $0.y.isFinite }
    let size = max(1, (finite.count + Self.mostPoints - 1) / Self.mostPoints)
    let drawn = stride(from: 0, to: finite.count, by: size).map { start in
      let group = finite[start..<min(start + size, finite.count)]
      let count = Double(group.count)
      return Plot.Point(
        x: group.reduce(0) { $0 + $1.x } / count, y: group.reduce(0) { $0 + $1.y } / count)
    }
    plots.append(
      Plot(
        title: name, xLabel: xLabel, yLabel: "",
        series: [Plot.Series(name: name, style: "first", mark: .line, points: drawn)]))
  }

  /// The page.
  package var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(Format.escaped(title))</title>
    <style>
    \(PageStyle.css)
    </style>
    </head>
    <body>
    <h1>\(Format.escaped(title))</h1>
    \(plots.map(\.figure).joined(separator: "\n"))
    </body>
    </html>

    """
  }
}
