/// How panels are dealt out: most in large chunks, which stream well, the rest in small ones, so
/// that no thread waits long for the last.
struct PanelSplit {
  private let panels: Int
  private let largeCount: Int
  private let smallCount: Int
  private let largePanels: Int

  /// Splits `panels` panels for a number of threads.
  init(panels: Int, threads: Int) {
    self.panels = panels
    guard threads > 1 else {
      largeCount = min(panels, 1)
      smallCount = 0
      largePanels = panels
      return
    }
    let most = panels / 4 * 3
    largeCount = min(most, 2 * threads)
    largePanels = largeCount == 0 ? 0 : most
    smallCount = min(panels - largePanels, 6 * threads)
  }

  /// The chunks.
  var count: Int { largeCount + smallCount }

  /// The panels of a chunk.
  func panels(of chunk: Int) -> Range<Int> {
    if chunk < largeCount {
      return Self.part(chunk, of: largeCount, in: 0..<largePanels)
    }
    return Self.part(chunk - largeCount, of: smallCount, in: largePanels..<panels)
  }

  private static func part(_ index: Int, of count: Int, in range: Range<Int>) -> Range<Int> {
    let start = range.lowerBound + range.count * index / count
    return start..<range.lowerBound + range.count * (index + 1) / count
  }
}
