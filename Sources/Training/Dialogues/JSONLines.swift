package import JSON

/// A file of JSON objects, one on each line.
package struct JSONLines {
  private static let limits = JSONLimits(depth: 16, values: 1 << 20)

  /// Calls for each object of a file with the number of its line, counted from 1; empty lines are passed over.
  ///
  /// - Throws: An error that names the line.
  package static func forEach(
    in bytes: [UInt8], file: String,
    _ body: (JSONObject, _ place: String) throws(TrainingError) -> Void
  ) throws(TrainingError) {
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { continue }
      let place = "\(file), line \(number)"
      let value: JSONValue
      do throws(JSONError) {
        value = try JSONValue(parsing: Array(line), limits: limits)
      } catch {
        throw TrainingError(.data, field: place, "\(error)")
      }
      guard case .object(let object) = value else {
        throw TrainingError(.data, field: place, "no JSON object")
      }
      try body(object, place)
    }
  }
}

extension JSONObject {
  /// The text of a member, which must be there.
  func text(_ name: String, _ place: String) throws(TrainingError) -> String {
    guard case .string(let text)? = self[name] else {
      throw TrainingError(.data, field: place, "no text \(name)")
    }
    return text
  }

  /// The text of a member; nil where there is none.
  func textIfPresent(_ name: String) -> String? {
    if case .string(let text)? = self[name] { text } else { nil }
  }
}
