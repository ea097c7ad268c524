import Evaluation
import Foundation
import GPTModel
import Testing

/// Where folders of drawn configurations lie; nil where none is named.
private let place = ProcessInfo.processInfo.environment["APUS_CONFIGURATIONS"]

/// Models of configurations that seeds drew, with what an independent implementation computed of them.
///
/// `make campaign-configurations` makes them and names the folder.
@Suite("Drawn configurations", .enabled(if: place != nil, "APUS_CONFIGURATIONS names no folder"))
struct DrawnConfigurationTests {
  private static let names =
    (try? FileManager.default.contentsOfDirectory(atPath: place ?? ""))?.sorted().filter {
      FileManager.default.fileExists(atPath: "\(place ?? "")/\($0)/reference.json")
    } ?? []

  /// What the other implementation says beside its logits.
  private struct Reference: Decodable {
    let inputIds: [Token]
    /// How far its float32 is from its float64, as a share of the largest logit.
    let error: Double

    enum CodingKeys: String, CodingKey {
      case error
      case inputIds = "input_ids"
    }
  }

  @Test("There are folders")
  func isComplete() { #expect(!Self.names.isEmpty) }

  @Test("Every logit is the reference's, whatever the size of steps", arguments: names)
  func logits(name: String) throws {
    let folder = URL(filePath: place ?? "").appending(path: name)
    let reference = try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: folder.appending(path: "reference.json")))
    let file = try Data(contentsOf: folder.appending(path: "reference_logits.safetensors"))
    let expected = FloatTensor(file).values
    let model = try LoadedModel.read(path: folder.path)
    for warning in model.warnings { print("\(name): \(warning.field): \(warning.detail)") }
    let found = try Self.logits(model, reference.inputIds, rows: 64)
    #expect(Self.error(found, expected) <= max(3e-5, 3 * reference.error))
    for rows in [1, 7] {
      #expect(try Self.logits(model, reference.inputIds, rows: rows) == found, "\(rows)")
    }
  }

  private static func logits(_ model: LoadedModel, _ tokens: [Token], rows: Int) throws -> [Float] {
    var configuration = EngineConfiguration()
    configuration.cacheFormat = .float32
    configuration.rowsPerStep = rows
    var found: [Float] = []
    try Scorer(model: model, configuration: configuration)
      .logits(of: tokens, at: 0..<tokens.count) { _, row in found += row }
    return found
  }

  /// The greatest error, as a share of the largest logit.
  private static func error(_ found: [Float], _ expected: [Float]) -> Double {
    guard found.count == expected.count else { return .infinity }
    let largest = expected.lazy.map(\.magnitude).max() ?? 1
    return zip(found, expected).reduce(0) { worst, pair in
      let error = Double((pair.0 - pair.1).magnitude / largest)
      return error.isNaN ? .infinity : max(worst, error)
    }
  }
}
