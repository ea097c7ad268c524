import GPTModel
import Testing

@Suite("Prompt lookup")
struct PromptLookupTests {
  private func draft(_ lookup: inout PromptLookup, _ count: Int = 100) -> [Token] {
    var draft: [Token] = []
    lookup.draft(into: &draft, atMost: count)
    return draft
  }

  @Test("What followed the last three tokens is drafted, as often as they were there the last time")
  func follows() {
    var lookup = PromptLookup(prompt: [1, 2, 3, 4, 5, 6, 7, 1, 2, 3], room: 20)
    #expect(draft(&lookup) == [4, 5, 6, 7])
    #expect(draft(&lookup, 2) == [4, 5])
    lookup.append(4)
    #expect(draft(&lookup) == [5, 6, 7, 1])
    lookup.append(9)
    #expect(draft(&lookup).isEmpty)
    for token: Token in [2, 3, 4] { lookup.append(token) }
    // The second time these came, 9 followed.
    #expect(draft(&lookup).first == 9)
  }

  @Test("What repeats itself is drafted for as long as is wanted")
  func period() {
    var lookup = PromptLookup(prompt: [7, 8, 7, 8, 7, 8], room: 20)
    #expect(draft(&lookup) == [7, 8, 7, 8])
  }

  @Test("A predicted text is drafted from its beginning, and found again after what differs")
  func predicted() {
    var lookup = PromptLookup(
      prompt: [50, 51], predicted: [1, 2, 3, 4, 5, 6, 7, 8, 9], room: 20)
    #expect(draft(&lookup) == [1, 2, 3, 4])
    for token: Token in [1, 2, 30] { lookup.append(token) }
    #expect(draft(&lookup).isEmpty)
    for token: Token in [4, 5, 6] { lookup.append(token) }
    #expect(draft(&lookup) == [7, 8, 9, 50])
  }

  @Test("Drafts get longer while they are right, and pause while they are wrong")
  func length() {
    var lookup = PromptLookup(
      prompt: [0], predicted: (1...100).map { Token($0) }, room: 100)
    lookup.note(isAccepted: true, left: 0)
    #expect(draft(&lookup).count == 8)
    lookup.note(isAccepted: true, left: 3)
    #expect(draft(&lookup).count == 8)
    for _ in 0..<3 { lookup.note(isAccepted: false, left: 2) }
    #expect(draft(&lookup).isEmpty)
    lookup.append(1)
    #expect(draft(&lookup) == [2])
    lookup.note(isAccepted: false, left: 0)
    for token: Token in [2] { lookup.append(token) }
    #expect(draft(&lookup).isEmpty)
    lookup.append(3)
    #expect(draft(&lookup) == [4])
  }

  @Test("Texts too short for a match draft nothing", arguments: 0...2)
  func short(count: Int) {
    var lookup = PromptLookup(prompt: Array(repeating: 4, count: count), room: 4)
    #expect(draft(&lookup).isEmpty)
  }
}
