import Foundation
import GPTModel
import Testing

/// A small random model in a folder as models are published, with what an independent implementation
/// computed of it in float32.
struct PublishedFolder: Sendable, CustomTestStringConvertible {
  /// The folder's name.
  let name: String
  private let url: URL

  var testDescription: String { name }

  /// Where the folders lie, beside the checkout; they are not part of it.
  private static let place = Models.root.deletingLastPathComponent()
    .appending(path: "shared/goldens/tiny")

  /// Whether the folders are there.
  static var areThere: Bool { FileManager.default.fileExists(atPath: place.path) }

  /// Names a folder.
  init(_ name: String) {
    self.name = name
    url = Self.place.appending(path: name)
  }

  /// The path of the folder.
  var path: String { url.path }

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

    enum CodingKeys: String, CodingKey {
      case text, argmax, logits, greedy
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
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let values = data.dropFirst(8 + length)
    let all = stride(from: values.startIndex, to: values.endIndex, by: 4).map { start in
      Float(
        bitPattern: values[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }
    let columns = all.count / reference.inputIds.count
    return stride(from: 0, to: all.count, by: columns).map { Array(all[$0..<$0 + columns]) }
  }
}
