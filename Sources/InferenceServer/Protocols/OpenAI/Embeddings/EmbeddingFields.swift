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
        "dimensions", .integer(1 ... .max), .value("all"),
        "Numbers of a vector that are kept, from its beginning, which is then made of length one again."
      ),
      Field(
        "encoding_format", .word(EmbeddingRequest.Encoding.allCases.map(\.rawValue)),
        .value("`float`"), "How vectors are written. `base64` has little-endian float32."),
      Field(
        "pooling", .word(Pooling.allCases.map(\.rawValue)), .value("the model's"),
        "Whether a vector is made of the mean of all states of its text, the first one or the last one."
      ),
      Field(
        "prompt_name", .string(maximumBytes: RequestLimits.nameBytes),
        .value("the model's default"),
        "The name of what is put in front of each text, one of those that `/v1/models` lists."),
      Field(
        "truncate_prompt_tokens", .integer(-1 ... .max),
        "Keeps so many tokens of each text's beginning, and what closes it. -1 keeps as many as fit. 0 is"
          + " not allowed."),
    ], SharedFields.terms)
}
