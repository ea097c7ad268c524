import Foundation
import HTTPTestSupport
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing

@testable import InferenceServer

extension InferenceServer {
  /// A server for tests.
  init(
    _ service: FakeService, configuration: ServerConfiguration = ServerConfiguration(),
    logger: Logger = silent, keys: APIKeys? = nil
  ) {
    self.init(service: service, configuration: configuration, logger: logger, keys: keys)
  }

  /// Sends one request through the routes.
  func answer(
    _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, headers: HTTPFields = [:]
  ) async throws -> TestResponse {
    try await application().test(.router) { client in
      try await client.executeRequest(
        uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
    }
  }

  /// A server that keeps responses and conversations.
  static func keeping(_ service: FakeService, bytes: Int = 1 << 20) -> InferenceServer {
    var configuration = ServerConfiguration()
    configuration.keptResponseBytes = bytes
    return InferenceServer(service, configuration: configuration)
  }

  /// Asks for a response in the name of a key, with further members in the request.
  func respond(_ members: String, key: String = "a") async throws -> TestResponse {
    try await answer(
      .post, "/v1/responses", #"{"model": "org/tiny", \#(members)}"#,
      headers: [.authorization: "Bearer \(key)"])
  }

  /// Sends one conversation through the routes, with further members in its request.
  func chat(_ members: String = "", headers: HTTPFields = [:]) async throws -> TestResponse {
    try await answer(
      .post, "/v1/chat/completions", Self.conversation(members), headers: headers)
  }

  /// A request with one short message.
  static func conversation(_ members: String = "") -> String {
    let rest = members.isEmpty ? "" : ", " + members
    return #"{"model": "org/tiny", "messages": [{"role": "user", "content": "hi"}]\#(rest)}"#
  }
}

extension TestResponse {
  /// The body as text.
  var text: String { String(buffer: body) }

  /// The body, read by a reader that is not ours.
  func document() throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any])
  }

  /// The `error` member of the body.
  func error() throws -> [String: Any] {
    try #require(try document()["error"] as? [String: Any])
  }

  /// The events of a stream, each without its `data: `.
  func events() -> [String] {
    text.components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { line in
      line.hasPrefix("data: ") ? String(line.dropFirst(6)) : "not an event: \(line)"
    }
  }

  /// The events of a stream, with what differs from run to run replaced by stars.
  func normalizedEvents() -> [String] { events().map { $0.normalized } }
}

extension String {
  /// The text with an answer's name and time replaced by stars.
  var normalized: String {
    replacing(/(?:chat)?cmpl-[0-9a-f]{24}/, with: "*").replacing(
      /"created":[0-9]{10,}/, with: "\"created\":0")
  }
}
