import JSON

/// Reads files of JSON.
enum JSONFile {
  /// The object that a file holds.
  static func object(
    _ text: [UInt8], file: String, limits: JSONLimits
  ) throws(ModelError) -> JSONObject {
    let value = try value(text, file: file, limits: limits)
    guard case .object(let object) = value else {
      throw ModelError(.invalid, field: file, "the file is not a JSON object")
    }
    return object
  }

  /// The value that a file holds.
  static func value(
    _ text: [UInt8], file: String, limits: JSONLimits
  ) throws(ModelError) -> JSONValue {
    do throws(JSONError) {
      return try JSONValue(parsing: text, limits: limits)
    } catch {
      throw ModelError(
        error.kind == .duplicateName ? .duplicate : .invalid, field: file, "\(error)")
    }
  }
}
