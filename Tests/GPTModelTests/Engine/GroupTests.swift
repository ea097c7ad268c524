import GPTModel
import Tensor
import TestSupport
import Testing

@Suite("Models some of whose layers have a window")
struct GroupTests {
  /// Around a page's length of 32, and far below.
  private static let windows = [16, 31, 32, 33]

  @Test("The families of which some layers have a window are tested")
  func families() {
    #expect(WindowedModel.mixed.count == 5)
  }

  @Test(
    "Giving pages back in some layers changes no bit, in steps of any size and caches of any",
    arguments: WindowedModel.mixed, windows)
  func sameBits(architecture: TinyArchitecture, window: Int) throws {
    try expectSameBits(architecture, window: window)
  }

  @Test(
    "Giving back pages behind the borders of chunks changes no bit",
    arguments: WindowedModel.chunked)
  func chunks(architecture: TinyArchitecture) async throws {
    try expectSameBits(architecture, window: 32)
    let windowed = try WindowedModel(architecture, window: 32)
    try windowed.expectReference(pages: 3 * 3 + 8, rounds: false)
    try await windowed.expectSharedBits()
  }

  private func expectSameBits(_ architecture: TinyArchitecture, window: Int) throws {
    let windowed = try WindowedModel(architecture, window: window)
    let tokens: [Token] = .random(250, seed: 1)
    let whole = try windowed.scheduled(tokens, rows: 256, givesBack: false)
    #expect(whole.pages == 8)
    #expect(try windowed.scored(tokens) == whole.logits)
    for rows in [1, 7, 16, 64, 256] {
      let windows = try windowed.capacity(rows: rows, pages: nil).cacheGroups.windows
      let groups = (all: windows.count { $0 == nil }, windowed: windows.count { $0 == window })
      if rows < 256 { #expect(groups.windowed > 0) }
      #expect(groups.all + groups.windowed == windows.count)
      // Eight pages in groups that see all, and in others those of a window and a step.
      let most = groups.all * 8 + groups.windowed * min(8, (window + rows + 29) / 32 + 1)
      let least = groups.all * 8 + groups.windowed * ((window + 30) / 32 + 1)
      for pages in [nil, least] {
        let found = try windowed.scheduled(tokens, rows: rows, pages: pages)
        #expect(found.logits == whole.logits, "\(rows) rows, \(pages ?? 0) pages")
        #expect(found.pages <= pages ?? most)
      }
    }
  }

  @Test(
    "Every logit is that of a plain float64 forward but for noise", arguments: WindowedModel.mixed,
    [16, 33])
  func reference(architecture: TinyArchitecture, window: Int) throws {
    let windowed = try WindowedModel(architecture, window: window)
    let windows = try windowed.capacity(rows: 9, pages: nil).cacheGroups.windows
    // Of so many layers few texts are without a number near a tie, so none is rounded.
    try windowed.expectReference(
      pages: windows.reduce(0) { $0 + ($1 == nil ? 8 : 3) }, rounds: false)
  }

  @Test("A context may be longer than the cache could keep in all layers")
  func longerThanTheCache() async throws {
    let windowed = try WindowedModel(.gemma3, window: 16)
    // Each layer is a group: eight pages where all is seen, and two of each other.
    let small = try windowed.engine(pages: 8 + 2 * 2)
    let large = try windowed.engine(pages: nil)
    #expect(small.contextLength == 256)
    // As many bytes as four pages of all layers.
    #expect(small.cacheBytes == 4 * (try windowed.model.spec.bytesPerPage(.bfloat16)))
    let request = GenerationRequest.sampled(Prompt(.random(70, seed: 2)), tokens: 180, seed: 0)
    let found = try await Answer(try small.generate(request))
    #expect(found.tokens.count == 180)
    #expect(found == (try await Answer(try large.generate(request))))
    #expect(small.status.preemptions == 0)
    await small.drain()
    #expect(small.status.freePages == 12)
  }

  @Test("A cache too small for the context bounds it by what is seen in all groups")
  func tooSmall() throws {
    let windowed = try WindowedModel(.gemma3, window: 16)
    // One page in each group holds 32 positions, then two are enough where there is a window.
    for (pages, context) in [(1, 32), (3, 32), (5, 32), (6, 64), (7, 96), (11, 224), (12, 256)] {
      #expect(try windowed.engine(pages: pages).contextLength == context, "\(pages) pages")
    }
  }

  @Test(
    "What was cached, forks and several choices have the bits of what is computed",
    arguments: WindowedModel.mixed, windows)
  func shared(architecture: TinyArchitecture, window: Int) async throws {
    try await WindowedModel(architecture, window: window).expectSharedBits()
  }

  @Test(
    "Sequences that lose their pages to others have the bits of each alone",
    arguments: WindowedModel.mixed, windows)
  func preempted(architecture: TinyArchitecture, window: Int) async throws {
    let windowed = try WindowedModel(architecture, window: window)
    let windows = try windowed.capacity(rows: 33, pages: nil).cacheGroups.windows
    // A page more in each group than the longest of them needs at a time.
    let pages = windows.reduce(0) { $0 + ($1 == nil ? 8 : (window + 30) / 32 + 2) }
    try await windowed.expectPreemptedBits(pages: pages)
  }
}
