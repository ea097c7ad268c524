import ArgumentParser
import GPTModel
import Tensor
import Tokenizers

/// Lists what can be run, from the lists that loading reads.
struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the architectures, weight formats and pre-tokenizers that run.",
    discussion: "`apus inspect` says of one model whether it runs, and in what memory.")

  func run() {
    Self.show(
      "Architectures: general.architecture in a GGUF file, model_type in a folder",
      Architectures.all.map { $0.names.joined(separator: "|") })
    Self.show("Weight formats", WeightFormats.all.map { $0.name })
    Self.show("KV cache formats", CacheFormat.allCases.map(\.rawValue))
    Self.show(
      "Pre-tokenizers: tokenizer.ggml.pre in a GGUF file",
      TextSplitters.all.flatMap(\.names).sorted())
  }

  /// Prints names under a heading, in lines of at most 80 characters.
  private static func show(_ heading: String, _ names: [String]) {
    print(heading)
    var line = " "
    for name in names {
      if line.count + 1 + name.count > 80 {
        print(line)
        line = " "
      }
      line += " " + name
    }
    print(line)
  }
}
