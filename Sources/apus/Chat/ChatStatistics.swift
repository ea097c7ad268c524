import GPTModel

/// What answers took.
struct ChatStatistics: Sendable {
  /// Answers that were written, or begun.
  private var answers = 0
  private var prompt = 0
  private var cached = 0
  private var written = 0
  private var prefill = 0.0
  private var decode = 0.0
  /// Positions of the context that the last answer and what came before it take.
  private var used = 0

  /// Notes an answer that ended by itself.
  mutating func note(_ summary: GenerationSummary) {
    note(prompt: summary.usage.promptTokens, written: summary.usage.completionTokens)
    cached += summary.usage.cachedTokens
    prefill += summary.times.prefill
    decode += summary.times.decode
  }

  /// Notes an answer that was stopped, whose times nobody knows.
  mutating func note(prompt: Int, written: Int) {
    answers += 1
    self.prompt += prompt
    self.written += written
    used = prompt + written
  }

  /// Lines that tell it.
  func lines(context: Int, conversation: (messages: Int, forgotten: Int)) -> [String] {
    var lines = [
      "messages   \(conversation.messages), of which \(conversation.forgotten) are forgotten",
      "context    \(used) of \(context) tokens",
      "answers    \(answers)",
      "read       \(prompt) tokens, \(cached) of them from the cache, in \(seconds(prefill))",
      "written    \(written) tokens in \(seconds(decode))",
    ]
    if decode > 0 {
      let rate = (Double(written) / decode).rounded()
      lines.append("speed      \(Int(exactly: rate) ?? 0) tokens a second")
    }
    return lines
  }

  private func seconds(_ time: Double) -> String {
    "\((time * 100).rounded() / 100) s"
  }
}
