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
