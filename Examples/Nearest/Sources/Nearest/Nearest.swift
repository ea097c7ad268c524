// Vectors of texts, and the nearest one; the batch is computed side by side and gives the same
// bits as one by one.
// Expected: "cat" is nearest to the question about pets; every vector has length 1 within 1e-5;
// equal bits.
import ApusKit

@main struct Nearest {
  static func main() async throws {
    let model = try await ApusLanguageModel.load("Weights/SmolLM2-135M-Instruct.Q4_1.gguf")
    let texts = [
      "a cat that sleeps on the sofa", "how to change a tyre", "the price of gold in 1980",
    ]
    let vectors = try await model.embeddings(of: texts)
    for (text, vector) in zip(texts, vectors) {
      let alone = try await model.embeddings(of: [text])[0]
      precondition(alone == vector, "other bits in a batch")
      precondition(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    }
    let question = try await model.embeddings(of: ["my pet naps on the couch"])[0]
    let scores = vectors.map { zip($0, question).reduce(Float(0)) { $0 + $1.0 * $1.1 } }
    let best = scores.indices.max { scores[$0] < scores[$1] }!
    print(texts[best], scores[best])
    await model.shutDown()
  }
}
