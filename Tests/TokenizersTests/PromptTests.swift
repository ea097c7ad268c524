import Testing
import Tokenizers

@Suite("Prompts")
struct PromptTests {
  private func attachment(_ range: Range<Int>, _ number: UInt8 = 0) throws -> Prompt.Attachment {
    let digest = try #require(AttachmentDigest(Array(repeating: number, count: 32)))
    return Prompt.Attachment(range: range, digest: digest, payload: number)
  }

  private func prompt(_ ranges: Range<Int>...) throws -> Prompt {
    try Prompt(tokens: Array(0..<10), attachments: ranges.map { try attachment($0) })
  }

  @Test("Attachments that follow each other within the prompt are taken")
  func valid() throws {
    #expect(try prompt(0..<3, 3..<4, 7..<10).attachments.map(\.range) == [0..<3, 3..<4, 7..<10])
    #expect(try prompt().attachments.isEmpty)
  }

  @Test("Others are refused with their number and the figures")
  func invalid() {
    #expect(throws: PromptError.emptyAttachment(index: 1)) { try prompt(0..<3, 5..<5) }
    #expect(throws: PromptError.attachmentOutside(index: 0, range: 8..<11, tokens: 10)) {
      try prompt(8..<11)
    }
    #expect(throws: PromptError.attachmentOutside(index: 0, range: -1..<2, tokens: 10)) {
      try prompt(-1..<2)
    }
    #expect(throws: PromptError.attachmentsOverlap(index: 1, start: 2, end: 3)) {
      try prompt(0..<3, 2..<5)
    }
    #expect(throws: PromptError.attachmentsOverlap(index: 1, start: 0, end: 8)) {
      try prompt(5..<8, 0..<2)
    }
  }

  @Test("A prompt is the collection of its tokens, which can be changed and added to")
  func tokens() throws {
    var prompt = try prompt(2..<4)
    prompt[0] = 40
    prompt += [50, 51]
    prompt.append(52)
    #expect(prompt.count == 13)
    #expect(prompt.tokens == [40, 1, 2, 3, 4, 5, 6, 7, 8, 9, 50, 51, 52])
    #expect(prompt.attachments.map(\.range) == [2..<4])
    #expect(Array([1, 2, 3] as Prompt) == [1, 2, 3])
  }

  @Test("A digest has 32 bytes, each of which counts")
  func digests() {
    let bytes = (0..<32).map { UInt8($0) }
    var digests: Set<AttachmentDigest> = []
    for index in 0..<32 {
      var changed = bytes
      changed[index] ^= 0x80
      if let digest = AttachmentDigest(changed) { digests.insert(digest) }
    }
    if let digest = AttachmentDigest(bytes) { digests.insert(digest) }
    #expect(digests.count == 33)
    #expect(AttachmentDigest(Array(bytes.dropLast())) == nil)
    #expect(AttachmentDigest(bytes + [0]) == nil)
  }
}
