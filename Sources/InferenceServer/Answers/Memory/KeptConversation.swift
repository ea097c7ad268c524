import JSON

/// A conversation that later requests may go on from, and add to.
struct KeptConversation: Sendable {
  /// The conversation's name.
  let id: String
  /// Whose it is: the key of the client, or nothing where nobody needs one.
  let owner: String
  /// When it was made, in seconds since 1970.
  let created: Int
  /// The client's own notes.
  var metadata: JSONObject { didSet { metadataBytes = Self.size(.object(metadata)) } }
  /// The items, each with a name, the oldest first.
  private(set) var items: [ConversationItem] = []
  private var itemBytes = 0
  private var metadataBytes: Int

  /// Begins a conversation without items.
  init(id: String, owner: String, created: Int, metadata: JSONObject) {
    (self.id, self.owner, self.created, self.metadata) = (id, owner, created, metadata)
    metadataBytes = Self.size(.object(metadata))
  }

  /// Memory that it takes, about.
  var byteCount: Int { 1024 + id.utf8.count + owner.utf8.count + metadataBytes + itemBytes }

  /// Adds items; one whose name another has gets a new one.
  ///
  /// - Returns: The items as they were added.
  @discardableResult
  mutating func add(_ values: [JSONObject]) -> [ConversationItem] {
    var known = Set(items.map(\.id))
    var added: [ConversationItem] = []
    for value in values {
      var item = ConversationItem(value)
      if known.contains(item.id) { item = item.renamed() }
      known.insert(item.id)
      itemBytes += Self.size(item.value) + 256
      added.append(item)
    }
    items += added
    return added
  }

  /// Removes an item; false where there is none of this name.
  mutating func remove(_ id: ExactText) -> Bool {
    guard let index = items.firstIndex(where: { $0.id == id }) else { return false }
    itemBytes -= Self.size(items.remove(at: index).value) + 256
    return true
  }

  /// A value's memory: that of its text, three times over for what points into it.
  private static func size(_ value: JSONValue) -> Int {
    var json = JSONWriter()
    json.value(value)
    return 3 * json.bytes.count
  }
}

/// An item of a conversation: a message, a call, a result, or what was thought.
struct ConversationItem: Sendable {
  /// The item's name.
  let id: ExactText
  /// The item as clients have it.
  let value: JSONValue

  /// Takes an item as a client or an answer has it; one without a name gets one, and a text as content
  /// becomes a part.
  init(_ item: JSONObject) {
    var item = item
    if item["type"] == nil { item["type"] = .string("message") }
    let isMessage = item["type"] == .string("message")
    if case .string(let text)? = item["content"], isMessage {
      item["content"] = .array([Self.part(text, isAnswer: item["role"] == .string("assistant"))])
    }
    if item["status"] == nil { item["status"] = .string("completed") }
    if case .string(let name)? = item["id"], !name.isEmpty {
      id = ExactText(name)
    } else {
      let name = "msg_" + RandomName.make()
      id = ExactText(name)
      item["id"] = .string(name)
    }
    value = .object(item)
  }

  /// The same item under a new name.
  func renamed() -> ConversationItem {
    guard case .object(var item) = value else { return self }
    item["id"] = nil
    return ConversationItem(item)
  }

  private static func part(_ text: String, isAnswer: Bool) -> JSONValue {
    var part = JSONObject()
    part["type"] = .string(isAnswer ? "output_text" : "input_text")
    part["text"] = .string(text)
    if isAnswer { part["annotations"] = .array([]) }
    return .object(part)
  }
}
