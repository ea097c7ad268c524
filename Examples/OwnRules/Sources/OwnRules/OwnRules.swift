// An own chat template, an own rule of sampling, stop strings and a seed, for requests of one
// value of the model only.
// Expected: no digit in any answer made with the rule; the same answer twice; the plain model's
// answers are as if the rule had never been; a template that cannot be read is refused with
// line and column.
import ApusKit

/// Never lets a token through whose text has a digit.
struct NoDigits: LogitProcessor {
  let banned: [Int]
  init(_ tokenizer: Tokenizer) {
    banned = (0..<tokenizer.count).filter { token in
      tokenizer.bytes(of: Token(token)).contains { (48...57).contains($0) }
    }
  }
  mutating func process(_ logits: inout MutableSpan<Float>, after tokens: Span<Token>) {
    for token in banned { logits[token] = -.infinity }
  }
}

@main struct OwnRules {
  static func main() async throws {
    let model = try await ApusLanguageModel.load("Weights/SmolLM2-135M-Instruct.Q4_1.gguf")
    let rule = NoDigits(model.engine.model.tokenizer)
    let wordy = try model.with {
      $0.processors = [rule]
      $0.seed = 7
      $0.stop = ["\n\n"]
      $0.template = try ChatTemplate(
        source:
          "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
      )
    }
    let prompt = "In which year did the second world war end?"
    let plain = try await LanguageModelSession(model: model).respond(
      to: prompt, options: .init(samplingMode: .greedy, maximumResponseTokens: 40))
    let one = try await LanguageModelSession(model: wordy).respond(
      to: prompt, options: .init(maximumResponseTokens: 40))
    let two = try await LanguageModelSession(model: wordy).respond(
      to: prompt, options: .init(maximumResponseTokens: 40))
    precondition(!one.content.contains(where: \.isNumber) && one.content == two.content)
    let again = try await LanguageModelSession(model: model).respond(
      to: prompt, options: .init(samplingMode: .greedy, maximumResponseTokens: 40))
    precondition(plain.content == again.content)
    print(plain.content, "|", one.content, one.report!.seed)
    do {
      _ = try ChatTemplate(source: "{% for %}")
      fatalError("read")
    } catch { print(error) }
    await model.shutDown()
  }
}
