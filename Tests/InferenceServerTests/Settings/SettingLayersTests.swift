import Testing

@testable import InferenceServer

@Suite("Settings")
struct SettingLayersTests {
  private static let known: [Setting] = {
    var port = Setting("port")
    port.standard = "8080"
    var origin = Setting("allow-origin")
    origin.repeats = true
    var loud = Setting("loud")
    loud.isSwitch = true
    var hidden = Setting("api-keys")
    hidden.ignoresEnvironment = true
    return [port, Setting("name"), origin, loud, hidden]
  }()

  private func layers(
    _ arguments: [String] = [], environment: [String: String] = [:], file: String? = nil
  ) throws -> SettingLayers {
    try SettingLayers(
      Self.known, arguments: arguments, environment: environment,
      file: try file.map { try SettingsFile(parsing: $0, path: "apus.conf") })
  }

  @Test("The command line goes before the environment, that before the file, that before all else")
  func precedence() throws {
    let file = "port = 1\nname = file"
    let environment = ["APUS_PORT": "2"]
    let origins = [
      (try layers(["--port", "3"], environment: environment, file: file), "3", "command line"),
      (try layers(["--port=3"], environment: environment, file: file), "3", "command line"),
      (try layers(environment: environment, file: file), "2", "APUS_PORT"),
      (try layers(file: file), "1", "apus.conf:1"), (try layers(), "8080", "default"),
    ]
    for (layers, text, origin) in origins {
      let port = try #require(layers.values.first)
      #expect(port.texts == [text])
      #expect(port.origin.description == origin)
    }
  }

  @Test("Only what the command line does not say is said for it")
  func arguments() throws {
    let layers = try layers(
      ["--port", "3", "--allow-origin", "x"], environment: ["APUS_NAME": "-n", "APUS_PORT": "2"],
      file: "allow-origin = y\nloud = true")
    #expect(try layers.arguments() == ["--name=-n", "--loud"])
    #expect(try layers.arguments(without: Self.known[1]) == ["--loud"])
  }

  @Test("What may be said several times has a line each in a file, and commas in a variable")
  func repeats() throws {
    let file = "allow-origin = a # one\nallow-origin = b,c\n"
    #expect(try layers(file: file).arguments() == ["--allow-origin=a", "--allow-origin=b,c"])
    let environment = ["APUS_ALLOW_ORIGIN": "a, b,"]
    #expect(
      try layers(environment: environment, file: file).arguments()
        == ["--allow-origin=a", "--allow-origin=b"])
  }

  @Test(
    "A fault of the file is told with its line",
    arguments: [
      ("port = 1\nprot = 2", "apus.conf:2: there is no setting prot"),
      ("port = 1\n\nport = 2", "apus.conf:3: port was set in line 1 already"),
      ("port", "apus.conf:1: a line must be"), ("= 1", "apus.conf:1: name and value"),
      ("port = # none", "apus.conf:1: name and value"),
      ("[section]", "apus.conf:1: a line must be"), ("config = x", "apus.conf:1: there is no"),
    ])
  func faults(file: String, message: String) throws {
    let error = try #require(throws: SettingsError.self) { _ = try layers(file: file) }
    #expect(error.description.hasPrefix(message))
  }

  @Test("A switch is true or false")
  func switches() throws {
    #expect(try layers(file: "loud = false").arguments() == [])
    #expect(throws: SettingsError.self) { _ = try layers(file: "loud = yes").arguments() }
  }

  @Test("Comments begin at the start of a line or after a space")
  func comments() throws {
    let file = try SettingsFile(
      parsing: "# all\n  # some\nname = a#b # c\r\n\tport=1\t#x", path: "f")
    #expect(file.entries.map(\.value) == ["a#b", "1"])
    #expect(file.entries.map(\.line) == [3, 4])
  }

  @Test("The listing is a file that sets the same")
  func listing() throws {
    let layers = try layers(["--name", "a#b"], file: "allow-origin = x\nallow-origin = y")
    let again = try self.layers(file: layers.listing)
    #expect(again.values.map(\.texts) == layers.values.map(\.texts))
    #expect(layers.listing.contains("# loud is not set"))
    #expect(layers.listing.contains("name = a#b  # command line"))
  }

  @Test("A variable that holds secrets is not a setting")
  func secrets() throws {
    let layers = try layers(environment: ["APUS_API_KEYS": "ann:secret"])
    #expect(try layers.arguments() == [])
    #expect(!layers.listing.contains("secret"))
  }
}
