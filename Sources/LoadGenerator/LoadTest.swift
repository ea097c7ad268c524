import JSON

/// Measures a server under load, as its clients see it.
package struct LoadTest: Sendable {
  /// Conversations of the warm-up are numbered from here, so that their prompts do not come again.
  private static let firstWarmupConversation = 1_000_000_000

  private let settings: LoadSettings
  private let progress: @Sendable (LoadProgress) -> Void

  /// Prepares a test.
  ///
  /// - Parameter progress: Hears twice a second how far the test has come.
  package init(
    settings: LoadSettings, progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
  ) {
    self.settings = settings
    self.progress = progress
  }

  /// Runs the test; a cancelled task ends it early, with the report so far.
  ///
  /// - Throws: An error where no model is named and the server does not name one either.
  package func run() async throws(LoadError) -> LoadReport {
    let client = HTTPClient(
      endpoint: settings.endpoint, headers: settings.headers, timeout: settings.timeout)
    defer { client.close() }
    let model = try await modelName(client)
    if settings.warmup > 0 {
      let warmup = LoadRun(
        settings: warmupSettings, model: model, client: client,
        firstConversation: Self.firstWarmupConversation)
      await watch(warmup, isWarmup: true)
    }
    let run = LoadRun(settings: settings, model: model, client: client)
    await watch(run, isWarmup: false)
    let measurement = run.measurement
    let isInterrupted = Task.isCancelled
    let span = isInterrupted ? run.elapsed : measurement.lastEnd
    return LoadReport(
      settings: settings, model: model, span: span, isInterrupted: isInterrupted,
      measurement: measurement)
  }

  /// A closed loop of as many requests as the warm-up has, at most eight at a time in an open loop.
  private var warmupSettings: LoadSettings {
    var settings = settings
    settings.requests = settings.warmup
    settings.duration = nil
    if case .openLoop = settings.load { settings.load = .closedLoop(clients: 8) }
    return settings
  }

  private func watch(_ run: LoadRun, isWarmup: Bool) async {
    await withTaskGroup { group in
      group.addTask { await run.run() }
      group.addTask {
        while (try? await Task.sleep(for: .milliseconds(500))) != nil {
          progress(run.progress(isWarmup: isWarmup))
        }
      }
      await group.next()
      group.cancelAll()
    }
  }

  private func modelName(_ client: HTTPClient) async throws(LoadError) -> String {
    if let model = settings.model { return model }
    let document: [UInt8]
    do {
      document = try await client.send(
        .get("/models"), reader: DocumentReader(),
        stopwatch: Stopwatch())
    } catch {
      throw LoadError(
        "\(settings.endpoint)/models does not answer (\(error.kind)"
          + "\(error.detail.isEmpty ? "" : ": \(error.detail)")); name the model with --model.")
    }
    guard case .object(let list)? = try? JSONValue(parsing: document),
      case .array(let models)? = list["data"], case .object(let model)? = models.first,
      case .string(let name)? = model["id"]
    else { throw LoadError("\(settings.endpoint)/models names no model; use --model.") }
    return name
  }
}
