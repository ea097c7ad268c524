import ArgumentParser
import GPTModel

/// Lists what can be run, from the lists that loading reads.
struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the architectures, storage types and tokenizers that run.",
    discussion: "`apus inspect` says of one model whether it runs, and in what memory.")

  func run() throws {
    for section in ModelCatalogue.sections { try Self.show(section.heading, section.names) }
  }

  /// Prints names under a heading, in lines of at most 80 characters.
  private static func show(_ heading: String, _ names: [String]) throws {
    try apus.show(heading)
    var line = " "
    for name in names {
      if line.count + 1 + name.count > 80 {
        try apus.show(line)
        line = " "
      }
      line += " " + name
    }
    try apus.show(line)
  }
}
