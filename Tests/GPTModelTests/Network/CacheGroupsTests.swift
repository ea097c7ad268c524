import GPTModel
import Tensor
import TestSupport
import Testing

@Suite("Groups of layers")
struct CacheGroupsTests {
  private static func groups(
    _ windows: [Int?], context: Int, heads: [Int] = [2]
  ) throws -> CacheGroups {
    var limits = SchedulerLimits(
      rowsPerStep: 512, runningSequences: 4, waitingSequences: 4, pages: 1, positionsPerPage: 32)
    limits.windows = [nil]
    let layers = try windows.enumerated().map { index, window in
      CacheGroups.Layer(
        layout: try PageLayout(
          keyValueHeads: heads[index % heads.count], headLength: 64, format: .bfloat16),
        window: window)
    }
    return CacheGroups(layers, limits: limits, contextLength: context)
  }

  /// Layers of which each so many-th sees all, and the others have a window.
  private static func windows(_ layers: Int, period: Int, _ window: Int) -> [Int?] {
    (1...layers).map { $0.isMultiple(of: period) ? nil : window }
  }

  @Test("Layers that see the same are one group, whose page has a slot for each")
  func one() throws {
    for windows in [[nil, nil, nil], [700, 700, 700], [nil, 8192, nil]] as [[Int?]] {
      let found = try Self.groups(windows, context: 8192)
      #expect(found.windows == [windows[0]])
      #expect(found.places.map { $0?.slot } == [0, 1, 2])
      #expect(found.slotBytes.count == 3)
    }
  }

  @Test(
    "Published shapes take few groups and few idle slots",
    arguments: [
      (26, 2, 4096, 8192, 13, 2), (26, 6, 512, 32_768, 4, 7), (34, 6, 1024, 131_072, 5, 7),
      (48, 6, 1024, 131_072, 8, 6), (62, 6, 1024, 131_072, 10, 7), (32, 4, 4096, 65_536, 8, 4),
      (24, 2, 128, 131_072, 12, 2),
    ])
  func published(shape: (Int, Int, Int, Int, Int, Int)) throws {
    let (layers, period, window, context, slots, groups) = shape
    let windows = Self.windows(layers, period: period, window)
    let found = try Self.groups(windows, context: context)
    #expect(found.slotBytes.count == slots)
    #expect(found.windows == [nil] + Array(repeating: window, count: groups - 1))
  }

  @Test("Layers that differ much still make few groups, and see at least what they need")
  func many() throws {
    let distinct = try Self.groups([nil, 64, 128, 256, 512, 1024, 2048], context: 65_536)
    #expect(Set(distinct.windows).count == 4)
    #expect(distinct.windows.count <= CacheGroups.most)
    let lonely = try Self.groups([nil] + Array(repeating: 64, count: 60), context: 65_536)
    #expect(lonely.windows.count <= CacheGroups.most)
    #expect(lonely.windows.count { $0 == nil } == 1)
  }

  @Test("Without layers that keep anything there is a group all the same")
  func none() {
    let limits = SchedulerLimits(
      rowsPerStep: 8, runningSequences: 1, waitingSequences: 1, pages: 1, positionsPerPage: 32)
    let found = CacheGroups([nil, nil], limits: limits, contextLength: 100)
    #expect(found.windows == [nil])
    #expect(found.bytesPerPage == 0)
  }

  @Test(
    "Whatever the layers, each has a slot of its own that is large enough, and sees what it needs")
  func sound() throws {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<200 {
      let count = 1 + generator.below(40)
      let choices: [Int?] = [nil, 20, 64, 100, 500, 900, 5000]
      let kinds = 1 + generator.below(choices.count)
      let windows = (0..<count).map { _ in choices[generator.below(kinds)] }
      let heads = (0..<3).map { _ in 1 + generator.below(3) }
      let found = try Self.groups(windows, context: 4096, heads: heads)
      #expect(Set(found.places).count == count)
      #expect(found.windows.count <= CacheGroups.most)
      #expect(found.windows == found.windows.sorted { $0 ?? .max > $1 ?? .max })
      for (layer, place) in found.places.enumerated() {
        let place = try #require(place)
        let needed = windows[layer].map { $0 < 4096 ? $0 : .max } ?? .max
        #expect(found.windows[place.group] ?? .max >= needed)
        #expect(found.slotBytes[place.slot] >= heads[layer % 3] * 64 * 32 * 4)
      }
    }
  }
}
