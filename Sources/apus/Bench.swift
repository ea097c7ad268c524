import ArgumentParser
import Evaluation
import GPTModel

/// Measures speed.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how fast prompts are read and answers written.",
    discussion: """
      Every depth is measured with every number of sequences: for the prompt, for the answer, and \
      with --both for one after the other. What comes before the depth is read untimed. Figures are \
      tokens a second: the median, the least, the greatest and the standard deviation.
      """)

  @OptionGroup var model: ModelOptions

  @OptionGroup var price: PriceOptions

  @Option(help: "Tokens of the prompt to read; 0 leaves this out.")
  var prompt = 512

  @Option(help: "Tokens to generate in each sequence; 0 leaves this out.")
  var generate = 128

  @Flag(help: "Measure prompt and answer together, too, as a request has them.")
  var both = false

  @Option(help: "Tokens that came before, as in 0,512,2048.")
  var depth = CountList(values: [0])

  @Option(
    name: [.long, .customLong("conversations")],
    help: "Sequences side by side, as in 1,8,32; their tokens are counted together.")
  var sequences = CountList(values: [1])

  @Flag(help: "Measure the choice of a token from logits, too, by usual rules.")
  var sampling = false

  @Option(help: "How often each is measured.")
  var repetitions = 5

  @Option(help: "What to print: table, json, csv or markdown.")
  var format = BenchFormat.table

  @Flag(help: "The same as --format with that name.")
  var shortFormat: BenchFormat.Short?

  func validate() throws {
    guard (0...1_000_000).contains(prompt), (0...1_000_000).contains(generate),
      depth.values.allSatisfy({ $0 <= 1_000_000 })
    else {
      throw ValidationError("--prompt, --generate and --depth must be from 0 to 1000000.")
    }
    guard (1...1000).contains(repetitions), sequences.values.allSatisfy({ (1...256).contains($0) })
    else {
      throw ValidationError("--repetitions must be from 1 to 1000, --sequences from 1 to 256.")
    }
  }

  func run() throws {
    let loaded = try model.load()
    let report = try Benchmark(tests: tests, repetitions: repetitions)
      .run(loaded, configuration: model.engineConfiguration)
    try show(
      (shortFormat?.format ?? format).text(of: report, model: loaded, price: price.price))
  }

  private var tests: [BenchmarkTest] {
    var tests: [BenchmarkTest] = []
    if prompt > 0 { tests += everywhere(.reading, tokens: prompt) }
    if generate > 0 { tests += everywhere(.writing, tokens: generate) }
    if both, prompt > 0, generate > 0 {
      tests += everywhere(.answering(prompt: prompt), tokens: prompt + generate)
    }
    if sampling {
      tests += [40, 0].map { topK in
        var rules = SamplingParameters()
        (rules.topK, rules.topP, rules.minP) = (topK, 0.95, 0.05)
        return BenchmarkTest(.sampling(rules), tokens: 1000)
      }
    }
    return tests
  }

  /// Some work at every depth, with every number of sequences.
  private func everywhere(_ work: BenchmarkTest.Work, tokens: Int) -> [BenchmarkTest] {
    depth.values.flatMap { depth in
      sequences.values.map {
        BenchmarkTest(work, tokens: tokens, depth: depth, sequences: $0)
      }
    }
  }
}

/// Whole numbers between commas.
struct CountList: ExpressibleByArgument {
  /// The numbers, at least one, none negative.
  let values: [Int]

  init(values: [Int]) {
    self.values = values
  }

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    values = parts.compactMap { Int($0) }.filter { $0 >= 0 }
    guard values.count == parts.count else { return nil }
  }

  var defaultValueDescription: String {
    values.map(String.init).joined(separator: ",")
  }
}
