import Foundation
import GPTModel
import Testing

/// A small random model in a folder as models are published, with what an independent implementation
/// computed of it in float32.
struct PublishedFolder: Sendable, CustomTestStringConvertible {
  /// The folder's name.
  let name: String
  private let url: URL
  private let file: URL

  var testDescription: String { name }

  /// Where folders lie, and beside them the GGUF files of some: in the checkout, or where `GOLDENS` says; `Tests/Goldens/gguf_of_folder.py` makes such files.
  private static let places =
    [
      Models.root.appending(path: "Tests/Goldens")
    ] + [ProcessInfo.processInfo.environment["GOLDENS"].map { URL(filePath: $0) }].compactMap { $0 }

  /// All folders of the checkout.
  static let all = {
    let place = places[0].appending(path: "tiny")
    let names = try? FileManager.default.contentsOfDirectory(atPath: place.path)
    return (names ?? []).sorted().compactMap { name in
      let file = place.appending(path: "\(name)/reference.json")
      return FileManager.default.fileExists(atPath: file.path) ? PublishedFolder(name) : nil
    }
  }()

  /// Whether the model makes vectors or scores, which `EncoderTests` compares.
  var isEncoder: Bool { name.contains("embed") || name.contains("rerank") }

  /// Names a folder; nil where it is not there.
  init?(_ name: String) {
    func isThere(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
    let folders = Self.places.map { $0.appending(path: "tiny/\(name)") }
    guard let url = folders.first(where: isThere) else { return nil }
    self.name = name
    self.url = url
    let files = Self.places.map { $0.appending(path: "tiny-gguf/\(name).gguf") }
    file = files.first(where: isThere) ?? files[0]
  }

  /// The path of the folder.
  var path: String { url.path }

  /// The path of the GGUF file of the same weights, whether it says as much or not.
  var filePath: String { file.path }

  /// The paths of the files: the folder, and a GGUF file with the same weights where there is one that
  /// says as much as the folder does.
  var paths: [String] {
    // GGUF files of Gemma 2 do not say what divides scores; that of Cohere 2 says that half of each head
    // turns, as follows from sizes that only a tiny model has. That of BERT's reranker lacks a layer.
    let isWhole =
      FileManager.default.fileExists(atPath: file.path)
      && !["gemma2_caps", "cohere2", "bert_rerank"].contains(name)
    return [url.path] + (isWhole ? [file.path] : [])
  }

  /// What the other implementation computed.
  struct Reference: Decodable {
    let text: String?
    let inputIds: [Token]
    let argmax: [Token]
    /// Logits of every position, [C, V], unless a file of their own has them.
    let logits: [[Float]]?
    let greedy: [Token]?
    let greedyMargins: [Double]?
    let longGreedy: [Token]?
    /// How far the numbers are from those of float64.
    let ownError: Double?
    /// What wrong readings of a configuration move logits by.
    let mistakes: [String: Mistake]?

    /// A wrong reading.
    struct Mistake: Decodable {
      let largest: Double

      enum CodingKeys: String, CodingKey {
        case largest = "max_abs_diff"
      }
    }

    enum CodingKeys: String, CodingKey {
      case text, argmax, logits, greedy, mistakes
      case ownError = "float64_max_abs_diff"
      case inputIds = "input_ids"
      case greedyMargins = "greedy_margins"
      case longGreedy = "greedy_24"
    }
  }

  /// Reads what the other implementation computed.
  func reference() throws -> Reference {
    try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: url.appending(path: "reference.json")))
  }

  /// The logits of every position, [C, V].
  func logits(_ reference: Reference) throws -> [[Float]] {
    if let logits = reference.logits { return logits }
    let data = try Data(contentsOf: url.appending(path: "reference_logits.safetensors"))
    let all = FloatTensor(data).values
    let columns = all.count / reference.inputIds.count
    return stride(from: 0, to: all.count, by: columns).map { Array(all[$0..<$0 + columns]) }
  }
}
