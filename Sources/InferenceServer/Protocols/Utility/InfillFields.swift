extension FieldTable {
  /// The fields of a request to fill a gap.
  static let infill = FieldTable(
    infilling, completions.fields.filter { $0.name != "prompt" },
    ignored: completions.ignored, refused: completions.refused)

  /// The fields of such a request that completions do not have.
  static let infilling: [Field] = [
    Field("input_prefix", .text, .value("nothing"), "The text in front of the gap."),
    Field("input_suffix", .text, .value("nothing"), "The text behind the gap."),
    Field(
      "prompt", .text, .value("nothing"), "How the gap's text begins; the answer continues it."),
    Field(
      "input_extra", .objects(extra, maximumCount: RequestLimits.prompts),
      "Other files, which stand in front of all."),
  ]

  private static let extra = FieldTable([
    Field("filename", .text, .value("none"), "The name of the file."),
    Field("text", .text, .required, "The text of the file."),
  ])
}
