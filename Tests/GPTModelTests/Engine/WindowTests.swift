import GPTModel
import Tensor
import TestSupport
import Testing

@Suite("Models all of whose layers have a window")
struct WindowTests {
  /// Around a page's length of 32, and far below.
  private static let windows = [1, 16, 31, 32, 33, 64]

  private func windowed(_ window: Int) throws -> WindowedModel {
    try WindowedModel(.windowed, window: window)
  }

  @Test(
    "Giving pages back changes no bit, in steps of any size and caches of any", arguments: windows)
  func sameBits(window: Int) throws {
    let (windowed, tokens) = (try windowed(window), [Token].random(250, seed: 1))
    let whole = try windowed.scheduled(tokens, rows: 256, givesBack: false)
    #expect(whole.pages == 8)
    #expect(try windowed.scored(tokens) == whole.logits)
    let least = (window + 30) / 32 + 1
    for (rows, pages) in [(1, least), (7, least), (40, least), (40, nil), (256, nil)] {
      let found = try windowed.scheduled(tokens, rows: rows, pages: pages)
      #expect(found.logits == whole.logits, "\(rows) rows, \(pages ?? 0) pages")
      // A step has as many positions as the window at most.
      #expect(found.pages <= min(pages ?? 8, (window + min(rows, window) + 29) / 32 + 1))
    }
  }

  @Test("Every logit is that of a plain float64 forward but for noise", arguments: [16, 31, 33])
  func reference(window: Int) throws {
    try windowed(window).expectReference(pages: 3, rounds: true)
  }

  @Test("A text longer than the cache is written in it, bit by bit as in a large one")
  func longerThanTheCache() async throws {
    let windowed = try windowed(16)
    let (small, large) = (try windowed.engine(pages: 2), try windowed.engine(pages: nil))
    #expect(small.contextLength == 256)
    #expect(small.cacheBytes * 4 == 8 * (try windowed.model.spec.bytesPerPage(.bfloat16)))
    let request = GenerationRequest.sampled(Prompt(.random(70, seed: 2)), tokens: 160, seed: 0)
    let found = try await Answer(try small.generate(request))
    #expect(found.tokens.count == 160)
    #expect(found == (try await Answer(try large.generate(request))))
    #expect(small.status.preemptions == 0)
    await small.drain()
    #expect(small.status.freePages == 2)
  }

  @Test("A cache too small for the window bounds the context as it does without one")
  func tooSmall() throws {
    let windowed = try windowed(64)
    #expect(try windowed.engine(pages: 2).contextLength == 64)
    #expect(try windowed.engine(pages: 3).contextLength == 256)
  }

  @Test(
    "What was cached, forks and several choices have the bits of what is computed",
    arguments: [16, 31, 32, 33])
  func shared(window: Int) async throws {
    try await windowed(window).expectSharedBits()
  }

  @Test("Sequences that lose their pages to others have the bits of each alone", arguments: windows)
  func preempted(window: Int) async throws {
    // A page more than one of them needs at a time.
    try await windowed(window).expectPreemptedBits(pages: (window + 30) / 32 + 2)
  }
}
