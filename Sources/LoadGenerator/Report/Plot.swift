/// A drawing of numbers, as SVG whose colours the page decides.
struct Plot: Sendable {
  /// A point in the units of the axes, with what a pointer over it shows.
  struct Point: Sendable, Hashable {
    var x: Double
    var y: Double
    var note: String?
  }

  /// How points are drawn.
  enum Mark: Sendable, Hashable {
    /// A line through them.
    case line
    /// A line with the area below it.
    case area
    /// A dot each.
    case dots
    /// A cross each.
    case crosses
  }

  /// Points that belong together.
  struct Series: Sendable {
    /// The name in the legend.
    let name: String
    /// The class of the page's style that gives the colour.
    let style: String
    /// How the points are drawn.
    let mark: Mark
    /// The points.
    let points: [Point]
  }

  /// What the drawing shows, in a few words.
  var title: String
  /// What lies on the horizontal axis.
  var xLabel: String
  /// What lies on the vertical axis.
  var yLabel: String
  /// What is drawn.
  var series: [Series]
  /// The horizontal scale; one round the points if nil.
  var xScale: PlotScale?
  /// How the vertical scale goes.
  var yKind = PlotScale.Kind.linear
  /// The width, with the same unit as letters that are 12 high.
  var width = 1006.0

  private static let height = 250.0
  private static let (left, right, top, bottom) = (52.0, 20.0, 26.0, 40.0)

  /// The drawing, with its legend.
  var figure: String {
    let legend = series.filter { !$0.points.isEmpty && series.count > 1 }.map {
      "<span><i class=\"\($0.style)\"></i>\(Format.escaped($0.name))</span>"
    }
    return "<figure><figcaption>\(Format.escaped(title))"
      + (legend.isEmpty ? "" : "<span class=\"legend\">\(legend.joined())</span>")
      + "</figcaption>\(svg)</figure>"
  }

  /// The drawing alone.
  var svg: String {
    let points = series.flatMap(\.points)
    let xScale = xScale ?? PlotScale(.linear, covering: points.map(\.x))
    let yScale = PlotScale(yKind, covering: points.map(\.y))
    let canvas = Canvas(xScale: xScale, yScale: yScale, width: width)
    return "<svg\(width > 500 ? " class=\"wide\"" : "")"
      + " viewBox=\"0 0 \(Format.number(width)) \(Format.number(Self.height))\" role=\"img\""
      + " aria-label=\"\(Format.escaped(title))\">"
      + canvas.axes(xLabel: xLabel, yLabel: yLabel) + series.map(canvas.draw).joined() + "</svg>"
  }

  /// Places values on the paper.
  private struct Canvas {
    let xScale: PlotScale
    let yScale: PlotScale
    let width: Double

    func x(_ value: Double) -> String {
      Self.coordinate(left + xScale.position(of: value) * (width - left - right))
    }

    func y(_ value: Double) -> String {
      Self.coordinate(height - bottom - yScale.position(of: value) * (height - bottom - top))
    }

    func axes(xLabel: String, yLabel: String) -> String {
      let end = Self.coordinate(width - right)
      let floor = Self.coordinate(height - bottom)
      var svg = ""
      for tick in yScale.ticks {
        svg += "<path class=\"grid\" d=\"M\(Self.coordinate(left)) \(y(tick))H\(end)\"/>"
        svg += text(Format.number(tick), x: Self.coordinate(left - 7), y: y(tick), "end middle")
      }
      for tick in xScale.ticks {
        svg += "<path class=\"tick\" d=\"M\(x(tick)) \(floor)v4\"/>"
        svg += text(
          Format.number(tick), x: x(tick), y: Self.coordinate(height - bottom + 18), "center")
      }
      svg += text(xLabel, x: end, y: Self.coordinate(height - 6), "end")
      return svg + text(yLabel, x: "4", y: "13", "start")
    }

    func draw(_ series: Series) -> String {
      guard let first = series.points.first, let last = series.points.last else { return "" }
      switch series.mark {
      case .line: return path(series, "line", line(series.points))
      case .area:
        let floor = Self.coordinate(height - bottom)
        let area = line(series.points) + "V\(floor)H\(x(first.x))Z"
        return path(series, "area", area)
          + (last == first ? "" : path(series, "line", line(series.points)))
      case .dots:
        return series.points.map { point in
          "<circle class=\"dot \(series.style)\" r=\"2.6\""
            + " cx=\"\(x(point.x))\" cy=\"\(y(point.y))\">"
            + note(point) + "</circle>"
        }.joined()
      case .crosses:
        return series.points.map { point in
          "<path class=\"line \(series.style)\" d=\"M\(x(point.x)) \(y(point.y))"
            + "m-4-4l8 8m0-8l-8 8\">" + note(point) + "</path>"
        }.joined()
      }
    }

    private func path(_ series: Series, _ kind: String, _ commands: String) -> String {
      "<path class=\"\(kind) \(series.style)\" d=\"\(commands)\"/>"
    }

    private func line(_ points: [Point]) -> String {
      "M" + points.map { "\(x($0.x)) \(y($0.y))" }.joined(separator: "L")
    }

    private func note(_ point: Point) -> String {
      point.note.map { "<title>\(Format.escaped($0))</title>" } ?? ""
    }

    private func text(_ text: String, x: String, y: String, _ style: String) -> String {
      "<text class=\"\(style)\" x=\"\(x)\" y=\"\(y)\">\(Format.escaped(text))</text>"
    }

    private static func coordinate(_ value: Double) -> String {
      let tenths = Int(exactly: (value * 10).rounded()) ?? 0
      return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
    }
  }
}
