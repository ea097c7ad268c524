import Tokenizers

/// How a reranker that is a decoder is asked about a document.
///
/// Zhang et al., "Qwen3 Embedding: Advancing Text Embedding and Reranking Through Foundation Models", 2025.
package enum QuestionLayout: Sendable, Hashable {
  /// Qwen 3's: a conversation that is to be continued with "yes" or "no".
  case yesOrNo

  /// The task where a request names none.
  static let usualInstruction =
    "Given a web search query, retrieve relevant passages that answer the query"

  /// The prompt in pieces that know who wrote them.
  func segments(query: String, document: String, instruction: String?) -> [PromptSegment] {
    let opening = """
      <|im_start|>system
      Judge whether the Document meets the requirements based on the Query and the Instruct provided. \
      Note that the answer can only be "yes" or "no".<|im_end|>
      <|im_start|>user
      <Instruct>:\u{20}
      """
    return [
      PromptSegment(opening, from: .template),
      PromptSegment(instruction ?? Self.usualInstruction, from: .content),
      PromptSegment("\n<Query>: ", from: .template), PromptSegment(query, from: .content),
      PromptSegment("\n<Document>: ", from: .template), PromptSegment(document, from: .content),
      PromptSegment(
        "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n", from: .template),
    ]
  }
}
