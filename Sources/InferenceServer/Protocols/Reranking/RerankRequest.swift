import JSON

/// A checked request to order documents by how well they answer a query.
struct RerankRequest {
  /// What is asked of the engine.
  let score: ScoreRequest
  /// How many results are told; nil for all.
  let most: Int?
  /// Whether results have their documents' texts.
  let returnsDocuments: Bool

  /// Reads and checks all fields of a request.
  init(_ fields: FieldReader) throws(APIError) {
    guard let query = try fields.string("query") else { throw fields.missing("query") }
    guard !query.isEmpty else { throw fields.invalid("query", "must not be empty") }
    let name = "documents"
    guard let value = fields.value(name) else { throw fields.missing(name) }
    guard case .array(let elements) = value else { throw fields.mismatch(name, "an array") }
    let documents = try fields.texts(elements, name, of: Self.document)
    let pairs = documents.enumerated().map { index, document in
      ScoreRequest.Pair(query: query, document: document, name: "\(name)[\(index)]")
    }
    score = try ScoreRequest(fields, pairs: pairs)
    most = try fields.integer("top_n")
    returnsDocuments = try fields.boolean("return_documents") ?? true
  }

  /// A document: a string, or an object with one.
  private static func document(
    _ value: JSONValue, _ fields: FieldReader, _ name: String
  ) throws(APIError) -> String {
    switch value {
    case .string(let text): return text
    case .object(let object):
      guard case .string(let text)? = object["text"] else {
        throw fields.mismatch("\(name).text", "a string")
      }
      return text
    default: throw fields.mismatch(name, "a string or an object with a text")
    }
  }
}
