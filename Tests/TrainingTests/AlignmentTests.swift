import CTraining
import Foundation
import JSON
import Testing

@testable import Training

/// What preferences and rewards teach, against PyTorch in double precision.
@Suite("Alignment against PyTorch's")
struct AlignmentTests {
  /// A prompt and its answer, of whose tokens each counts by a weight.
  private static func leaf(
    _ prompt: [Int], _ answer: [Int], weights: [Double]? = nil
  ) throws -> Leaf {
    let all = prompt + answer
    let targets = all.indices.map { index in
      index + 1 >= prompt.count && index + 1 < all.count ? Int32(all[index + 1]) : -1
    }
    let none = [Float](repeating: 0, count: prompt.count - 1)
    return try Leaf(
      tokens: all.map { UInt32($0) }, targets: targets, documentLengths: [all.count],
      weights: weights.map { none + $0.map { Float($0) } + [0] })
  }

  /// The policy of the goldens.
  private static func policy() throws -> Trainer {
    let trainer = try ModelGoldenTests.trainer()
    let values = try Golden.parameters("policy.", in: GoldenFile("dpo.safetensors"))
    for (index, value) in values.enumerated() { trainer.weights.base[index] = Float(value) }
    return trainer
  }

  /// The log-probabilities of answers' tokens.
  private static func logProbabilities(
    _ trainer: Trainer, _ answers: [(prompt: [Int], answer: [Int])]
  ) throws -> [[Double]] {
    let leaves = try answers.map { try leaf($0.prompt, $0.answer) }
    let all = try trainer.gradients.logProbabilities(leaves, weights: trainer.weights)
    return zip(all, answers).map { values, answer in
      Array(values[(answer.prompt.count - 1)..<(values.count - 1)])
    }
  }

  private static func compare(
    _ trainer: Trainer, _ leaves: [Leaf], _ file: GoldenFile, prefix: String, divisor: Float
  ) throws {
    let result = try trainer.gradients.run(leaves, weights: trainer.weights)
    let gradient = try #require(result.gradient)
    var compared = 0
    for tensor in trainer.gradients.decoder.parameters.tensors {
      let name = prefix + Golden.name(of: tensor)
      guard file.has(name) else { continue }
      let expected = Golden.interleaved(try file.values(name), tensor)
      let error = worst(gradient[tensor.range].map { $0 / divisor }, expected)
      #expect(error < 2e-5, "\(name): \(error)")
      compared += 1
    }
    #expect(compared >= 4)
  }

  private static func integers(_ value: JSONValue?) -> [Int] {
    value?.array?.compactMap(\.integer) ?? []
  }

  @Test("DPO: sums, losses, and all gradients")
  func preferences() throws {
    let trainer = try Self.policy()
    let rule = DirectPreference()
    let pairs = try #require(try Golden.index("dpo", "pairs").array).compactMap(\.object)
    let losses = try Golden.index("dpo", "losses").numbers
    var smoothed = rule
    smoothed.labelSmoothing = 0.1
    var leaves: [Leaf] = []
    var smoothLoss = 0.0
    var identity = 0.0
    #expect(pairs.count == 3)
    for (pair, loss) in zip(pairs, losses) {
      let prompt = Self.integers(pair["prompt"])
      let chosen = Self.integers(pair["chosen"])
      let rejected = Self.integers(pair["rejected"])
      let sums = try Self.logProbabilities(trainer, [(prompt, chosen), (prompt, rejected)])
        .map { $0.reduce(0, +) }
      let reference = ["referenceChosen", "referenceRejected"].map { pair[$0]?.number ?? .nan }
      #expect((sums[0] - (pair["policyChosen"]?.number ?? .nan)).magnitude < 2e-4)
      let values = DirectPreference.Pair(
        policy: (sums[0], sums[1]), reference: (reference[0], reference[1]))
      #expect((rule.loss(values) - loss).magnitude < 2e-5)
      smoothLoss += smoothed.loss(values) / 3
      identity +=
        rule.identityLoss(
          meanMargin: (sums[0] - reference[0]) / Double(chosen.count)
            - (sums[1] - reference[1]) / Double(rejected.count)) / 3
      let weight = rule.weight(values)
      leaves.append(
        try Self.leaf(prompt, chosen, weights: chosen.map { _ in weight }))
      leaves.append(
        try Self.leaf(prompt, rejected, weights: rejected.map { _ in -weight }))
    }
    let expected = try #require(try Golden.index("dpo", "smoothed", "loss").number)
    #expect((smoothLoss - expected).magnitude < 2e-5)
    #expect((identity - (try Golden.index("dpo", "ipo").number ?? .nan)).magnitude < 1e-3)
    try Self.compare(
      trainer, leaves, GoldenFile("dpo.safetensors"), prefix: "grad.", divisor: 3)
  }

  /// Answers of the goldens, with their advantages.
  private struct Answer {
    let prompt: [Int]
    let ids: [Int]
    let advantage: Double
    let old: [Double]
    let reference: [Double]
  }

  private static func answers(_ policy: GroupPolicy) throws -> [Answer] {
    var answers: [Answer] = []
    for group in try #require(try Golden.index("grpo", "groups").array).compactMap(\.object) {
      let rewards = group["rewards"]?.numbers ?? []
      let advantages = policy.advantages(rewards)
      for (place, answer) in (group["answers"]?.array ?? []).compactMap(\.object).enumerated() {
        answers.append(
          Answer(
            prompt: integers(group["prompt"]), ids: integers(answer["ids"]),
            advantage: advantages?[place] ?? 0, old: answer["old"]?.numbers ?? [],
            reference: answer["reference"]?.numbers ?? []))
      }
    }
    return answers
  }

  @Test("GRPO: three aggregations, clipped tokens, and gradients")
  func rewards() throws {
    let trainer = try Self.policy()
    let file = try GoldenFile("grpo.safetensors")
    let cases: [(GroupPolicy.Aggregation, beta: Double, loss: String, prefix: String?)] = [
      (.tokens, 0.04, "dapo", "grad."), (.answers, 0.04, "grpo", nil),
      (.longest(8), 0, "dr_grpo_without_kl", "grad_dr."),
    ]
    for (aggregation, beta, name, prefix) in cases {
      var policy = GroupPolicy()
      policy.aggregation = aggregation
      policy.beta = beta
      let answers = try Self.answers(policy)
      let tokens = answers.reduce(0) { $0 + $1.ids.count }
      let all = try Self.logProbabilities(trainer, answers.map { ($0.prompt, $0.ids) })
      var leaves: [Leaf] = []
      var loss = 0.0
      var clipped = 0
      for (answer, values) in zip(answers, all) {
        let share = policy.share(
          length: answer.ids.count, tokens: tokens, answers: answers.count)
        let terms = values.indices.map { index in
          policy.term(
            .init(
              policy: values[index], old: answer.old[index], reference: answer.reference[index]),
            advantage: answer.advantage)
        }
        loss += terms.reduce(0) { $0 + $1.loss } * share
        clipped += terms.count(where: \.isClipped)
        leaves.append(
          try Self.leaf(answer.prompt, answer.ids, weights: terms.map { $0.weight * share }))
      }
      let expected = try #require(try Golden.index("grpo", "loss", name).number)
      #expect((loss - expected).magnitude < 2e-5, "\(name)")
      #expect(clipped == 14)
      guard let prefix else { continue }
      try Self.compare(trainer, leaves, file, prefix: prefix, divisor: 1)
    }
  }

  @Test("Rewards that are all alike teach nothing")
  func alike() {
    #expect(GroupPolicy().advantages([1, 1, 1]) == nil)
    #expect(GroupPolicy().advantages([]) == nil)
  }

  @Test("Powers of e and logarithms are the system's, to the last bits")
  func functions() {
    for step in -7000...7000 {
      let x = Double(step) / 10
      #expect((apus_exponential(x) / exp(x) - 1).magnitude < 1e-15, "e^\(x)")
      #expect((apus_logarithm(exp(x)) - x).magnitude <= 1e-15 * max(x.magnitude, 1), "\(x)")
    }
    #expect(apus_exponential(1000) == .infinity && apus_exponential(-1000) == 0)
  }
}
