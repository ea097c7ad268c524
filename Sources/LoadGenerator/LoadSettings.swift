package import Platform

/// What a load test sends, how fast, and for how long.
package struct LoadSettings: Sendable {
  /// When requests are sent.
  package enum Load: Sendable, Hashable {
    /// So many clients, each of which waits for its answer before it asks again.
    case closedLoop(clients: Int)
    /// So many requests per second, whether or not earlier ones have been answered.
    case openLoop(rate: Double, pattern: Arrivals.Pattern)
  }

  /// Where the server is.
  package var endpoint: Endpoint
  /// What every request carries.
  package var headers: [HeaderField] = []
  /// The model's name; the server's first if nil.
  package var model: String?
  /// When requests are sent.
  package var load = Load.closedLoop(clients: 8)
  /// Requests to send at most; no limit if nil.
  package var requests: Int?
  /// The time after which no more is sent; no limit if nil.
  package var duration: Duration?
  /// Requests to send first that are not counted.
  package var warmup = 0
  /// The seed of arrivals and prompts.
  package var seed: UInt64 = 0
  /// What is said.
  package var prompts: Prompts
  /// Turns of each conversation, at least one.
  package var turns = 1
  /// Tokens of an answer, where the prompt does not say.
  package var outputTokens: Int?
  /// Whether answers go on to their limit.
  package var ignoresEnd = false
  /// Randomness of the answers.
  package var temperature = 0.0
  /// How long an answer may take.
  package var timeout = Duration.seconds(600)
  /// What counts as good.
  package var objective = ServiceObjective()
  /// What the machines behind the server cost together; nil where nobody said.
  package var price: MachinePrice?

  /// Creates settings with which eight clients send until stopped.
  package init(endpoint: Endpoint, prompts: Prompts) {
    self.endpoint = endpoint
    self.prompts = prompts
  }
}
