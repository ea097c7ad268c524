import ModelFiles
import Tensor
import Testing

@testable import GPTModel

@Suite("Decoder capacity")
struct DecoderCapacityTests {
  private static let spec: TransformerSpec = {
    let norm = NormSpec(epsilon: 1e-5)
    let attention = AttentionSpec(
      queryHeads: 9, keyValueHeads: 3, headLength: 64, scale: 0.125,
      rotary: RotarySpec(dimensions: 64, base: 10_000, pairing: .halves))
    let layer = LayerSpec(
      attention: attention, feedForward: MLPSpec(width: 1536, activation: .silu), placement: .pre,
      norm: norm)
    return TransformerSpec(
      width: 576, vocabularySize: 49_152, contextLength: 8192,
      layers: Array(repeating: layer, count: 30), head: HeadSpec(norm: norm, isTied: true))
  }()

  private func capacity(
    windows: [Int?] = [nil], _ change: (inout EngineConfiguration) -> Void
  ) throws -> DecoderCapacity {
    var (spec, configuration) = (Self.spec, EngineConfiguration())
    change(&configuration)
    for layer in spec.layers.indices {
      spec.layers[layer].attention?.window = windows[layer % windows.count]
    }
    return try DecoderCapacity(spec: spec, configuration: configuration)
  }

  @Test("A budget buys whole pages, and a smaller cache shortens the context")
  func budget() throws {
    // A page of 32 positions: 30 layers x 3 heads x 2 x 64 x 32 x 2 bytes.
    let pageBytes = 30 * 3 * 2 * 64 * 32 * 2
    let found = try capacity { $0.cacheBytes = 10 * pageBytes + 1 }
    #expect(found.limits.pages == 10)
    #expect(found.cacheBytes == 10 * pageBytes)
    #expect(found.contextLength == 320)
    #expect(try capacity { $0.cacheBytes = 0 }.limits.pages == 1)
  }

  @Test("The same budget holds nearly twice the positions as int8")
  func smallerFormat() throws {
    // As above, with bytes, and two scales of 4 bytes for each position of a head.
    let pageBytes = 30 * 3 * (2 * 64 * 32 + 2 * 32 * 4)
    let found = try capacity {
      $0.cacheFormat = .int8
      $0.cacheBytes = 10 * pageBytes + 1
    }
    #expect(found.cacheBytes == 10 * pageBytes)
    #expect(found.limits.pages == 10)
    let pages = try CacheFormat.allCases.map { format in
      try capacity {
        $0.cacheFormat = format
        $0.cacheBytes = 64 << 20
      }.limits.pages
    }
    #expect(pages[1] > 18 * pages[0] / 10)
  }

  @Test("Heads that no kernel takes are refused")
  func strangeHeads() {
    var spec = Self.spec
    spec.layers[3].attention?.headLength = 1040
    #expect(throws: TensorError.self) {
      try DecoderCapacity(spec: spec, configuration: EngineConfiguration())
    }
  }

  @Test("With memory enough, every sequence that runs can fill its context, and no page is idle")
  func enough() throws {
    let found = try capacity {
      $0.runningSequences = 2
      $0.contextLength = 1000
      $0.cacheBytes = .max
    }
    #expect(found.limits.pages == 2 * 32)
    #expect(found.contextLength == 1000)
  }

  @Test("With windows in all layers, a sequence needs a window's pages, and may fill its context")
  func windows() throws {
    let pageBytes = 30 * 3 * 2 * 64 * 32 * 2
    let found = try capacity(windows: [1024]) {
      ($0.runningSequences, $0.rowsPerStep, $0.cacheBytes) = (2, 512, .max)
    }
    #expect(found.limits.windows == [1024])
    // 1024 + 511 positions that begin with the last of a page: 1 + 1534 / 32, rounded up.
    #expect(found.limits.pages == 2 * 49)
    #expect(found.contextLength == 8192)
    // 1024 positions that begin with the last of a page.
    for (pages, context) in [(33, 8192), (32, 1024)] {
      let small = try capacity(windows: [1024]) { $0.cacheBytes = pages * pageBytes }
      #expect(small.limits.pages == pages)
      #expect(small.contextLength == context)
      #expect(small.limits.waitingTokens == 4 * max(32 * pages, context))
    }
  }

  @Test("Where a window has room for all positions, none is given back")
  func noWindow() throws {
    for window in [8192, 1 << 24] {
      let found = try capacity(windows: [window]) { $0.cacheBytes = .max }
      #expect(found.limits.windows == [nil])
      #expect(found.limits.pages == 32 * 256)
    }
  }

  @Test("With a window in some layers, these need a window's pages, and the others all")
  func groups() throws {
    // Half of the layers in each group.
    let pageBytes = 15 * 3 * 2 * 64 * 32 * 2
    let found = try capacity(windows: [nil, 512]) { $0.cacheBytes = .max }
    #expect(found.limits.windows == [nil, 512])
    #expect(found.cacheGroups.bytesPerPage == pageBytes)
    // 512 + 511 positions that begin with the last of a page: 1 + 1022 / 32, rounded up.
    #expect(found.limits.pages == 32 * (256 + 33))
    #expect(found.cacheBytes == found.limits.pages * pageBytes)
    #expect(found.contextLength == 8192)
    // A row sees 512 positions in the one group, of which the first may be the last of its page.
    for (pages, context) in [(1, 32), (2, 32), (34, 17 * 32), (273, 8192), (272, 8160)] {
      let small = try capacity(windows: [nil, 512]) { $0.cacheBytes = pages * pageBytes }
      #expect(small.limits.pages == max(2, pages))
      #expect(small.contextLength == context, "\(pages) pages")
    }
    let two = try capacity(windows: [1024, 700]) {
      ($0.runningSequences, $0.rowsPerStep, $0.cacheBytes) = (2, 512, .max)
    }
    #expect(two.limits.windows == [1024, 700])
    // As above, and 700 + 511 positions: 1 + 1210 / 32, rounded up.
    #expect(two.limits.pages == 2 * (49 + 39))
  }

  @Test("Absurd wishes are bounded instead of overflowing")
  func absurd() throws {
    let found = try capacity {
      $0.runningSequences = .max
      $0.contextLength = .max
      $0.rowsPerStep = .min
      $0.cacheBytes = 1 << 30
    }
    #expect(found.contextLength <= 8192)
    #expect(found.limits.runningSequences <= 4096)
    #expect(found.limits.rowsPerStep >= found.limits.runningSequences)
    #expect(try capacity { $0.contextLength = -5 }.contextLength == 1)
  }
}
