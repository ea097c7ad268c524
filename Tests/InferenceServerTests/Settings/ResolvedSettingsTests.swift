import Testing

@testable import InferenceServer

@Suite("Settings")
struct ResolvedSettingsTests {
  private static let settings: [Setting] = {
    var port = Setting("port")
    port.defaultValue = "8080"
    var origin = Setting("allow-origin")
    origin.repeats = true
    var loud = Setting("loud")
    loud.isFlag = true
    var hidden = Setting("api-keys")
    hidden.ignoresEnvironment = true
    return [port, Setting("name"), origin, loud, hidden]
  }()

  private func resolve(
    _ arguments: [String] = [], environment: [String: String] = [:], file: String? = nil
  ) throws -> ResolvedSettings {
    try ResolvedSettings(
      Self.settings, arguments: arguments, environment: environment,
      file: try file.map { try SettingsFile(parsing: $0, path: "apus.conf") })
  }

  @Test("The command line overrides the environment, which overrides the file and the default")
  func precedence() throws {
    let file = "port = 1\nname = file"
    let environment = ["APUS_PORT": "2"]
    let cases = [
      (try resolve(["--port", "3"], environment: environment, file: file), "3", "command line"),
      (try resolve(["--port=3"], environment: environment, file: file), "3", "command line"),
      (try resolve(environment: environment, file: file), "2", "APUS_PORT"),
      (try resolve(file: file), "1", "apus.conf:1"), (try resolve(), "8080", "default"),
    ]
    for (resolved, text, source) in cases {
      let port = try #require(resolved.all.first)
      #expect(port.values == [text])
      #expect(port.source.description == source)
    }
  }

  @Test("Arguments pass on what the environment and the file set, and nothing else")
  func arguments() throws {
    let resolved = try resolve(
      ["--port", "3", "--allow-origin", "x"], environment: ["APUS_NAME": "-n", "APUS_PORT": "2"],
      file: "allow-origin = y\nloud = true")
    #expect(try resolved.arguments() == ["--name=-n", "--loud"])
    #expect(try resolved.arguments(without: Self.settings[1]) == ["--loud"])
  }

  @Test("A list has a line for each value in a file, and commas in a variable")
  func repeats() throws {
    let file = "allow-origin = a # one\nallow-origin = b,c\n"
    #expect(try resolve(file: file).arguments() == ["--allow-origin=a", "--allow-origin=b,c"])
    let environment = ["APUS_ALLOW_ORIGIN": "a, b,"]
    #expect(
      try resolve(environment: environment, file: file).arguments()
        == ["--allow-origin=a", "--allow-origin=b"])
  }

  @Test(
    "An error in the file names the line",
    arguments: [
      ("port = 1\nprot = 2", "apus.conf:2: there is no setting prot"),
      ("port = 1\n\nport = 2", "apus.conf:3: port is already set in line 1"),
      ("port", "apus.conf:1: a line must be"), ("= 1", "apus.conf:1: name and value"),
      ("port = # none", "apus.conf:1: name and value"),
      ("[section]", "apus.conf:1: a line must be"), ("config = x", "apus.conf:1: there is no"),
    ])
  func faults(file: String, message: String) throws {
    let error = try #require(throws: SettingsError.self) { _ = try resolve(file: file) }
    #expect(error.description.hasPrefix(message))
  }

  @Test("A flag is true or false")
  func flags() throws {
    #expect(try resolve(file: "loud = false").arguments() == [])
    #expect(throws: SettingsError.self) { _ = try resolve(file: "loud = yes").arguments() }
  }

  @Test("Comments begin at the start of a line or after a space")
  func comments() throws {
    let file = try SettingsFile(
      parsing: "# all\n  # some\nname = a#b # c\r\n\tport=1\t#x", path: "f")
    #expect(file.assignments.map(\.value) == ["a#b", "1"])
    #expect(file.assignments.map(\.line) == [3, 4])
  }

  @Test("The listing is a file with the same settings")
  func listing() throws {
    let resolved = try resolve(["--name", "a#b"], file: "allow-origin = x\nallow-origin = y")
    let again = try resolve(file: resolved.listing)
    #expect(again.all.map(\.values) == resolved.all.map(\.values))
    #expect(resolved.listing.contains("# loud is not set"))
    #expect(resolved.listing.contains("name = a#b  # command line"))
  }

  @Test("A variable that holds secrets is not a setting")
  func secrets() throws {
    let resolved = try resolve(environment: ["APUS_API_KEYS": "ann:secret"])
    #expect(try resolved.arguments() == [])
    #expect(!resolved.listing.contains("secret"))
  }

  @Test("Variables that look like settings and are none are found")
  func unknownVariables() {
    var secret = Setting("secret")
    secret.ignoresEnvironment = true
    let unknown = Setting.unknownVariables(
      of: ["APUS_PORT", "APUS_PROT", "PORT", "APUS_KEYS", "APUS_SECRET"],
      among: [Setting("port"), secret], and: ["APUS_KEYS"])
    #expect(unknown == ["APUS_PROT", "APUS_SECRET"])
  }
}
