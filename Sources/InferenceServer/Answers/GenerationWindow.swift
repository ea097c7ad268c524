import GPTModel

/// Runs many generations for one request, some at a time, so that it does not fill the queue.
struct GenerationWindow: Sendable {
  /// Generates.
  let service: any GenerationService
  /// Generations that run at a time.
  var limit = RequestLimits.generationsAtOnce

  /// Runs all to their ends.
  ///
  /// Where the engine is full, the next generation waits until one of the request ends.
  ///
  /// - Parameter report: Told each event, and of which request it is.
  func run(
    _ requests: [GenerationRequest], report: @escaping ChoiceEvents.Report
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      var running = 0
      for (index, request) in requests.enumerated() {
        while running >= limit {
          try await group.next()
          running -= 1
        }
        while true {
          try Task.checkCancellation()
          if let generation = try start(request, beside: running) {
            group.addTask { try await ChoiceEvents.follow(generation, as: index, report: report) }
            running += 1
            break
          }
          try await group.next()
          running -= 1
        }
      }
      try await group.waitForAll()
    }
  }

  /// Starts a generation; nil when there is no place for it while others of the request run.
  private func start(_ request: GenerationRequest, beside running: Int) throws(APIError)
    -> GenerationEvents?
  {
    do {
      return try service.generate(request)
    } catch .queueFull where running > 0 {
      return nil
    } catch .tokensQueued where running > 0 {
      return nil
    } catch .tooManyForClient where running > 0 {
      return nil
    } catch {
      throw APIError(error, expectedWait: service.status.expectedWait)
    }
  }
}
