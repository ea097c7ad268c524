import JSON
import ModelFiles
import Tokenizers

extension Vocabulary {
  /// Reads the vocabulary that a folder keeps in `tokenizer.json`.
  init(_ files: TokenizerFiles) throws(ModelError) {
    guard case .object(let root) = files.tokenizer, case .object(let model)? = root["model"],
      case .object(let vocab)? = model["vocab"], case .array(let merges)? = model["merges"]
    else { throw ModelError(.invalid, field: "tokenizer.json", "no BPE model") }
    var pieces = (0..<files.rows).map { "<unused\($0)>" }
    var kinds = [TokenKind](repeating: .unused, count: files.rows)
    for member in vocab.members {
      guard case .integer(let id) = member.value, pieces.indices.contains(id) else { continue }
      pieces[id] = member.name
      kinds[id] = .normal
    }
    if case .array(let added)? = root["added_tokens"] {
      for case .object(let token) in added {
        guard case .integer(let id)? = token["id"], case .string(let text)? = token["content"],
          pieces.indices.contains(id)
        else { continue }
        pieces[id] = text
        kinds[id] = .control
      }
    }
    let list = merges.compactMap { merge -> String? in
      switch merge {
      case .string(let text): return text
      case .array(let parts):
        let texts = parts.compactMap { part -> String? in
          if case .string(let text) = part { text } else { nil }
        }
        return texts.joined(separator: " ")
      default: return nil
      }
    }
    do {
      try self.init(
        pieces: pieces, kinds: kinds, merges: list, preTokenizer: "gpt-2", beginningOfSequence: nil,
        endOfSequence: files.ends.first.map { Token($0) }, additionalEnds: [],
        addsBeginningOfSequence: false)
    } catch {
      throw ModelError(error)
    }
  }
}
