import TestSupport
import Testing

@testable import GPTModel

@Suite("Accounts of tokens and time")
struct TokenAccountTests {
  private func engine(byClient: Bool) throws -> Engine {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    configuration.accountsByClient = byClient
    return try Engine(model: try Models.tiny(), configuration: configuration)
  }

  private func request(_ prompt: [Token], client: String) -> GenerationRequest {
    var stop = StopCondition(maximumTokens: 4)
    stop.atEndOfSequence = false
    var request = GenerationRequest(prompt: .init(prompt), sampling: .greedy, stop: stop)
    request.terms.client = client
    return request
  }

  @Test("Prompt, cached and written tokens count for the client that asked, and for all")
  func tokens() async throws {
    let engine = try engine(byClient: true)
    let long = (0..<70).map { Token($0 % 50 + 1) }
    for (prompt, client) in [(long, "ann"), (long, "ann"), ([1, 2, 3], "bob")] {
      _ = try await Answer(try engine.generate(request(prompt, client: client)))
    }
    await engine.drain()
    let measures = engine.measures
    let ann = try #require(measures.clientAccounts["ann"])
    let bob = try #require(measures.clientAccounts["bob"])
    let cached = measures.cachedTokens
    #expect(cached > 0 && ann.cachedTokens == cached && ann.promptTokens == 140 - cached)
    #expect(ann.writtenTokens == 8 && bob.writtenTokens == 4)
    #expect(bob.promptTokens == 3 && bob.cachedTokens == 0)
    #expect(measures.clientAccounts.count == 2)
    let account = measures.account
    #expect(account.promptTokens == 143 - cached && account.writtenTokens == 12)
    for one in [ann, bob, account] { #expect(one.promptSeconds > 0 && one.writtenSeconds > 0) }
    #expect(abs(ann.seconds + bob.seconds - account.seconds) < 1e-9)
  }

  @Test("Unless it is wanted no client has an account")
  func anonymous() async throws {
    let engine = try engine(byClient: false)
    _ = try await Answer(try engine.generate(request([1, 2, 3], client: "secret")))
    await engine.drain()
    #expect(engine.measures.clientAccounts.isEmpty)
    #expect(engine.measures.account.writtenTokens == 4)
  }

  @Test("A step's time is shared by its rows, on either side of a prompt's end")
  func shares() {
    func entry(_ id: UInt64, first: Int, count: Int) -> StepPlan.Entry {
      StepPlan.Entry(
        id: SequenceID(id), first: first, count: count, outputs: first..<first, tables: [])
    }
    var (shares, accounts) = (StepShares(), TokenAccounts())
    shares.add(entry(1, first: 0, count: 6), prompt: 100, client: "a")
    shares.add(entry(2, first: 9, count: 1), prompt: 9, client: "b")
    // Computed anew after its pages were lost: the last of the prompt and two of the answer.
    shares.add(entry(3, first: 4, count: 3), prompt: 5, client: nil)
    shares.charge(10, to: &accounts)
    #expect(accounts.clients["a"]?.promptSeconds == 6 && accounts.clients["a"]?.writtenSeconds == 0)
    #expect(accounts.clients["b"]?.promptSeconds == 0 && accounts.clients["b"]?.writtenSeconds == 1)
    #expect(accounts.total.promptSeconds == 7 && accounts.total.writtenSeconds == 3)
    shares.removeAll()
    shares.charge(10, to: &accounts)
    #expect(accounts.total.seconds == 10)
  }

  @Test("Clients beyond the limit share the account without a name")
  func bounded() {
    var accounts = TokenAccounts()
    for number in 0..<(TokenAccounts.limit + 10) {
      accounts.change("c\(number)") { $0.noteToken() }
    }
    accounts.change("c0") { $0.noteToken() }
    #expect(accounts.clients.count == TokenAccounts.limit + 1)
    #expect(accounts.clients[""]?.writtenTokens == 10)
    #expect(accounts.clients["c0"]?.writtenTokens == 2)
    #expect(accounts.total.writtenTokens == TokenAccounts.limit + 11)
  }
}
