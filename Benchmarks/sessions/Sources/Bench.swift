// Compares sessions over an engine with the engine itself, in turns: as many requests at once, the same tokens.
// Then cancels a third of as many. Fails where an answer is another than alone, or is lost.
//
//   sessions MODEL [REQUESTS] [ROUNDS]

import ApusKit
import Foundation

@main struct Bench {
  static let tokens = 16
  let model: ApusLanguageModel

  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 2 else {
      FileHandle.standardError.write(Data("usage: sessions MODEL [REQUESTS] [ROUNDS]\n".utf8))
      exit(64)
    }
    let count = arguments.count > 2 ? Int(arguments[2]) ?? 1000 : 1000
    let rounds = arguments.count > 3 ? Int(arguments[3]) ?? 3 : 3
    let bench = Bench(model: try await ApusLanguageModel.load(arguments[1]))
    // Pages of the cache and stacks of tasks are touched before anything is measured.
    _ = try await bench.bySessions(bench.prompts(count, -1))
    let memory = residentBytes()
    let ratios = try await bench.compare(count, rounds)
    try await bench.checkBits(min(count, 100))
    try await bench.cancelThird(count)
    let grown = Double(residentBytes() - memory) / 1_048_576
    print(
      "sessions/engine \(ratios.sorted()[ratios.count / 2].rounded(to: 3)), "
        + "\(ratios.map { $0.rounded(to: 3) }); memory grew by \(grown.rounded(to: 1)) MiB "
        + "of \(memory >> 20)")
    await bench.model.shutDown()
  }

  /// Prompts that no other round has.
  func prompts(_ count: Int, _ round: Int) -> [String] {
    (0..<count).map { "What follows the number \(round * count + $0)? Answer in one sentence." }
  }

  /// Answers prompts at once, by requests to the engine.
  func byEngine(_ prompts: [String]) async throws -> [String] {
    let engine = model.engine
    return try await together(prompts) { prompt in
      let request = try engine.model.request(
        for: [.user(prompt)], sampling: .greedy, stop: StopCondition(maximumTokens: Self.tokens))
      var text = ""
      for try await event in try await engine.submit(request) {
        switch event {
        case .token(let token): text += token.text
        case .finished(let summary): text += summary.text
        default: break
        }
      }
      return text
    }
  }

  /// Answers prompts at once, by a session each.
  func bySessions(_ prompts: [String]) async throws -> [String] {
    let options = GenerationOptions(samplingMode: .greedy, maximumResponseTokens: Self.tokens)
    return try await together(prompts) { [model] prompt in
      try await LanguageModelSession(model: model).respond(to: prompt, options: options).content
    }
  }

  private func together(
    _ prompts: [String], _ answer: @escaping @Sendable (String) async throws -> String
  ) async throws -> [String] {
    try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for (index, prompt) in prompts.enumerated() {
        group.addTask { (index, try await answer(prompt)) }
      }
      var answers = prompts
      for try await (index, text) in group { answers[index] = text }
      return answers
    }
  }

  /// The speed of sessions by that of the engine, a round each.
  func compare(_ count: Int, _ rounds: Int) async throws -> [Double] {
    var ratios: [Double] = []
    for round in 0..<rounds {
      let (first, second) = (prompts(count, 2 * round), prompts(count, 2 * round + 1))
      var (engine, sessions) = (0.0, 0.0)
      for turn in 0..<2 {
        let prompts = turn == 0 ? first : second
        // Whoever was first is second in the next round.
        if turn == round % 2 {
          engine = try await seconds { _ = try await byEngine(prompts) }
        } else {
          sessions = try await seconds { _ = try await bySessions(prompts) }
        }
      }
      ratios.append(engine / sessions)
      print(
        "round \(round + 1): \(count) requests, engine \(engine.rounded(to: 2)) s, "
          + "sessions \(sessions.rounded(to: 2)) s")
    }
    return ratios
  }

  /// Fails where answers at once are others than one after the other, or than the engine's.
  func checkBits(_ count: Int) async throws {
    let prompts = prompts(count, -2)
    let together = try await bySessions(prompts)
    let engine = try await byEngine(prompts)
    for (index, prompt) in prompts.enumerated() {
      let alone = try await bySessions([prompt])[0]
      guard alone == together[index], alone == engine[index] else {
        fatalError("\(prompt): \(alone) alone, \(together[index]) together, \(engine[index])")
      }
    }
    print("\(count) answers are the same alone, together and by the engine")
  }

  /// Cancels a third of many requests; fails where another one is not answered.
  func cancelThird(_ count: Int) async throws {
    let options = GenerationOptions(samplingMode: .greedy, maximumResponseTokens: Self.tokens)
    let tasks = prompts(count, -3).map { prompt in
      Task {
        try await LanguageModelSession(model: model).respond(to: prompt, options: options).content
      }
    }
    while model.engine.status.running == 0 { await Task.yield() }
    for (index, task) in tasks.enumerated() where index % 3 == 0 { task.cancel() }
    var (answered, cancelled) = (0, 0)
    for (index, task) in tasks.enumerated() {
      do {
        _ = try await task.value
        answered += 1
      } catch is CancellationError where index % 3 == 0 {
        cancelled += 1
      }
    }
    // The status is that of the last step, which may end after the last answer was read.
    let deadline = ContinuousClock.now + .seconds(10)
    var status = model.engine.status
    while status.running + status.waiting > 0, ContinuousClock.now < deadline {
      await Task.yield()
      status = model.engine.status
    }
    print(
      "\(answered) answered, \(cancelled) cancelled; \(status.running) run, \(status.waiting) wait; "
        + "\(status.totalPages - status.freePages) pages held")
    guard answered + cancelled == count, status.running == 0, status.waiting == 0 else {
      fatalError("a request was lost")
    }
  }

  private func seconds(_ body: () async throws -> Void) async throws -> Double {
    let start = ContinuousClock.now
    try await body()
    return (ContinuousClock.now - start) / .seconds(1)
  }
}

/// Memory of the process that is in use.
func residentBytes() -> Int {
  let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
  let fields = text.split(separator: " ")
  return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
}

extension Double {
  /// The nearest number with so many places.
  func rounded(to places: Int) -> Double {
    let factor = pow(10, Double(places))
    return (self * factor).rounded() / factor
  }
}
