import JSON

/// An object of a `tokenizer.json`, and which part of a vocabulary it is about.
struct DocumentObject {
  let members: JSONObject
  let field: VocabularyField

  init(_ members: JSONObject, field: VocabularyField) {
    self.members = members
    self.field = field
  }

  /// The object that a value is.
  init(_ value: JSONValue?, field: VocabularyField) throws(VocabularyError) {
    guard case .object(let members)? = value else {
      throw VocabularyError(value == nil ? .missing : .invalid, field: field, "no object")
    }
    self.init(members, field: field)
  }

  /// The `type`, which every component of a tokenizer has.
  var type: String { (try? stringIfPresent("type")) ?? "" }

  /// A member that must be a string or null.
  func stringIfPresent(_ name: String) throws(VocabularyError) -> String? {
    switch members[name] {
    case nil, .null?: return nil
    case .string(let text)?: return text
    default: throw fault("'\(name)' is no string")
    }
  }

  /// A member that must be a string.
  func string(_ name: String) throws(VocabularyError) -> String {
    guard let text = try stringIfPresent(name) else { throw fault("'\(name)' is missing") }
    return text
  }

  /// A member that must be a truth value or null.
  func bool(_ name: String, default value: Bool) throws(VocabularyError) -> Bool {
    switch members[name] {
    case nil, .null?: return value
    case .bool(let value)?: return value
    default: throw fault("'\(name)' is neither true nor false")
    }
  }

  /// A member that must be an array; empty where there is none.
  func array(_ name: String) throws(VocabularyError) -> [JSONValue] {
    switch members[name] {
    case nil, .null?: return []
    case .array(let values)?: return values
    default: throw fault("'\(name)' is no array")
    }
  }

  /// Something about the object that is wrong.
  func fault(_ detail: String) -> VocabularyError {
    VocabularyError(.invalid, field: field, detail)
  }

  /// Something about the object that is not supported.
  func unsupported(_ detail: String) -> VocabularyError {
    VocabularyError(.unsupported, field: field, detail)
  }

  /// The object's type, for messages.
  var quotedType: String { "type \(type.prefix(40).debugDescription)" }
}

extension DocumentObject {
  private static let maximumComponents = 32

  /// The components that a value stands for: none, itself, or those of a `Sequence`, in order.
  ///
  /// - Parameter list: The name under which a sequence keeps its components.
  static func components(
    _ value: JSONValue?, list: String, field: VocabularyField
  ) throws(VocabularyError) -> [DocumentObject] {
    var waiting = [value ?? .null]
    var components: [DocumentObject] = []
    var seen = 0
    while let next = waiting.popLast() {
      seen += 1
      guard seen <= maximumComponents else {
        throw VocabularyError(
          .limit, field: field, "more than \(maximumComponents) components")
      }
      if next == .null { continue }
      let object = try DocumentObject(next, field: field)
      guard object.type == "Sequence" else {
        components.append(object)
        continue
      }
      let parts = try object.array(list)
      guard parts.count <= maximumComponents else {
        throw VocabularyError(
          .limit, field: field, "\(parts.count) components; at most \(maximumComponents)")
      }
      waiting += parts.reversed()
    }
    return components
  }
}
