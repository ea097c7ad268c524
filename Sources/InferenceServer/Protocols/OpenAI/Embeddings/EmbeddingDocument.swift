import GPTModel
import JSON

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The embeddings of texts in one document.
struct EmbeddingDocument {
  private let model: String
  private let encoding: EmbeddingRequest.Encoding
  private let dimensions: Int?
  private var vectors: [[Float]]
  private var tokens = 0

  /// Begins a document for so many texts.
  init(_ request: EmbeddingRequest, model: ServedModel) {
    self.model = model.name
    encoding = request.encoding
    dimensions = request.dimensions
    vectors = Array(repeating: [], count: request.inputs.count)
  }

  /// Adds what an event brings.
  mutating func append(_ event: ChoiceEvent) {
    switch event.event {
    case .prompt(let report): vectors[event.choice] = shortened(report.embedding)
    case .finished(let summary): tokens += summary.usage.promptTokens
    case .progress, .token: break
    }
  }

  /// Writes the whole document.
  func json() -> JSONWriter {
    var json = JSONWriter()
    json.object { json in
      json.member("object", "list")
      json.member("data") { json in
        json.array { json in
          for (index, vector) in vectors.enumerated() { write(vector, index, to: &json) }
        }
      }
      json.member("model", model)
      json.member("usage") { json in
        json.object { json in
          json.member("prompt_tokens", tokens)
          json.member("total_tokens", tokens)
        }
      }
    }
    return json
  }

  /// The beginning of a vector, of length one again.
  private func shortened(_ vector: [Float]) -> [Float] {
    guard let dimensions, dimensions < vector.count else { return vector }
    let kept = vector.prefix(dimensions).map(Double.init)
    let norm = kept.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return kept.map { Float(norm > 0 ? $0 / norm : $0) }
  }

  private func write(_ vector: [Float], _ index: Int, to json: inout JSONWriter) {
    json.object { json in
      json.member("object", "embedding")
      json.member("index", index)
      json.member("embedding") { json in
        switch encoding {
        case .float:
          json.array { json in
            for number in vector { json.value(number) }
          }
        case .base64:
          var bytes = Data(capacity: 4 * vector.count)
          for number in vector {
            withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
          }
          json.value(bytes.base64EncodedString())
        }
      }
    }
  }
}
