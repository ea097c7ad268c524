import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import InferenceServer

@Suite("Ratings of answers")
struct FeedbackTests {
  /// The path of a file in a folder of its own, which is removed in the end.
  private final class Place {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    var path: String { folder.appending(path: "ratings.jsonl").path() }

    init() throws {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var text: String { get throws { try String(contentsOfFile: path, encoding: .utf8) } }
  }

  private static let rating = """
    {"messages": [{"role": "user", "content": "a\\nb"}], "chosen": "yes", "rejected": "no"}
    """

  private static func server(_ file: FeedbackFile?, keys: APIKeys? = nil) -> InferenceServer {
    var server = InferenceServer(service: FakeService(events: []), keys: keys)
    server.feedback = file
    return server
  }

  @Test("become lines of a file that only its owner reads")
  func lines() async throws {
    let place = try Place()
    let server = Self.server(try FeedbackFile(place.path))
    for count in 1...2 {
      let response = try await server.answer(
        .post, "/v1/feedback", Self.rating, headers: [.authorization: "Bearer secret"])
      #expect(response.status == .ok)
      #expect(try response.document()["count"] as? Int == count)
    }
    let lines = try place.text.split(separator: "\n")
    #expect(lines.count == 2)
    let line = try #require(
      JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
    #expect(line["chosen"] as? String == "yes" && line["rejected"] as? String == "no")
    #expect((line["messages"] as? [[String: String]])?.first?["content"] == "a\nb")
    // Where nobody needs a key, what somebody sends as one is not written down.
    #expect(line["client"] == nil)
    #expect(try !place.text.contains("secret"))
    let attributes = try FileManager.default.attributesOfItem(atPath: place.path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test("have an address only where there is a file, as the list of models tells")
  func off() async throws {
    let place = try Place()
    for file in [nil, try FeedbackFile(place.path)] {
      let server = Self.server(file)
      let response = try await server.answer(.post, "/v1/feedback", Self.rating)
      #expect(response.status == (file == nil ? .notFound : .ok))
      let models = try await server.answer(.get, "/v1/models")
      #expect(models.text.contains("\"feedback\":true") == (file != nil))
    }
  }

  @Test("are bounded for each key and as a whole, also after a restart")
  func limits() async throws {
    let place = try Place()
    var limits = FeedbackFile.Limits()
    (limits.bytes, limits.clientBytes) = (700, 400)
    let keys = try APIKeys(file: nil, text: "ada:0123456789abcdef,bob:fedcba9876543210")
    func send(_ key: String) async throws -> HTTPResponse.Status {
      let server = Self.server(try FeedbackFile(place.path, limits: limits), keys: keys)
      let response = try await server.answer(
        .post, "/v1/feedback", Self.rating, headers: [.authorization: "Bearer \(key)"])
      if response.status != .ok {
        let error = try response.document()["error"] as? [String: Any]
        #expect(error?["code"] as? String == "feedback_full")
      }
      return response.status
    }
    var all: [Int] = []
    for key in ["0123456789abcdef", "fedcba9876543210"] {
      for _ in 0..<4 { all.append(try await send(key).code) }
    }
    // A line has about 165 bytes.
    #expect(all == [200, 200, 507, 507, 200, 200, 507, 507])
    #expect(try place.text.contains("\"client\":\"ada\""))
    #expect(try !place.text.contains("0123456789abcdef"))
  }

  @Test("that a crash has cut are removed at the start")
  func cut() throws {
    let place = try Place()
    try "{\"a\":1}\n{\"chosen\":\"ha".write(toFile: place.path, atomically: true, encoding: .utf8)
    let file = try FeedbackFile(place.path)
    #expect(try file.append(Array("{}".utf8), client: "") == 2)
    #expect(try place.text == "{\"a\":1}\n{}\n")
  }

  @Test("go on in a new file where the old one was taken away")
  func taken() throws {
    let place = try Place()
    let file = try FeedbackFile(place.path)
    #expect(try file.append(Array("{}".utf8), client: "") == 1)
    try FileManager.default.moveItem(atPath: place.path, toPath: place.path + ".1")
    #expect(try file.append(Array("{}".utf8), client: "") == 1)
    #expect(try place.text == "{}\n")
  }

  @Test("need a file that can be written")
  func unwritable() throws {
    let place = try Place()
    for path in [place.folder.path(), place.path + "/nowhere", "/dev/null"] {
      #expect(throws: FeedbackFileError.self) { try FeedbackFile(path) }
    }
  }
}
