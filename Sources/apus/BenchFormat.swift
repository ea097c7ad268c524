import ArgumentParser
import Evaluation
import Foundation
import GPTModel
import Platform
import Tensor

/// How the results of a benchmark are printed.
enum BenchFormat: String, CaseIterable, ExpressibleByArgument {
  case table, json, csv, markdown

  /// A format as a flag of its own.
  enum Short: String, EnumerableFlag {
    case json, csv, markdown

    /// The format.
    var format: BenchFormat { BenchFormat(rawValue: rawValue) ?? .table }
  }

  /// Writes a report down, without the last line's end.
  ///
  /// - Parameter price: What the machine costs, for a column of what a million tokens do.
  func text(
    of report: Benchmark.Report, model: LoadedModel, price: MachinePrice?
  ) throws -> String {
    let heading = Self.heading(report, model) + "\n\n"
    return switch self {
    case .table: heading + Self.table(report.results, price)
    case .json: try Self.json(report, model, price)
    case .csv: Self.csv(report.results, price)
    case .markdown: heading + Self.markdown(report.results, price)
    }
  }

  private static func heading(_ report: Benchmark.Report, _ model: LoadedModel) -> String {
    "\(model.name), \(report.threads) threads, \(report.instructionSet.rawValue),"
      + " \(report.cacheFormat.rawValue) cache"
  }

  private static func figures(_ result: Benchmark.Result, _ price: MachinePrice?) -> [String] {
    [result.tokensPerSecond, result.lowest, result.highest, result.deviation]
      .map { rounded($0, 1) }
      + (price.map { [rounded($0.perMillion(tokensPerSecond: result.tokensPerSecond) ?? 0, 4)] }
        ?? [])
  }

  private static func table(_ results: [Benchmark.Result], _ price: MachinePrice?) -> String {
    let heads =
      ["test", "tokens/s", "lowest", "highest", "deviation"]
      + (price.map { ["\($0.currency)/M tokens"] } ?? [])
    let rows = [heads] + results.map { [$0.test.name] + figures($0, price) }
    let widths = heads.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + space : space + cell.0
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  private static func markdown(_ results: [Benchmark.Result], _ price: MachinePrice?) -> String {
    let rows = results.map {
      "| \(([$0.test.name] + figures($0, price)).joined(separator: " | ")) |"
    }
    let head = "| test | tokens/s | lowest | highest | deviation |"
    let more = price.map { " \($0.currency)/M tokens |" } ?? ""
    let line = "|---|---:|---:|---:|---:|" + (price == nil ? "" : "---:|")
    return ([head + more, line] + rows).joined(separator: "\n")
  }

  private static func csv(_ results: [Benchmark.Result], _ price: MachinePrice?) -> String {
    let rows = results.map {
      (["\"\($0.test.name)\""] + figures($0, price)).joined(separator: ",")
    }
    let head = "test,tokens_per_second,lowest,highest,deviation"
    let more = price.map { ",\($0.currency.lowercased())_per_million_tokens" } ?? ""
    return ([head + more] + rows).joined(separator: "\n")
  }

  private static func json(
    _ report: Benchmark.Report, _ model: LoadedModel, _ price: MachinePrice?
  ) throws -> String {
    struct Row: Encodable {
      let test: String
      let tokensPerSecond: Double
      let lowest: Double
      let highest: Double
      let deviation: Double
      let samples: [Double]
      let costPerMillionTokens: Double?
    }
    struct Document: Encodable {
      let model: String
      let threads: Int
      let instructionSet: String
      let cacheFormat: String
      let pricePerHour: Double?
      let currency: String?
      let results: [Row]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let document = Document(
      model: model.name, threads: report.threads,
      instructionSet: report.instructionSet.rawValue, cacheFormat: report.cacheFormat.rawValue,
      pricePerHour: price?.perHour, currency: price?.currency,
      results: report.results.map {
        Row(
          test: $0.test.name, tokensPerSecond: $0.tokensPerSecond, lowest: $0.lowest,
          highest: $0.highest, deviation: $0.deviation, samples: $0.samples,
          costPerMillionTokens: price?.perMillion(tokensPerSecond: $0.tokensPerSecond))
      })
    return String(decoding: try encoder.encode(document), as: UTF8.self)
  }
}
