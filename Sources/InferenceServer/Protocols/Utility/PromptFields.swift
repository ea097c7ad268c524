extension FieldTable {
  /// The fields of a request to tokenize a text or a conversation.
  static let tokenize = FieldTable(
    tokenizing, chat.fields, ignored: chat.ignored, refused: chat.refused)

  /// The fields of such a request that chats do not have.
  static let tokenizing: [Field] = [
    Field(
      "content", .text, .value("`messages`"),
      "A text. Under the name `prompt` it begins with what begins the model's prompts."
    ).or("prompt"),
    Field(
      "add_special", .boolean, .value("whether the text is a `prompt`"),
      "Whether the tokens begin with what begins the model's prompts."
    ).or("add_special_tokens"),
    Field(
      "parse_special", .boolean, .value("false"),
      "Whether the name of a control token in the text stands for that token."),
    Field(
      "with_pieces", .boolean, .value("false"),
      "Whether tokens are told with their texts, or with their bytes where these are no text."),
    Field(
      "return_token_strs", .boolean, .value("false"), "Adds `token_strs`, the texts of the tokens."),
  ]

  /// The fields of a request to detokenize.
  static let detokenize = FieldTable([
    SharedFields.model,
    Field("tokens", .array(of: "tokens", maximumCount: .max), .required, "The tokens."),
  ])

  /// The fields of a request to apply the chat template.
  static let layOut = FieldTable(
    chat.fields, ignored: chat.ignored, refused: chat.refused)
}
