import ServiceLifecycle

/// Drains the engine when the group of services that it belongs to is stopped.
struct EngineDrain: Service {
  let service: any GenerationService
  let health: Health
  /// How long answers may take to end.
  let limit: Duration

  func run() async throws {
    try await gracefulShutdown()
    health.beginDraining()
    _ = await service.drain(within: limit)
  }
}
