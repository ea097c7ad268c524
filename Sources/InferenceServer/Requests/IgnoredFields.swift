/// Checks the types of fields that clients send and that change nothing here.
enum IgnoredFields {
  /// Throws for the first field whose value is of another type.
  static func check(_ fields: FieldReader) throws(APIError) {
    for field in fields.table.ignored {
      switch field.kind {
      case .boolean: _ = try fields.boolean(field.name)
      case .integer: _ = try fields.integer(field.name)
      case .map: _ = try fields.reader(field.name)
      default: _ = try fields.string(field.name)
      }
    }
  }
}
