extension FieldTable {
  /// The fields of a request to order documents by how well they answer a query, as Cohere, Jina and vLLM
  /// have them.
  static let rerank = FieldTable(
    [
      SharedFields.model,
      Field("query", .text, .required, "The question."),
      Field(
        "documents",
        .special(
          "array of at most \(RequestLimits.documents) strings, or of objects with a `text`",
          document),
        .required, "The texts that may answer it."),
      Field(
        "top_n", .integer(1 ... .max), .value("all"), "How many results are told, the best first."),
      Field(
        "return_documents", .boolean, .value("true"), "Whether results have their documents' texts."
      ),
      RerankField.instruction,
      RerankField.documentTokens,
      RerankField.truncation,
    ], SharedFields.terms)

  /// A document in an object of its own.
  private static let document = FieldTable([
    Field("text", .text, .required, "The document.")
  ])

  /// The fields of a request for scores of pairs, as vLLM has it.
  static let score = FieldTable(
    [
      SharedFields.model,
      Field(
        "text_1",
        .special("string, or array of at most \(RequestLimits.documents)", nil), .required,
        "The questions: one, or one for each text of `text_2`."),
      Field(
        "text_2",
        .special("string, or array of at most \(RequestLimits.documents)", nil), .required,
        "The texts that may answer them."),
      RerankField.instruction,
      RerankField.documentTokens,
      RerankField.truncation,
    ], SharedFields.terms)
}

/// Fields that rerankers have in common.
private enum RerankField {
  static let instruction = Field(
    "instruction", .text, .value("the model's"),
    "What makes an answer, for rerankers that are told, such as Qwen 3's.")
  static let documentTokens = Field(
    "max_tokens_per_doc", .integer(1 ... .max), "Keeps so many tokens of each document's beginning."
  )
  static let truncation = Field(
    "truncate_prompt_tokens", .integer(-1 ... .max),
    "Cuts documents at their ends so that query and document have so many tokens together. -1 means"
      + " as many as fit. 0 is not allowed.")
}

extension RequestLimits {
  /// Documents of one request.
  static let documents = 2048
}
