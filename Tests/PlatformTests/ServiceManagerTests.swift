#if os(Linux)
  import Foundation
  import Testing

  @testable import Platform

  /// The socket of a service manager that a test stands for.
  private struct Receiver: ~Copyable {
    let name: String
    private let descriptor: CInt

    /// Binds to a path, or to a name after `@` that is in no file system.
    init(_ name: String) throws {
      self.name = name
      descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      var bytes = Array(name.utf8)
      if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
      let length = socklen_t(2 + bytes.count + (name.hasPrefix("@") ? 0 : 1))
      let result = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
      }
      try #require(result == 0)
    }

    deinit {
      close(descriptor)
      unlink(name)
    }

    /// The datagram that came first; empty where none came.
    func next() -> String {
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor, &bytes, bytes.count, CInt(MSG_DONTWAIT))
      return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
  }

  @Suite("The service manager")
  struct ServiceManagerTests {
    private static let path =
      FileManager.default.temporaryDirectory.appending(path: "apus-\(UUID().uuidString)").path

    @Test(
      "What it is told arrives as one datagram, at a path and at a name in no file system",
      arguments: [path, "@apus-\(UUID().uuidString)"])
    func tell(name: String) throws {
      let receiver = try Receiver(name)
      let manager = try #require(try ServiceManager(environment: ["NOTIFY_SOCKET": name]))
      try manager.tell([.ready, .status("a\nb")])
      try manager.tell([.watchdog])
      try manager.tell([.stopping])
      #expect(receiver.next() == "READY=1\nSTATUS=a b")
      #expect(receiver.next() == "WATCHDOG=1")
      #expect(receiver.next() == "STOPPING=1")
    }

    @Test("A manager that is gone is an error, not the end")
    func gone() throws {
      let manager = try #require(
        try ServiceManager(environment: ["NOTIFY_SOCKET": "/nonexistent/socket"]))
      #expect(throws: ServiceManager.Failure.self) { try manager.tell([.ready]) }
    }

    @Test("Where none is named there is none")
    func none() throws {
      #expect(try ServiceManager(environment: [:]) == nil)
      #expect(try ServiceManager(environment: ["NOTIFY_SOCKET": ""]) == nil)
    }

    @Test(
      "A socket that no datagram can be sent to is refused",
      arguments: ["vsock:2:1234", "relative", "@" + String(repeating: "x", count: 200), "/a\0b"])
    func refused(socket: String) {
      #expect(throws: ServiceManager.Failure.self) {
        try ServiceManager(environment: ["NOTIFY_SOCKET": socket])
      }
    }

    @Test(
      "The watchdog's interval is for the process that it names",
      arguments: [
        (["WATCHDOG_USEC": "2500000"], 2.5),
        (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"], 30),
        (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"], nil), ([:], nil),
        (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "-1"], nil),
        (["WATCHDOG_USEC": "x"], nil),
        (["WATCHDOG_USEC": "99999999999999999999999"], nil),
      ] as [([String: String], Double?)])
    func interval(environment: [String: String], seconds: Double?) throws {
      let manager = try ServiceManager(
        environment: environment.merging(["NOTIFY_SOCKET": "/s"]) { $1 }, processID: 7)
      #expect(manager?.watchdogInterval == seconds)
    }
  }

  @Suite("Sockets that were left to the process")
  struct InheritedSocketsTests {
    /// A descriptor for as long as a closure runs.
    private func withSocket(
      _ type: CInt, listens: Bool, _ body: (CInt) throws -> Void
    ) throws {
      let descriptor = socket(AF_INET, type, 0)
      defer { close(descriptor) }
      if listens { try #require(listen(descriptor, 1) == 0) }
      try body(descriptor)
    }

    private func descriptors(
      _ count: String, process: String? = "7", from first: CInt = 3
    ) throws -> [CInt] {
      var environment = ["LISTEN_FDS": count]
      environment["LISTEN_PID"] = process
      return try InheritedSockets.descriptors(
        environment: environment, processID: 7, from: first)
    }

    @Test("A socket that listens is taken, and kept from programs that this one starts")
    func taken() throws {
      try withSocket(CInt(SOCK_STREAM.rawValue), listens: true) { descriptor in
        let taken = try descriptors("1", from: descriptor)
        #expect(taken == [descriptor])
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
      }
    }

    @Test("What does not listen or is no stream is refused")
    func refused() throws {
      try withSocket(CInt(SOCK_STREAM.rawValue), listens: false) { descriptor in
        #expect(throws: InheritedSockets.Failure.self) { try descriptors("1", from: descriptor) }
      }
      try withSocket(CInt(SOCK_DGRAM.rawValue), listens: false) { descriptor in
        #expect(throws: InheritedSockets.Failure.self) { try descriptors("1", from: descriptor) }
      }
      #expect(throws: InheritedSockets.Failure.self) { try descriptors("1", from: 99_999) }
    }

    @Test("A number that is none is refused", arguments: ["0", "-1", "65", "x", "9999999999999"])
    func count(text: String) {
      #expect(throws: InheritedSockets.Failure.self) { try descriptors(text) }
    }

    @Test("Those of another process are left alone", arguments: ["8", "", nil])
    func others(process: String?) throws {
      #expect(try descriptors("1", process: process) == [])
    }
  }
#endif
