import JSON

/// Reads a schema as numbered subschemas, each once, as far as they are referred to.
struct SchemaReader {
  /// The edition of the specification that a schema is written for.
  enum Dialect {
    /// Draft 7.
    case draft07
    /// Draft 2019-09.
    case draft2019
    /// Draft 2020-12, and whatever is unknown.
    case draft2020
  }

  /// A place in the document.
  struct Location {
    /// The JSON pointer from the root of the document.
    var pointer: String
    /// What is there.
    var value: JSONValue
    /// The URI that references are relative to.
    var base: String
  }

  /// How deep a document may nest.
  static let depthLimit = 128
  /// How many references may follow one another.
  static let chainLimit = 256
  /// How many subschemas a document may have.
  static let nodeLimit = 20_000

  /// The document.
  let document: JSONValue
  /// The edition that the document is written for.
  let dialect: Dialect
  private let relaxesUnsupported: Bool
  /// The subschemas; a reference is a subschema of its own.
  private(set) var nodes: [SchemaNode] = []
  private(set) var faults: [GrammarError] = []
  /// Where a subschema was replaced by its type.
  private(set) var relaxed: [String] = []
  private var numbers: [ExactText: Int] = [:]
  private var queue: [(node: Int, location: Location)] = []
  /// Where schemas with a URI and anchors are.
  var resources: [ExactText: Location] = [:]
  /// Where anchors are, by their URI.
  var anchors: [ExactText: Location] = [:]
  /// How often each dynamic anchor occurs.
  var dynamicAnchors: [ExactText: Int] = [:]
  /// Whether it matters which keywords look at a member or an element.
  var usesUnevaluated = false

  /// Begins to read a document.
  init(_ document: JSONValue, relaxesUnsupported: Bool) {
    self.document = document
    self.relaxesUnsupported = relaxesUnsupported
    dialect = Self.dialect(of: document)
    nodes = [SchemaNode(pointer: "")]
  }

  private static func dialect(of document: JSONValue) -> Dialect {
    guard case .object(let object) = document, case .string(let name)? = object["$schema"] else {
      return .draft2020
    }
    if name.contains("draft-07/") { return .draft07 }
    return name.contains("draft/2019-09/") ? .draft2019 : .draft2020
  }

  /// Reads all that the document refers to, from its root on.
  mutating func read() throws(GrammarErrors) -> Literal {
    guard Self.isWithin(document, depth: Self.depthLimit) else {
      throw GrammarErrors([
        GrammarError(
          .tooComplex, at: .pointer(""), "nests deeper than the limit of \(Self.depthLimit)")
      ])
    }
    indexResources()
    let root = subschema(Location(pointer: "", value: document, base: ""))
    while let (node, location) = queue.popLast() {
      readNode(node, location)
      if faults.count > 64 { break }
    }
    if faults.isEmpty { checkChains() }
    if faults.isEmpty { expandUnevaluated() }
    if !faults.isEmpty { throw GrammarErrors(faults) }
    return root
  }

  /// Finds subschemas that refer to themselves without a value between, and chains beyond the limit.
  private mutating func checkChains() {
    var length = Array(repeating: 0, count: nodes.count)
    for start in nodes.indices where length[start] == 0 {
      var stack: [(node: Int, next: Int, longest: Int)] = [(start, 0, 0)]
      length[start] = -1
      while let top = stack.last {
        let edges = nodes[top.node].sameValueEdges
        guard top.next < edges.count else {
          length[top.node] = top.longest + 1
          stack.removeLast()
          if let last = stack.indices.last {
            stack[last].longest = max(stack[last].longest, top.longest + 1)
          }
          continue
        }
        stack[stack.count - 1].next += 1
        let edge = edges[top.next]
        if length[edge.node] == -1 {
          return fault(.unsatisfiable, edge.pointer, "refers to itself, so that no text ends")
        }
        if length[edge.node] > 0 {
          stack[stack.count - 1].longest = max(
            stack[stack.count - 1].longest, length[edge.node])
          continue
        }
        if stack.count > 2 * Self.chainLimit {
          return fault(.tooComplex, edge.pointer, "is in a chain of more than \(Self.chainLimit)")
        }
        length[edge.node] = -1
        stack.append((edge.node, 0, 0))
      }
    }
  }

  private static func isWithin(_ value: JSONValue, depth: Int) -> Bool {
    if depth < 0 { return false }
    switch value {
    case .array(let elements): return elements.allSatisfy { isWithin($0, depth: depth - 1) }
    case .object(let object):
      return object.members.allSatisfy { isWithin($0.value, depth: depth - 1) }
    default: return true
    }
  }

  /// The number of the subschema at a place, which is read later if it was not yet.
  mutating func subschema(_ location: Location) -> Literal {
    let key = ExactText(location.pointer)
    if let known = numbers[key] { return Literal(node: known) }
    let number = add(SchemaNode(pointer: location.pointer))
    numbers[key] = number
    if nodes.count <= Self.nodeLimit {
      queue.append((number, location))
    } else if nodes.count == Self.nodeLimit + 1 {
      fault(
        .tooComplex, location.pointer, "is beyond the limit of \(Self.nodeLimit) subschemas")
    }
    return Literal(node: number)
  }

  /// Adds a subschema that is part of the meaning of a keyword.
  mutating func add(_ node: SchemaNode) -> Int {
    nodes.append(node)
    return nodes.count - 1
  }

  /// Adds a subschema of assertions that a keyword stands for.
  mutating func add(_ assertions: [Assertion], at pointer: String) -> Literal {
    let placed = assertions.map { PlacedAssertion(assertion: $0, pointer: pointer) }
    return Literal(node: add(SchemaNode(pointer: pointer, assertions: placed)))
  }

  /// Adds an assertion to a subschema that was read.
  mutating func append(_ assertion: Assertion, at pointer: String, to node: Int) {
    nodes[node].assertions.append(PlacedAssertion(assertion: assertion, pointer: pointer))
  }

  /// Notes a fault.
  mutating func fault(_ kind: GrammarError.Kind, _ pointer: String, _ message: String) {
    faults.append(GrammarError(kind, at: .pointer(pointer), message))
  }

  private mutating func readNode(_ number: Int, _ location: Location) {
    switch location.value {
    case .bool(true): break
    case .bool(false): append(.never, at: location.pointer, to: number)
    case .object(let object):
      var frame = SchemaFrame(object: object, location: location)
      readKeywords(&frame)
      finish(frame, number)
    default: fault(.invalid, location.pointer, "is neither an object nor a boolean")
    }
  }

  private mutating func finish(_ frame: SchemaFrame, _ number: Int) {
    nodes[number].assertions = frame.assertions
    nodes[number].unevaluated = frame.unevaluated
    nodes[number].declared = frame.declared
    guard !frame.unsupported.isEmpty else { return }
    guard relaxesUnsupported else {
      faults += frame.unsupported
      return
    }
    for case .pointer(let pointer) in frame.unsupported.map(\.place) { relaxed.append(pointer) }
    nodes[number].unevaluated = (nil, nil)
    nodes[number].assertions = [
      PlacedAssertion(assertion: .types(frame.declared), pointer: frame.location.pointer)
    ]
  }
}

/// A subschema while its keywords are read.
struct SchemaFrame {
  /// The keywords.
  let object: JSONObject
  /// Where the subschema is.
  var location: SchemaReader.Location
  /// What was read.
  var assertions: [PlacedAssertion] = []
  /// The types that it names.
  var declared = TypeSet.all
  /// What members and elements are that no other keyword has looked at.
  var unevaluated: (members: Literal?, items: Literal?) = (nil, nil)
  /// What cannot be enforced.
  var unsupported: [GrammarError] = []

  /// The pointer of a keyword.
  func pointer(_ keyword: String) -> String { SchemaPointer.child(location.pointer, keyword) }

  /// The place of a subschema within a keyword.
  func child(_ value: JSONValue, _ path: String...) -> SchemaReader.Location {
    var pointer = location.pointer
    for token in path { pointer = SchemaPointer.child(pointer, token) }
    return SchemaReader.Location(pointer: pointer, value: value, base: location.base)
  }

  /// Adds what a keyword says.
  mutating func add(_ assertion: Assertion, _ keyword: String) {
    assertions.append(PlacedAssertion(assertion: assertion, pointer: pointer(keyword)))
  }

  /// Notes that a keyword cannot be enforced.
  mutating func refuse(_ keyword: String, _ message: String) {
    unsupported.append(GrammarError(.unsupported, at: .pointer(pointer(keyword)), message))
  }
}

/// JSON pointers.
enum SchemaPointer {
  /// The pointer of a member or an element.
  static func child(_ pointer: String, _ token: String) -> String {
    guard token.utf8.contains(where: { $0 == 0x7E || $0 == 0x2F }) else {
      return pointer + "/" + token
    }
    var bytes: [UInt8] = []
    for byte in token.utf8 {
      switch byte {
      case 0x7E: bytes += [0x7E, 0x30]
      case 0x2F: bytes += [0x7E, 0x31]
      default: bytes.append(byte)
      }
    }
    return pointer + "/" + String(decoding: bytes, as: UTF8.self)
  }
}
