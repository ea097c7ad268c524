import JSON

extension JSONObject {
  /// Reads the object that a file is.
  init(file: String, _ bytes: [UInt8]) throws(TrainingError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes, limits: JSONLimits(depth: 8, values: 1_000_000))
    } catch {
      throw TrainingError(.corrupt, field: file, "\(error)")
    }
    guard case .object(let object) = value else {
      throw TrainingError(.corrupt, field: file, "the file is not a JSON object")
    }
    self = object
  }
}
