import ChatTemplates
import TerminalChat
import Testing

@Suite("Conversations")
struct ConversationTests {
  /// Questions and answers of ten tokens each, after a system message of five.
  private func conversation(turns: Int) -> Conversation {
    var conversation = Conversation(system: "be brief")
    for turn in 0..<turns {
      conversation.ask("question \(turn)")
      conversation.answer(ChatMessage(answer: "answer \(turn)", thinking: ""))
    }
    conversation.ask("last")
    return conversation
  }

  private func tokens(_ messages: [ChatMessage]) -> Int {
    messages.reduce(0) { $0 + ($1.role == "system" ? 5 : 10) }
  }

  @Test("A conversation that fits is read whole")
  func fits() {
    var conversation = conversation(turns: 3)
    #expect(conversation.makeRoom(ContextRoom(context: 100, answer: nil), counting: tokens) == 0)
    #expect(conversation.read == conversation.whole)
  }

  @Test("The oldest turns go whole, the system message and the last question stay")
  func forgets() {
    var conversation = conversation(turns: 9)
    let room = ContextRoom(context: 100, answer: nil)
    #expect(room.most == 88 && room.wanted == 75)
    #expect(conversation.makeRoom(room, counting: tokens) == 12)
    #expect(conversation.read.map(\.content).first == "be brief")
    #expect(conversation.read[1].content == "question 6")
    #expect(conversation.read.last?.content == "last")
    #expect(tokens(conversation.read) == 75)
    #expect(conversation.forgotten == 12 && conversation.whole.count == 20)
    #expect(conversation.makeRoom(room, counting: tokens) == 0)
  }

  @Test("Every length of conversation keeps to the room, and forgets no more than it must")
  func always() {
    for turns in 0...20 {
      for context in [8, 16, 40, 60, 100, 170] {
        var conversation = conversation(turns: turns)
        let room = ContextRoom(context: context, answer: nil)
        let whole = tokens(conversation.whole)
        let count = conversation.makeRoom(room, counting: tokens)
        let read = conversation.read
        #expect(read.last?.content == "last" && read[0].role == "system" && read[1].role == "user")
        #expect(count.isMultiple(of: 2))
        #expect(count == 0 || read.count == 2 || tokens(read) <= room.wanted)
        #expect(count == 0 || whole > room.most)
        #expect(count == 0 || tokens(read) + 20 > room.wanted)
        #expect(tokens(read) <= room.most || read.count == 2)
      }
    }
  }

  @Test("An answer that is short by its limit leaves more room for messages")
  func shortAnswers() {
    #expect(ContextRoom(context: 800, answer: 10).most == 790)
    #expect(ContextRoom(context: 800, answer: 790).most == 700)
    #expect(ContextRoom(context: 2, answer: nil).most == 1)
  }

  @Test("A failure to count leaves the conversation as it was")
  func failure() {
    struct Failure: Error {}
    var conversation = conversation(turns: 9)
    let room = ContextRoom(context: 10, answer: nil)
    #expect(throws: Failure.self) {
      _ = try conversation.makeRoom(room) { _ throws(Failure) in throw Failure() }
    }
    #expect(conversation.forgotten == 0)
  }

  @Test("The last answer can be taken back, and the last question")
  func takesBack() {
    var conversation = Conversation()
    #expect(conversation.takeAnswer() == nil)
    conversation.ask("one")
    #expect(conversation.takeAnswer() == nil)
    conversation.answer(ChatMessage(answer: "two", thinking: "hm"))
    #expect(conversation.takeAnswer()?.content == "two")
    conversation.takeQuestion()
    #expect(conversation.whole.isEmpty)
  }
}

@Suite("Conversations as documents")
struct ConversationDocumentTests {
  @Test("A document reads back as it was written")
  func roundTrip() throws {
    let messages = [
      ChatMessage(role: "system", content: "a \"quote\"\n"),
      ChatMessage(role: "user", content: "家\u{1B}"),
      ChatMessage(answer: "yes", thinking: "hm"),
    ]
    let document = ConversationDocument(messages: messages)
    #expect(try ConversationDocument(parsing: document.bytes).messages == messages)
    let conversation = Conversation(messages: messages)
    #expect(conversation.system == "a \"quote\"\n" && conversation.whole == messages)
  }

  @Test("A list of messages alone is a document, and members that are not known are passed over")
  func list() throws {
    let text = #"[{"role": "user", "content": "hi", "name": "x", "reasoning_content": 3}]"#
    let messages = try ConversationDocument(parsing: Array(text.utf8)).messages
    #expect(messages == [ChatMessage(role: "user", content: "hi")])
  }

  @Test(
    "What is no conversation is told with its place",
    arguments: [
      ("", "it is no JSON: the document ends too early at byte 0"),
      ("{\"messages\":3}", "it has no list of messages"),
      ("{}", "it has no list of messages"),
      ("3", "it has no list of messages"),
      ("[3]", "message 1 is no object"),
      (
        #"[{"role":"user","content":"a"},{"role":"root","content":""}]"#,
        "message 2 has none of the roles assistant, system, tool, user"
      ),
      (#"[{"role":"user","content":["a"]}]"#, "message 1 has no text as its content"),
      (String(repeating: "[", count: 17), "it is no JSON: containers nest too deep at byte 16"),
      (
        "[" + String(repeating: "0,", count: 10_000) + "0]",
        "it has 10001 messages, and may have 10000"
      ),
    ])
  func invalid(_ text: String, _ message: String) {
    let error = #expect(throws: ConversationError.self) {
      try ConversationDocument(parsing: Array(text.utf8))
    }
    #expect(error?.description == message)
  }
}
