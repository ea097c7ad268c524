import GPTModel

extension FieldTable {
  /// The fields of a request for embeddings.
  static let embeddings = FieldTable(
    [
      SharedFields.model,
      Field(
        "input",
        .special(
          "string, array of tokens, or array of at most \(RequestLimits.embeddings) of either", nil),
        .required, "The texts, none of them empty or longer than the context."),
      Field(
        "dimensions", .integer(1 ... .max), .value("the model's width"),
        "Numbers of a vector that are kept, at most the model's width."),
      Field(
        "encoding_format", .word(EmbeddingRequest.Encoding.allCases.map(\.rawValue)),
        .value("`float`"), "How vectors are written. `base64` has little-endian float32."),
      Field(
        "pooling", .word(Pooling.allCases.map(\.rawValue)), .value("`mean`"),
        "Whether a vector is the mean of all states of its text, or the last one."),
    ], SharedFields.terms)
}
