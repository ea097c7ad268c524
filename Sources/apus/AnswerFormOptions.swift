import ArgumentParser
import GPTModel

/// What form an answer has.
struct AnswerFormOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write JSON that the JSON Schema in this file accepts.", valueName: "file"))
  var jsonSchema: String?

  @Option(help: ArgumentHelp("Write what this regular expression matches.", valueName: "pattern"))
  var regex: String?

  @Option(
    help: ArgumentHelp(
      "Write a text of the grammar in this file, in the notation of llama.cpp or of Lark.",
      valueName: "file"))
  var grammar: String?

  func validate() throws {
    if [jsonSchema, regex, grammar].compactMap({ $0 }).count > 1 {
      throw ValidationError("Give one of --json-schema, --regex and --grammar.")
    }
  }

  /// The form, ready to be enforced; nil for any.
  func constraint(for model: LoadedModel) async throws -> Constraint? {
    guard let source = try source() else { return nil }
    do {
      return try await model.constraint(source)
    } catch {
      throw ValidationError(error.description)
    }
  }

  private func source() throws -> ConstraintSource? {
    if let regex { return .regex(regex) }
    if let jsonSchema {
      do {
        return .jsonSchema(try JSONValue(parsing: Array(InputText.read(file: jsonSchema).utf8)))
      } catch let error as JSONError {
        throw ValidationError("\(jsonSchema) is not valid JSON: \(error)")
      }
    }
    guard let grammar else { return nil }
    return .grammar(try InputText.read(file: grammar))
  }
}
