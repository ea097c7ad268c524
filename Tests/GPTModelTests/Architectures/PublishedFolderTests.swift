import Evaluation
import Foundation
import GPTModel
import ModelFiles
import Tensor
import TestSupport
import Testing

/// Models in published folders against logits of an independent implementation in float32.
@Suite("Published folders")
struct PublishedFolderTests {
  /// Those of models that write text.
  private static let folders = PublishedFolder.all.filter { !$0.isEncoder }

  @Test("Each architecture of the list is tried with a reference of its own")
  func referenceOfEach() throws {
    var untried = Dictionary(
      uniqueKeysWithValues: Architectures.all.map { (ObjectIdentifier($0), $0.names[0]) })
    for folder in PublishedFolder.all {
      let configuration = try ModelSources.open(path: folder.path).configuration
      untried[ObjectIdentifier(try Architectures.named(configuration))] = nil
    }
    #expect(untried.isEmpty)
  }

  @Test("Every logit is the reference's, keys and values kept in float32", arguments: folders)
  func logits(folder: PublishedFolder) throws {
    let reference = try folder.reference()
    let expected = try folder.logits(reference).map { $0.map(Double.init) }
    // Both have rounded, each in its own order.
    let noise = 2 * Self.noise(reference, expected)
    for path in folder.paths {
      let found = try logits(of: reference.inputIds, path, .float32)
      #expect(Self.worstError(found, expected) <= noise, "\(path)")
      guard let least = reference.mistakes?.values.map(\.largest).min() else { continue }
      let distance = zip(found.joined(), expected.joined()).map { ($0 - $1).magnitude }.max()
      #expect(distance ?? .infinity <= least / 2, "\(path)")
    }
  }

  /// The proof has two halves. A plain forward in float64 gives the reference's logits; and the decoder
  /// gives those of the same forward, once that rounds what the decoder rounds on purpose.
  @Test("Every logit is the reference's, but for what a bfloat16 cache rounds", arguments: folders)
  func roundedLogits(folder: PublishedFolder) throws {
    let reference = try folder.reference()
    let expected = try folder.logits(reference).map { $0.map(Double.init) }
    for path in folder.paths {
      var forward = try ReferenceDecoder(ModelSources.open(path: path))
      let found = try logits(of: reference.inputIds, path, .bfloat16)
      let error = try Self.leastError(found, forward, reference.inputIds)
      #expect(error <= Self.bound, "\(path)")
      forward.round = nil
      let exact = try forward.logits(of: reference.inputIds)
      #expect(Self.worstError(exact, expected) <= Self.noise(reference, expected), "\(path)")
    }
  }

  /// How far the decoder may be from a forward that rounds as it does, as a share of the largest logit.
  private static let bound = 2e-3

  /// The error of logits against a forward that rounds as the decoder does.
  ///
  /// The decoder may round a number near a tie either way. One that moves logits by more than the bound is
  /// looked for: a forward that rounds it the other way must give the decoder's logits.
  private static func leastError(
    _ found: [[Double]], _ forward: ReferenceDecoder, _ tokens: [Token]
  ) throws -> Double {
    var forward = forward
    forward.round?.noise = 0x1p-19
    func error(_ ties: ReferenceRounding.Ties) throws -> Double {
      forward.round?.ties = ties
      return worstError(found, try forward.logits(of: tokens))
    }
    let ties = ReferenceRounding.Ties()
    var least = try error(ties)
    for tie in 0..<ties.count where least > bound {
      least = min(least, try error(ReferenceRounding.Ties(turned: tie)))
    }
    return least
  }

  /// What float32 leaves of float64, as a share of the largest logit; the reference may state it.
  private static func noise(_ reference: PublishedFolder.Reference, _ expected: [[Double]])
    -> Double
  {
    let largest = expected.joined().map(\.magnitude).max() ?? 1
    return max(1e-5, 1.5 * (reference.ownError ?? 0) / largest)
  }

  @Test(
    "The most likely tokens are the reference's, the cache as exact as the weights",
    arguments: folders)
  func greedy(folder: PublishedFolder) throws {
    let reference = try folder.reference()
    let model = try LoadedModel.read(path: folder.path)
    let expected = try #require(reference.longGreedy ?? reference.greedy)
    var tokens = reference.inputIds
    let scorer = try Scorer(model: model)
    for token in expected {
      var last: [Float] = []
      try scorer.logits(of: tokens, at: tokens.count - 1..<tokens.count) { _, row in
        last = Array(row)
      }
      let best = last.indices.max { last[$0] < last[$1] }
      try #require(best == Int(token), "token \(tokens.count - reference.inputIds.count)")
      tokens.append(token)
    }
  }

  private func logits(of tokens: [Token], _ path: String, _ format: CacheFormat) throws
    -> [[Double]]
  {
    var configuration = EngineConfiguration()
    configuration.cacheFormat = format
    let scorer = try Scorer(model: try LoadedModel.read(path: path), configuration: configuration)
    var found: [[Double]] = []
    try scorer.logits(of: tokens, at: 0..<tokens.count) { _, row in
      found.append(row.map(Double.init))
    }
    return found
  }

  /// The greatest error of a logit, as a share of the largest of its row.
  private static func worstError(_ found: [[Double]], _ expected: [[Double]]) -> Double {
    guard found.map(\.count) == expected.map(\.count) else { return .infinity }
    return zip(found, expected).reduce(0) { worst, rows in
      let largest = rows.1.map(\.magnitude).max() ?? 1
      return zip(rows.0, rows.1).reduce(worst) { worst, pair in
        let error = (pair.0 - pair.1).magnitude / largest
        return error.isNaN ? .infinity : max(worst, error)
      }
    }
  }

  @Test("A text is the reference's tokens", arguments: folders)
  func tokens(folder: PublishedFolder) throws {
    let reference = try folder.reference()
    let text = try #require(reference.text)
    let tokenizer = try LoadedModel.loadTokenizer(path: folder.path)
    let tokens = tokenizer.encode([PromptSegment(text, from: .content)])
    #expect(Array(tokens.prefix(reference.inputIds.count)) == reference.inputIds)
  }
}
