import JSON
import Testing
import Tokenizers

@Suite("Splitters against the reference's regular expressions")
struct SplitterGoldenTests {
  private static let compared = [
    "gpt-2", "smollm", "llama-bpe", "dbrx", "qwen2", "qwen35", "gpt-4o", "tekken", "deepseek-v3",
    "deepseek-llm", "deepseek-coder", "falcon", "default", "bloom", "viking", "superbpe", "laguna",
    "minicpm5", "tiny_aya", "chameleon", "afmoe", "spark2_5", "youtu", "kimi-k2", "seed-coder",
    "exaone-moe", "ufakzeka", "jais-2",
  ]

  @Test("Words are those that the published patterns give", arguments: compared)
  func words(_ name: String) throws {
    let splitter = try #require(TextSplitters.named(name))
    for golden in try GoldenFile.all("splitters") {
      let texts = golden.values("texts").map(\.text)
      let expected = golden.object("splitters").object(name).values("words")
      try #require(texts.count == expected.count && texts.count >= 500)
      for (text, words) in zip(texts, expected) {
        let found = splitter.words(of: text).map(\.utf8.count)
        #expect(found == words.elements.map(\.integer), "\(text.debugDescription)")
      }
    }
  }

  @Test("A splitter is found by the patterns that it stands for", arguments: compared)
  func patterns(_ name: String) throws {
    let golden = try GoldenFile.one("splitters").object("splitters").object(name)
    let splitter = TextSplitters.matching(golden.values("patterns").map(\.text))
    let named = try #require(TextSplitters.named(name))
    // Names that differ only in what else they mean share their patterns.
    #expect(splitter?.patterns == named.patterns)
  }

  @Test("Every name that llama.cpp knows is known, and no name stands twice")
  func names() {
    let known = TextSplitters.all.flatMap(\.names)
    #expect(Set(known).count == known.count)
    let wanted = """
      a.x-4.0 afmoe bailingmoe bailingmoe2 bloom chameleon chatglm-bpe codeshell cohere2moe command-r \
      dbrx deepseek-coder deepseek-llm deepseek-r1-qwen deepseek-v3 default exaone exaone-moe exaone4 \
      f2llmv2 falcon falcon-h1 falcon3 gigachat glm4 glm5 gpt-2 gpt-4o gpt3-finnish \
      granite-docling granite-embed-multi-97m grok-2 hunyuan hunyuan-dense hy_v4 jais jais-2 jina-de \
      jina-es jina-v1-en jina-v2-code jina-v2-de jina-v2-es jina-v5-nano joyai-llm kanana2 kimi-k2 \
      kormo laguna lfm2 llada-moe llama-bpe llama-v3 llama3 llama4 megrez mellum mellum2 midm-2.0 \
      minerva-7b minicpm5 minimax-m2 modern-bert mpt olmo phi-2 pixtral poro-chat qwen2 qwen35 refact \
      roberta-bpe seed-coder smaug-bpe smollm solar-open spark2_5 stablelm2 starcoder superbpe talkie \
      tekken tiny_aya trillion ufakzeka viking youtu
      """.split(separator: " ").map(String.init)
    for name in wanted { #expect(known.contains(name), "\(name)") }
  }

  @Test(
    "A long run of one kind of character is cut, whatever the kind",
    arguments: TextSplitters.all.map { $0.names[0] })
  func longRuns(_ name: String) throws {
    let splitter = try #require(TextSplitters.named(name))
    for unit in ["a", "A", " ", "\n", "1", "!", "\u{301}", "\u{3000}", "漢", "a ", " \n", "'"] {
      let bytes = Array(String(repeating: unit, count: (1 << 14) / unit.utf8.count).utf8) + [0x78]
      var end = 0
      splitter.forEachWord(in: bytes, 0..<bytes.count) { word in
        if word.lowerBound != end || word.isEmpty { Issue.record("\(word) after \(end)") }
        end = word.upperBound
      }
      #expect(end == bytes.count)
    }
  }
}
