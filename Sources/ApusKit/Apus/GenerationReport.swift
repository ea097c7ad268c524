/// How a response came about, carried in its usage's metadata.
public struct GenerationReport: Sendable, Hashable, Codable {
  /// Why an answer ended.
  public enum Finish: String, Sendable, Hashable, Codable {
    /// The model ended it, or its form was complete.
    case stop
    /// A stop string appeared.
    case stopString
    /// It was as long as it may be.
    case length
    /// It called tools.
    case toolCalls
  }

  /// Why the answer ended.
  public var finish: Finish
  /// The seed by which tokens were drawn.
  public var seed: UInt64
  /// Names the model and its weights: with equal ones equal requests have equal answers.
  public var fingerprint: String
  /// How long the request waited.
  public var queued: Duration
  /// How long it took from its start to its first token.
  public var firstToken: Duration
  /// Tokens of the answer in a second, the first left out; 0 where there is one at most.
  public var tokensPerSecond: Double
  /// For each token of the answer the likeliest ones with their log-probabilities, where they were asked for.
  public var alternatives: [[String: Float]]

  /// Whether the limit was so near that an answer with a form was brought to its end: its texts may be shorter
  /// than the model would have them.
  public var wasClosed = false

  /// The key of a usage's metadata.
  package static let key = "apus.report"

  /// Describes a response.
  public init(
    finish: Finish, seed: UInt64 = 0, fingerprint: String = "", queued: Duration = .zero,
    firstToken: Duration = .zero
  ) {
    (self.finish, self.seed, self.fingerprint) = (finish, seed, fingerprint)
    (self.queued, self.firstToken, tokensPerSecond) = (queued, firstToken, 0)
    alternatives = []
  }
}

extension LanguageModelSession.Response {
  /// How the response came about; nil where the model does not tell.
  public var report: GenerationReport? {
    usage.metadata[GenerationReport.key] as? GenerationReport
  }
}
