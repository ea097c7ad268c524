/// How a model writes its thinking and its calls of tools.
///
/// Parsers of answers and grammars for answers are made of it. Marks are texts; whether one is a control
/// token is a fact of the vocabulary, told to the parser. White space at the ends of a mark is what
/// models usually write there: the parser takes any.
package struct CallFormat: Hashable, Sendable {
  /// How an answer is divided.
  package enum Layout: Hashable, Sendable {
    /// Text with blocks of calls in it.
    case blocks
    /// Messages with a header each: gpt-oss's channels.
    case channels
    /// Parts that begin with the name of a tool, or `all`, on a line: Functionary 3.2.
    case recipients
  }

  /// The marks around what the model thinks.
  package struct Thinking: Hashable, Sendable {
    /// What opens it; empty where only prompts do.
    package var open: String
    /// What closes it.
    package var close: String

    /// Creates marks.
    package init(open: String, close: String) {
      self.open = open
      self.close = close
    }
  }

  /// What lists of formats and messages call it.
  package var name: String
  /// How an answer is divided.
  package var layout = Layout.blocks
  /// The marks around thinking; nil where the model has none.
  package var thinking: Thinking?
  /// Marks around the answer's own text, which nobody is shown.
  package var textMarks: [String] = []
  /// What opens a block of calls, the usual mark first; an empty one says that calls need no mark.
  package var begins: [String] = []
  /// Whether the calls of a block are elements of a list in brackets.
  package var isList = false
  /// What closes such a list.
  package var listEnd = "]"
  /// What opens each call.
  package var callBegin = ""
  /// How a call is written.
  package var body = CallBody.object(CallFields())
  /// What closes each call.
  package var callEnd = ""
  /// What stands between calls of one block.
  package var separator = ""
  /// What closes a block; empty where nothing does.
  package var end = ""
  /// Whether a block holds one call only.
  package var isSingle = true
  /// What stands between blocks.
  package var blockSeparator = ""
  /// What follows the tool's name where a call after a mark is written as one of a method, with keyword
  /// arguments as in Python, instead of an object; nil where models never do so.
  package var method: String?

  /// Creates a format whose parts follow.
  package init(name: String) { self.name = name }
}

/// How a single call is written.
package enum CallBody: Hashable, Sendable {
  /// A JSON object that holds the name and the arguments.
  case object(CallFields)
  /// A JSON object whose only member is named by the tool, with the arguments as its value.
  case keyed
  /// The name, a mark and the arguments as JSON.
  case named(NamedCall)
  /// The name, and each argument between marks.
  case tagged(TaggedCall)
  /// A call of a function with literals for keyword arguments, as in Python.
  case python
  /// The name and an object in Gemma's syntax: bare names, and strings between marks.
  case braces(quote: String)
}

/// The members of a JSON object that is a call.
package struct CallFields: Hashable, Sendable {
  /// The member with the tool's name.
  package var name: String
  /// The member with the arguments.
  package var arguments: String
  /// The member with the call's id; nil where models write none that is worth keeping.
  package var id: String?
  /// A member that stands before the name and counts the calls.
  package var number: String?

  /// Creates names of members.
  package init(
    name: String = "name", arguments: String = "arguments", id: String? = nil, number: String? = nil
  ) {
    self.name = name
    self.arguments = arguments
    self.id = id
    self.number = number
  }
}

/// Marks of a call with its name in front and its arguments as JSON.
package struct NamedCall: Hashable, Sendable {
  /// What follows the name; the arguments follow it.
  package var argumentsMark: String
  /// What stands between the name and an id; nil where there is none.
  package var idMark: String?
  /// Whether the name stands within an id, `functions.N:i`.
  package var nameIsID = false

  /// Creates marks.
  package init(argumentsMark: String, idMark: String? = nil, nameIsID: Bool = false) {
    self.argumentsMark = argumentsMark
    self.idMark = idMark
    self.nameIsID = nameIsID
  }
}

/// Marks of a call with each argument between marks of its own.
package struct TaggedCall: Hashable, Sendable {
  /// What follows the tool's name.
  package var nameEnd: String
  /// What opens an argument; its name follows.
  package var keyBegin: String
  /// What follows an argument's name; its value follows.
  package var keyEnd: String
  /// What follows an argument's name instead where marks tell strings from other values: first
  /// before a string, then before JSON.
  package var typedKeyEnds: [String] = []
  /// What closes an argument.
  package var valueEnd: String
  /// Whether a value stands on lines of its own.
  package var hasLines = false

  /// Creates marks.
  package init(nameEnd: String, keyBegin: String, keyEnd: String, valueEnd: String) {
    self.nameEnd = nameEnd
    self.keyBegin = keyBegin
    self.keyEnd = keyEnd
    self.valueEnd = valueEnd
  }
}

extension CallFormat {
  /// All marks of the format.
  package var marks: [String] {
    var marks = begins + textMarks + [callBegin, callEnd, separator, end, blockSeparator]
    if let thinking { marks += [thinking.open, thinking.close] }
    switch layout {
    case .channels:
      let names = ["start", "end", "message", "channel", "constrain", "call", "return"]
      marks += names.map { "<|\($0)|>" }
    case .recipients, .blocks: break
    }
    switch body {
    case .named(let call): marks += [call.argumentsMark, call.idMark ?? ""]
    case .tagged(let tags):
      marks += [tags.nameEnd, tags.keyBegin, tags.keyEnd, tags.valueEnd] + tags.typedKeyEnds
    case .braces(let quote): marks.append(quote)
    case .object, .keyed, .python: break
    }
    return marks.filter { !$0.isEmpty }
  }
}

extension String {
  /// The text without white space at its ends.
  package var trimmedMark: String {
    guard let start = firstIndex(where: { !$0.isWhitespace }),
      let end = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[start...end])
  }
}
