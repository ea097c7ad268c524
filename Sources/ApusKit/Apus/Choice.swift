#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The likeliest of some values, and how likely all of them are.
public struct Choice<Value: Hashable & Sendable>: Sendable {
  /// The likeliest.
  public let value: Value
  /// Of all cases, summing to one.
  public let probabilities: [Value: Double]
}

extension LanguageModelSession {
  /// The likeliest case, by the exact probabilities of all of them as answers to a prompt.
  ///
  /// The probability of a case is that of the model answering with its raw value, and ending there, among the
  /// cases: the softmax over the sums of the log-probabilities of the tokens. All are computed side by side.
  /// Nothing is said, so the transcript stays as it is.
  ///
  /// - Throws: `LanguageModelError.unsupportedCapability` where the model is not an `ApusLanguageModel`.
  nonisolated(nonsending) public func choose<
    T: CaseIterable & RawRepresentable & Hashable & Sendable
  >(
    _ type: T.Type = T.self, for prompt: String
  ) async throws -> Choice<T> where T.RawValue == String {
    let cases = Array(T.allCases)
    let likeliest = try await logprobs(of: cases.map(\.rawValue), for: prompt)
    let most = likeliest.max() ?? 0
    let weights = likeliest.map { exp($0 - most) }
    let mass = weights.reduce(0, +)
    var (probabilities, best): ([T: Double], Int?) = ([:], nil)
    for (index, value) in cases.enumerated() {
      probabilities[value] = weights[index] / mass
      if best.map({ likeliest[index] > likeliest[$0] }) ?? true { best = index }
    }
    guard let best else {
      throw ApusError(.notDescribable, schemaName(of: T.self), "it has no cases to choose from")
    }
    return Choice(value: cases[best], probabilities: probabilities)
  }

  /// The log-probabilities of answers to a prompt.
  private func logprobs(of answers: [String], for prompt: String) async throws -> [Double] {
    guard let model = model as? ApusLanguageModel else {
      throw LanguageModelError.unsupportedCapability(
        .init(
          capability: .guidedGeneration,
          debugDescription: "the model does not tell probabilities; an ApusLanguageModel does"))
    }
    let turn = try begin()
    defer { end(turn.turn) }
    let transcript = turn.transcript + [TurnRequest(prompt: prompt).entry]
    return try await model.logprobs(of: answers, after: transcript)
  }
}

extension ApusLanguageModel {
  /// The log-probabilities of answers to a conversation, ended by the end of sequence where there is one.
  func logprobs(of answers: [String], after transcript: Transcript) async throws -> [Double] {
    let tokenizer = engine.model.tokenizer
    let prompt = tokenizer.encode(try PromptLayout(transcript, model: self).segments)
    let end = tokenizer.endOfSequence.map { [$0] } ?? []
    return try await withThrowingTaskGroup(of: (Int, Double).self) { group in
      for (index, answer) in answers.enumerated() {
        let tokens = tokenizer.encode(answer) + end
        group.addTask { (index, try await self.logprob(of: tokens, after: prompt)) }
      }
      var all = [Double](repeating: 0, count: answers.count)
      for try await (index, logprob) in group { all[index] = logprob }
      return all
    }
  }

  private func logprob(of tokens: [Token], after prompt: [Token]) async throws -> Double {
    var wanted = GenerationRequest(
      prompt: prompt + tokens, sampling: .greedy, stop: StopCondition(maximumTokens: 0))
    wanted.promptAlternatives = 0
    wanted.terms = request.terms
    do {
      for try await event in try await start(wanted) {
        guard case .prompt(let report) = event else { continue }
        return report.logprobs.suffix(tokens.count).reduce(0) { $0 + Double($1.chosen.logprob) }
      }
    } catch let error as EngineError {
      throw translated(error)
    }
    throw CancellationError()
  }
}
