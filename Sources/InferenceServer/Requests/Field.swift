import JSON

/// A field of a request: what it is called, what its value may be, and what it does.
///
/// Readers take types and ranges from here, and so does the documentation.
struct Field: Sendable {
  /// The type and range of a value.
  indirect enum Kind: Sendable {
    case boolean
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    /// A number above zero.
    case positive(upTo: Double)
    case string(maximumBytes: Int)
    /// One of several words.
    case word([String])
    /// An array; the text says of what.
    case array(of: String, maximumCount: Int)
    /// An array of objects.
    case objects(FieldTable, maximumCount: Int)
    /// An object whose members have names of their own.
    case object(FieldTable)
    /// An object whose members a client names; nil where they may be anything.
    case map(Kind?)
    /// A string, or an array of parts.
    case parts(FieldTable)
    /// What a reader of its own checks, in words; elements of it that are objects have such members.
    case special(String, FieldTable?)

    /// A string of any length.
    static let text = Kind.string(maximumBytes: .max)
  }

  /// The default of an absent field.
  enum Fallback: Sendable {
    /// The field must be there.
    case required
    /// Nothing.
    case nothing
    /// A value, as JSON, or how it is found, in words.
    case value(String)
  }

  /// The field's name.
  let name: String
  /// Other spellings, which count where the first is absent.
  var spellings: [String] = []
  /// The type and range of the value.
  let kind: Kind
  /// The default where the field is absent.
  let fallback: Fallback
  /// The effect, in a sentence or two.
  let meaning: String

  /// Describes a field.
  init(_ name: String, _ kind: Kind, _ fallback: Fallback, _ meaning: String) {
    self.name = name
    self.kind = kind
    self.fallback = fallback
    self.meaning = meaning
  }

  /// Describes a field whose absence means nothing.
  init(_ name: String, _ kind: Kind, _ meaning: String) {
    self.init(name, kind, .nothing, meaning)
  }

  /// The field with other spellings.
  func or(_ spellings: String...) -> Field {
    var field = self
    field.spellings = spellings
    return field
  }
}

/// A field that is refused, unless its value asks for nothing.
struct RefusedField: Sendable {
  /// The field's name.
  let name: String
  /// The unsupported feature, as the beginning of a sentence.
  let what: String

  /// Describes a field.
  init(_ name: String, _ what: String) {
    self.name = name
    self.what = what
  }
}

/// All fields that objects of one kind may have.
struct FieldTable: Sendable {
  /// Fields that change the answer.
  let fields: [Field]
  /// Fields that clients send and that change nothing here; only their types are checked.
  let ignored: [Field]
  /// Fields that a client would wrongly believe to be honoured if they were ignored.
  let refused: [RefusedField]
  /// Whether clients name the members.
  private var isOpen = false
  /// The type and range of such members; nil for any.
  private var others: Field.Kind?
  private let kinds: [String: Field.Kind]
  private let names: Set<String>

  /// Gathers fields, group by group.
  init(_ groups: [Field]..., ignored: [Field] = [], refused: [RefusedField] = []) {
    let fields = groups.flatMap { $0 }
    self.fields = fields
    self.ignored = ignored
    self.refused = refused
    let spelled = (fields + ignored).flatMap { field in
      ([field.name] + field.spellings).map { ($0, field.kind) }
    }
    kinds = Dictionary(spelled, uniquingKeysWith: { first, _ in first })
    names = Set(kinds.keys).union(refused.map(\.name))
  }

  /// A table of objects whose members a client names.
  ///
  /// - Parameter kind: What their values may be; nil for anything.
  static func open(_ kind: Field.Kind?) -> FieldTable {
    var table = FieldTable([])
    table.isOpen = true
    table.others = kind
    return table
  }

  /// Whether a field is known by a name.
  func knows(_ name: String) -> Bool { isOpen || names.contains(name) }

  /// The type and range of a field; nil for an unknown field.
  subscript(name: String) -> Field.Kind? { kinds[name] ?? others }
}
