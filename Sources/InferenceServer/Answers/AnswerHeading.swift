import JSON
import Platform

/// The members that all parts of one answer share.
struct AnswerHeading: Hashable {
  /// Names the answer, the same on every chunk.
  let id: String
  /// When the answer was begun, in seconds since 1970.
  let created: Int
  /// The model's served name, whatever the client called it.
  let model: String
  /// Names what the answer depends on besides the request.
  let fingerprint: String

  /// Begins an answer of a model, under a new name.
  init(model: ServedModel, idPrefix: String) {
    id = idPrefix + RandomName.make()
    created = UnixTime.now
    self.model = model.name
    fingerprint = model.fingerprint
  }

  /// Writes the members to an open object.
  func write(object: String, to json: inout JSONWriter) {
    json.member("id", id)
    json.member("object", object)
    json.member("created", created)
    json.member("model", model)
    json.member("system_fingerprint", fingerprint)
  }
}

/// Names that do not repeat.
enum RandomName {
  /// 24 random hexadecimal digits.
  static func make() -> String {
    // Each draw asks the system, so two are to do.
    let (first, second) = (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max))
    return String(unsafeUninitializedCapacity: 24) { digits in
      for place in 0..<24 {
        let bits = place < 16 ? first >> (4 * place) : second >> (4 * (place - 16))
        digits.initializeElement(at: place, to: digit(UInt8(truncatingIfNeeded: bits & 15)))
      }
      return 24
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
