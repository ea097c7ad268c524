import ArgumentParser
import GPTModel
import Tokenizers

/// Shows the tokens of a text.
struct Tokenize: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show the tokens of a text.")

  @Option(
    help: "The GGUF file, the folder, or the name in Weights/ of a model; by default the one there."
  )
  var model: String?

  @Flag(help: "Print the numbers alone, on one line.")
  var ids = false

  @Flag(help: "Read the names of control tokens, such as <|im_end|>, as those tokens.")
  var special = false

  @Argument(help: "The text; - or none reads standard input.")
  var text: String?

  func run() throws {
    let text = try InputText.read(argument: text)
    let path = try ModelLocation(path: model).path
    let tokenizer = try readingModel(path) { try LoadedModel.loadTokenizer(path: path) }
    let tokens = tokenizer.encode([PromptSegment(text, from: special ? .template : .content)])
    if ids {
      try show(tokens.map(String.init).joined(separator: " "))
      return
    }
    if tokens.isEmpty { printError("apus: the text has no tokens") }
    for token in tokens {
      let text =
        tokenizer.specialText(of: token)
        ?? String(decoding: tokenizer.bytes(of: token), as: UTF8.self)
      try show("\(token)\t\(text.debugDescription)")
    }
  }
}
