/// Tokens that were processed on one account, and the time of steps that they took.
///
/// The time of a step is shared by its rows: each token of a prompt or an answer that is computed in it
/// takes an equal part. What was computed anew after a preemption takes its part again.
public struct TokenAccount: Sendable, Hashable {
  /// Tokens of prompts that were computed.
  public private(set) var promptTokens = 0
  /// Tokens of prompts that were found in the prefix cache, which take no time.
  public private(set) var cachedTokens = 0
  /// Tokens chosen.
  public private(set) var writtenTokens = 0
  /// Seconds of steps for tokens of prompts.
  public private(set) var promptSeconds = 0.0
  /// Seconds of steps for tokens of answers.
  public private(set) var writtenSeconds = 0.0

  /// Creates an account without tokens.
  public init() {}

  /// An account with given figures.
  package static func made(
    prompt: Int, cached: Int, written: Int, seconds: (prompt: Double, written: Double)
  ) -> TokenAccount {
    var account = TokenAccount()
    (account.promptTokens, account.cachedTokens) = (prompt, cached)
    account.writtenTokens = written
    (account.promptSeconds, account.writtenSeconds) = seconds
    return account
  }

  /// Seconds of steps in all.
  public var seconds: Double { promptSeconds + writtenSeconds }

  /// Notes a prompt that was read, with the first token of its answer.
  mutating func notePrompt(_ tokens: Int, cached: Int) {
    promptTokens += max(0, tokens - cached)
    cachedTokens += cached
    writtenTokens += 1
  }

  /// Notes a further token of an answer.
  mutating func noteToken() { writtenTokens += 1 }

  /// Charges rows of a step that took so many seconds for each.
  mutating func charge(promptRows: Int, writtenRows: Int, secondsPerRow: Double) {
    promptSeconds += Double(promptRows) * secondsPerRow
    writtenSeconds += Double(writtenRows) * secondsPerRow
  }
}

/// The accounts of an engine: all tokens together, and where that is wanted those of each client.
struct TokenAccounts: Sendable, Hashable {
  /// Clients that have an account of their own; further ones share that of the client without a name.
  static let limit = 1024

  /// All tokens together.
  private(set) var total = TokenAccount()
  /// Those of each client, by name.
  private(set) var clients: [String: TokenAccount] = [:]

  /// Changes the account of a client, nil for one that has none of its own, and that of all.
  mutating func change(_ client: String?, _ body: (inout TokenAccount) -> Void) {
    body(&total)
    guard let client else { return }
    let hasRoom = clients.count < Self.limit || clients[client] != nil
    body(&clients[hasRoom ? client : "", default: TokenAccount()])
  }
}

/// On whose account the rows of a step are computed, noted before the step because a generation may end
/// with it; keeps the memory of earlier steps.
struct StepShares {
  private struct Share {
    let client: String?
    let promptRows: Int
    let writtenRows: Int
  }

  private var shares: [Share] = []
  private var rows = 0

  /// Begins with the next step.
  mutating func removeAll() {
    shares.removeAll(keepingCapacity: true)
    rows = 0
  }

  /// Notes the rows of a sequence whose prompt has so many tokens.
  mutating func add(_ entry: StepPlan.Entry, prompt: Int, client: String?) {
    let promptRows = max(0, min(entry.end, prompt) - entry.first)
    let share = Share(
      client: client, promptRows: promptRows, writtenRows: entry.count - promptRows)
    shares.append(share)
    rows += entry.count
  }

  /// Shares the time of the step among the accounts.
  func charge(_ seconds: Double, to accounts: inout TokenAccounts) {
    let secondsPerRow = seconds / Double(max(1, rows))
    for share in shares {
      accounts.change(share.client) {
        $0.charge(
          promptRows: share.promptRows, writtenRows: share.writtenRows,
          secondsPerRow: secondsPerRow)
      }
    }
  }
}
