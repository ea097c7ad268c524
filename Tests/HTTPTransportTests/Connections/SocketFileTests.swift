import Foundation
import Testing

@testable import HTTPTransport

@Suite("Sockets in the file system")
struct SocketFileTests {
  private let folder = Folder()

  @Test("A file that is no socket is not replaced")
  func file() throws {
    let path = folder.path("file")
    try "text".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(throws: SocketFile.Failure.self) { try SocketFile(preparing: path) }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "text")
  }

  @Test("A path that no socket can have is refused")
  func tooLong() {
    let path = folder.path(String(repeating: "a", count: 120))
    #expect(throws: SocketFile.Failure.self) { try SocketFile(preparing: path) }
    #expect(throws: SocketFile.Failure.self) { try SocketFile(preparing: folder.path("no/such")) }
  }

  @Test("A socket that nobody listens at is replaced, one that is in use is not")
  func sockets() throws {
    let path = folder.path("s")
    let old = try bound(to: path)
    #expect(throws: SocketFile.Failure.self) { try SocketFile(preparing: path) }
    close(old)
    let file = try SocketFile(preparing: path)
    let new = try bound(to: file.provisionalPath)
    defer { close(new) }
    try file.publish()
    let identity = try #require(SocketFile.identity(of: path))
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["s"])
    file.remove(identity)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  @Test("Another server's socket is not removed")
  func another() throws {
    let path = folder.path("s")
    let file = try SocketFile(preparing: path)
    let own = try bound(to: file.provisionalPath)
    defer { close(own) }
    try file.publish()
    let identity = SocketFile.identity(of: path)
    try FileManager.default.removeItem(atPath: path)
    try "text".write(toFile: path, atomically: true, encoding: .utf8)
    file.remove(identity)
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test("A server answers at its socket whatever the Host, and removes it in the end")
  func server() async throws {
    var settings = TransportSettings.loopback
    settings.socketPath = folder.path("s")
    try await LiveTransport.run(TestRoutes.server, settings) { _ in
      let answer = try await curl(
        "--unix-socket", folder.path("s"), "http://any.example/health/live")
      #expect(answer == #"{"status":"ok"}"#)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  private func bound(to path: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(status == 0 && listen(descriptor, 1) == 0)
    return descriptor
  }
}
