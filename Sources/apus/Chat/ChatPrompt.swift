import ChatTemplates
import Foundation
import GPTModel
import Grammars
import TerminalChat
import Tokenizers

/// A conversation as a model reads it.
struct ChatPrompt: Sendable {
  private let model: LoadedModel
  private let segments: [PromptSegment]
  /// The tokens.
  let tokens: [Token]

  /// Makes the prompt for the answer to the last of some messages.
  ///
  /// - Throws: A `TemplateError` when the chat template refuses the conversation.
  init(for messages: [ChatMessage], of model: LoadedModel) throws(TemplateError) {
    var options = ChatTemplate.Options()
    options.vouchedRoles = ChatMessage.usualRoles
    options.now = TemplateDate(unixSeconds: Int(Date().timeIntervalSince1970))
    let prepared = model.style.prepared(messages, tools: []).messages
    self.model = model
    segments = try model.chatTemplate?.render(prepared, options: options) ?? []
    tokens = model.tokenizer.encode(segments)
  }

  /// What divides the answer. Where the template shows no marks of thinking, the usual ones count.
  var reader: AnswerReader {
    var style = model.style
    if style.format.layout == .blocks, style.format.thinking == nil {
      style.format.thinking = CallFormat.hermes.thinking
    }
    return AnswerReader(
      style, tools: [], thinking: style.thinking(after: segments),
      controlToken: { [tokenizer = model.tokenizer] in tokenizer.controlText(of: $0) })
  }
}

extension AnswerPiece {
  /// A part of an answer in a conversation without tools; a call that the model invents is text.
  init(_ part: AnswerPart) {
    switch part {
    case .reasoning(let text): self = .thinking(text)
    case .text(let text), .arguments(_, let text): self = .text(text)
    case .callBegan(_, _, let name): self = .text("\(name) ")
    case .callEnded: self = .text("")
    }
  }
}
