extension FieldTable {
  /// The fields of a new conversation, of a change of one, and of items that are added to one.
  static let conversation = FieldTable([
    Field(
      "items", .special("array of at most \(RequestLimits.messages) items", responseItem),
      "Items as in the `input` of a response."),
    Field("metadata", .map(nil), .value("{}"), "The client's notes, which come back."),
  ])
}
