/// On whose account a request runs, and how urgently.
public struct RequestTerms: Sendable, Hashable {
  /// Who asks: clients take turns, and share cached prompts with nobody else.
  public var client = ""
  /// Lower goes first, in the queue and when pages run out.
  public var priority = 0
  /// Names what may be shared between requests of one client; requests of unequal salts share nothing.
  public var cacheSalt = ""
  /// Whether cached prompts are used and left for others.
  public var usesCache = true
  /// The adapter of the request, whose cached prompts are another's than the model's own; empty for none.
  var adapter = ""
  /// When waiting has no point any more, in seconds of the engine's clock; nil for never.
  package var deadline: Double?
  /// How long the request may wait before its first step, in seconds; nil for as long as it takes.
  public var longestWait: Double?

  /// Creates the terms of a client without a name.
  public init() {}

  /// Whose cache pages may be shared.
  package var namespace: CacheNamespace {
    // The lengths keep ("a", "bc") and ("ab", "c") apart.
    let own = "\(client.utf8.count):\(client)\(adapter.utf8.count):\(adapter)"
    return usesCache ? .shared("\(own)\(cacheSalt)") : .none
  }
}
