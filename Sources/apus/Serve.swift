import ArgumentParser
import Foundation
import GPTModel
import HTTPTransport
import InferenceServer
import Logging
import Platform
import Tensor

/// Serves a model over HTTP.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve the model over HTTP with OpenAI's interface.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var adapters: AdapterOptions

  @Option(help: "The address to listen on; localhost is both 127.0.0.1 and ::1.")
  var host = "localhost"

  @Option(help: "The port to listen on; 0 takes a free one.")
  var port = 8080

  @OptionGroup var connection: ConnectionOptions

  @Option(help: "The name that clients use for the model.")
  var name: String?

  @Option(help: "The context length in tokens; the model's own by default.")
  var context: Int?

  @Option(
    name: .customLong("cache-mib"),
    help: "MiB of KV cache; at most a quarter of memory by default.")
  var cacheMiB: Int?

  @Option(help: "Sequences that run at the same time, in one batch.")
  var parallel = 32

  @Option(help: "Requests that may wait in the queue; further requests are refused.")
  var queue = 256

  @Option(
    help: "The target for the time between two tokens, in milliseconds, during chunked prefill.")
  var itlTarget = 50.0

  @Option(help: "Concurrent requests of one client, which its key identifies.")
  var perClient: Int?

  @Flag(help: "Take requests for models of any name; all get the one that is served.")
  var anyModel = false

  @Option(
    help: ArgumentHelp(
      "A web origin that may send requests, such as https://chat.example; may be repeated.",
      discussion:
        "http://localhost:* stands for any port, https://*.chat.example for any name below."))
  var allowOrigin: [String] = []

  @Option(help: "A host name that requests may have in their Host field; may be repeated.")
  var allowHost: [String] = []

  @Flag(help: "Do not show the model the JSON schema that its answer has to match.")
  var hideSchemas = false

  @Option(
    help: ArgumentHelp(
      "MiB of memory for responses that later requests may go on from; 0 keeps none.",
      discussion: "64 with --api-keys, else 0.", valueName: "mib"))
  var keepResponses: Int?

  @Option(
    help: ArgumentHelp(
      "A file to keep ratings of answers in, which POST /v1/feedback and the page then take.",
      discussion:
        "`apus align --pairs` reads it. It has at most 64 MiB, and 8 MiB of each API key.",
      valueName: "file"))
  var feedbackFile: String?

  @OptionGroup var sampling: UsualSamplingOptions

  @OptionGroup var operation: OperationOptions

  @OptionGroup var price: PriceOptions

  func validate() throws {
    try validateTargets()
    guard (0...65_535).contains(port) else {
      throw ValidationError("--port must be from 0 to 65535, not \(port).")
    }
    if let context, context < 2 { throw ValidationError("--context must be 2 or more.") }
    if let cacheMiB, !(1...16_777_216).contains(cacheMiB) {
      throw ValidationError("--cache-mib must be from 1 to 16777216, not \(cacheMiB).")
    }
    if let origin = allowOrigin.first(where: { OriginPattern($0) == nil }) {
      throw ValidationError(
        "--allow-origin \(origin) matches no web page; an origin is like http://localhost:8000,"
          + " http://localhost:* or *.")
    }
    if let keepResponses, !(0...1_048_576).contains(keepResponses) {
      throw ValidationError(
        "--keep-responses must be from 0 to 1048576, not \(keepResponses).")
    }
    guard (1...256).contains(parallel), (1...65_536).contains(queue) else {
      throw ValidationError("--parallel must be from 1 to 256, and --queue from 1 to 65536.")
    }
  }

  private func validateTargets() throws {
    guard (1...60_000).contains(itlTarget) else {
      throw ValidationError("--itl-target must be from 1 to 60000, not \(itlTarget).")
    }
    if let perClient, perClient < 1 { throw ValidationError("--per-client must be 1 or more.") }
  }

  func run() async throws {
    if operation.printConfig { return try printSettings() }
    try connection.tls?.check()
    OpenFiles.allowMany()
    let logger = operation.logger
    let keys = try operation.keys(logger: logger)
    var engineSettings = model.engineConfiguration
    engineSettings.contextLength = context
    engineSettings.cacheBytes = cacheMiB.map { $0 << 20 }
    engineSettings.runningSequences = parallel
    engineSettings.waitingRequests = queue
    engineSettings.interTokenTarget = itlTarget / 1000
    engineSettings.requestsPerClient = perClient
    engineSettings.accountsByClient = keys != nil
    let loaded = try model.load(name: name, sampling: sampling.defaults)
    engineSettings.adapters = try adapters.load(for: loaded)
    let engine = try Engine(model: loaded, configuration: engineSettings)
    var settings = ServerConfiguration()
    settings.host = host
    settings.port = port
    settings.allowedOrigins = Set(allowOrigin)
    settings.allowedHosts = Set(allowHost)
    settings.takesAnyModelName = anyModel
    settings.showsSchemas = !hideSchemas
    settings.keptResponseBytes = keepResponses.map { $0 << 20 }
    try connection.apply(to: &settings)
    settings.requestsPerMinute = operation.requestsPerMinute
    settings.price = price.price
    warn(of: engine, logger)
    if settings.isOpen, keys == nil {
      logger.warning("Whoever reaches \(host) can use the server; --api-keys asks for keys")
    }
    let details = details(of: engine)
    var server = InferenceServer(
      engine: engine, configuration: settings, logger: logger, keys: keys
    ) { port in
      do {
        try show("Ready: \(address(port)) \(details)")
      } catch {
        // The server answers all the same.
        logger.warning("The server is ready, but \(error)")
      }
    }
    do {
      server.feedback = try feedbackFile.map { path throws(FeedbackFileError) in
        try FeedbackFile(path)
      }
      try await server.runUntilStopped(under: serviceManager(logger))
    } catch let error as FeedbackFileError {
      printError("apus: \(error)")
      throw ExitCode(73)
    } catch let error as ListenError {
      printError("apus: \(error)")
      throw ExitCode.failure
    }
  }

  /// The service manager that started the process; nil where there is none to be told anything.
  private func serviceManager(_ logger: Logger) -> ServiceManager? {
    do throws(ServiceManager.Failure) {
      return try ServiceManager(environment: ProcessInfo.processInfo.environment)
    } catch {
      logger.warning("The service manager is not told anything", metadata: ["error": "\(error)"])
      return nil
    }
  }

  /// The address of the server for clients.
  private func address(_ port: Int) -> String {
    if let socket = connection.socket { return "unix:\(socket)" }
    return
      "\(connection.tls == nil ? "http" : "https")://\(ListenAddress.reachable(host)):\(port)/v1"
  }

  private func printSettings() throws {
    let environment = ProcessInfo.processInfo.environment
    let settings = try ServeSettings(
      Array(CommandLine.arguments.dropFirst(2)), environment: environment)
    try show(settings.resolved.listing)
    if environment[OperationOptions.keysVariable] != nil {
      try show("# keys are in \(OperationOptions.keysVariable)")
    }
  }

  /// Says which settings could not be had.
  private func warn(of engine: Engine, _ logger: Logger) {
    let (length, whole) = (engine.contextLength, engine.model.contextLength)
    let wanted = min(context ?? whole, whole)
    if length < wanted {
      logger.warning(
        """
        The KV cache holds \(length) positions, so that is the context in place of \(wanted); \
        --cache-mib gives more
        """)
    } else if let context, context > whole {
      logger.warning(
        "The model has \(whole) positions, so that is the context in place of \(context)")
    }
  }

  /// The model and the resources of an engine, for the line that says that the server is ready.
  private func details(of engine: Engine) -> String {
    let threads = engine.compute.pool.threads
    let reason = model.threads == nil ? Processor.usableThreads().reason : "as asked"
    return "| model \(engine.model.name) | context \(engine.contextLength)"
      + " | cache \(engine.cacheBytes >> 20) MiB \(engine.cacheFormat.rawValue)"
      + " | threads \(threads) (\(reason))"
      + " | kernels \(engine.compute.processor.instructionSet.rawValue)"
  }
}
