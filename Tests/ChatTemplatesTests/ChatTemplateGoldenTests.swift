import ChatTemplates
import Testing

@Suite("Chat templates against jinja2")
struct ChatTemplateGoldenTests {
  @Test("Templates of every family render every conversation to the same bytes")
  func conversations() throws {
    let goldens = try ChatTemplateGoldens()
    #expect(goldens.templates.count >= 40)
    #expect(goldens.conversations.count >= 30)
    for (template, outcomes) in zip(goldens.templates, goldens.renderings) {
      #expect(outcomes.count == goldens.conversations.count)
      let found = goldens.outcomes(template.source, goldens.conversations)
      for (index, scene) in goldens.conversations.enumerated() {
        #expect(
          found[index].matches(outcomes[index]),
          "\(template.name), \(scene.name): \(found[index]) instead of \(outcomes[index])")
      }
    }
  }

  /// Templates that add texts to one that went through `safe`: jinja2 then writes `&lt;` for `<` in them,
  /// as for a page, which no model is meant to read.
  private static let escaping: Set = ["meetkai-functionary-medium-v3.1.jinja"]

  @Test(
    "Templates of a folder render every conversation as jinja2 does",
    .enabled(if: ChatTemplateGoldens.campaign != nil))
  func campaign() throws {
    let goldens = try ChatTemplateGoldens(path: ChatTemplateGoldens.campaign)
    #expect(goldens.templates.count >= 10)
    var texts = 0
    for (template, outcomes) in zip(goldens.templates, goldens.renderings)
    where !Self.escaping.contains(template.name) {
      let found = goldens.outcomes(template.source, goldens.conversations)
      for (index, scene) in goldens.conversations.enumerated() {
        if case .text = outcomes[index] { texts += 1 }
        // Where the reference fails for another reason than that it was told to, this one may do better.
        if outcomes[index] == .error { continue }
        #expect(
          found[index].matches(outcomes[index]),
          "\(template.name), \(scene.name): \(found[index]) instead of \(outcomes[index])")
      }
    }
    print("\(goldens.templates.count) templates, \(texts) texts compared")
  }

  @Test("Expressions and statements give the same bytes, or both fail")
  func snippets() throws {
    let goldens = try ChatTemplateGoldens()
    #expect(goldens.snippets.count >= 800)
    for (source, expected) in goldens.snippets {
      let found = goldens.outcomes(source, [goldens.snippetScene])[0]
      #expect(found.matches(expected), "\(source): \(found) instead of \(expected)")
    }
  }
}
