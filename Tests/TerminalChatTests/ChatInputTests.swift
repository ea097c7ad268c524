import TerminalChat
import Testing

@Suite("Commands of a chat")
struct ChatInputTests {
  @Test(
    "Commands and messages are told apart",
    arguments: [
      ("hello", .message("hello")),
      (" /help", .message(" /help")),
      ("//help", .message("/help")),
      ("/etc/passwd is what?", .message("/etc/passwd is what?")),
      ("/1", .message("/1")),
      ("/help", .command(.help)), ("/?", .command(.help)),
      ("/clear ", .command(.clear)),
      ("/system", .command(.system(nil))),
      ("/system  be brief\nand kind ", .command(.system("be brief\nand kind"))),
      ("/save a b.json", .command(.save("a b.json"))),
      ("/load\tx", .command(.load("x"))),
      ("/regenerate", .command(.regenerate)),
      ("/set", .command(.settings)),
      ("/set seed", .command(.set(name: "seed", value: nil))),
      ("/set top-p 0.5", .command(.set(name: "top-p", value: "0.5"))),
      ("/set top-p=0.5", .command(.set(name: "top-p", value: "0.5"))),
      ("/stats", .command(.stats)), ("/exit", .command(.exit)), ("/quit", .command(.exit)),
    ] as [(String, ChatInput)])
  func inputs(_ text: String, _ expected: ChatInput) throws {
    #expect(try ChatInput(text) == expected)
  }

  @Test("A command that there is not says what there is")
  func unknown() {
    let error = #expect(throws: ChatCommandError.self) { try ChatInput("/frobnicate now") }
    #expect(error == .unknown("frobnicate"))
    for listing in ChatCommand.list {
      #expect(error?.description.contains(listing.name) == true)
    }
    #expect(throws: ChatCommandError.unknown("")) { try ChatInput("/") }
  }

  @Test("A command that lacks its file says how it is used")
  func incomplete() {
    let error = #expect(throws: ChatCommandError.self) { try ChatInput("/save ") }
    #expect(error?.description == "it is used so: /save FILE")
  }

  @Test("Every command of the list is one")
  func listed() throws {
    for listing in ChatCommand.list {
      let text = listing.arguments.isEmpty ? listing.name : "\(listing.name) x"
      guard case .command = try ChatInput(text) else {
        Issue.record("\(text) is no command")
        continue
      }
    }
  }
}

@Suite("What was typed before")
struct InputHistoryTests {
  @Test("Entries read back as they were written, lines of other kinds are passed over")
  func roundTrip() {
    var history = InputHistory()
    for entry in ["one", "two\nlines", "家\u{1B}\"", "two\nlines"] {
      #expect(history.add(entry) == true)
    }
    #expect(history.add("two\nlines") == false)
    #expect(history.add("  \n") == false)
    #expect(InputHistory(file: history.file) == history)
    let damaged = Array("no JSON\n{}\n\"\n\u{0}\n3\n".utf8) + [0xFF, 0x0A] + history.file
    #expect(InputHistory(file: damaged) == history)
    #expect(InputHistory(file: history.file.dropLast(3)).entries.count == 3)
  }

  @Test("Entries are bounded in number and length")
  func bounded() {
    var history = InputHistory()
    for index in 0..<(InputHistory.limit + 5) { _ = history.add("\(index)") }
    #expect(history.entries.count == InputHistory.limit && history.entries[0] == "5")
    let long = String(repeating: "x", count: InputHistory.entryLimit + 1)
    #expect(history.add(long) == false)
  }
}
