/// The form of a value, before it becomes a JSON Schema.
indirect enum SchemaForm: Sendable {
  /// Any value.
  case any
  /// A truth value.
  case boolean
  /// A text.
  case string
  /// A whole number that an `Int` holds.
  case integer
  /// A number.
  case number
  /// One of some texts.
  case choice([String])
  /// A list.
  case array(of: SchemaForm)
  /// Named values and nothing else.
  case object([SchemaMember])
  /// One of some forms.
  case anyOf([SchemaForm])
  /// Another form, with rules of its own.
  case guided(SchemaForm, [SchemaRule])
  /// Another form, with a sentence about it.
  case described(SchemaForm, String)
  /// The form of a type, asked for when it is needed, so that types may contain themselves.
  case type(any Generable.Type)
  /// The form with a name.
  case reference(String)
  /// A JSON Schema.
  case json(JSONValue)
}

/// A named value of an object.
struct SchemaMember: Sendable {
  /// The name.
  var name: String
  /// The form of the value.
  var form: SchemaForm
  /// Whether it may be left out.
  var isOptional = false

  /// The member that is always there, and is null where it may be left out.
  var withExplicitNil: SchemaMember {
    isOptional ? SchemaMember(name: name, form: .anyOf([form, .null])) : self
  }
}

extension SchemaForm {
  /// Nothing but null.
  static var null: SchemaForm {
    var schema = JSONObject()
    schema["type"] = .string("null")
    return .json(.object(schema))
  }
}

/// What a value must keep to besides its form.
enum SchemaRule: Sendable, Hashable {
  /// It is one of these texts.
  case anyOf([String])
  /// It matches a regular expression in the syntax of ECMA-262, from its beginning to its end.
  case pattern(String)
  /// It is at least, and at most, so much.
  case range(minimum: JSONValue?, maximum: JSONValue?)
  /// It has at least, and at most, so many elements.
  case count(minimum: Int?, maximum: Int?)
  /// Its elements keep to rules.
  indirect case element([SchemaRule])
  /// A rule that cannot be written down, and why.
  case unsupported(String)
}
