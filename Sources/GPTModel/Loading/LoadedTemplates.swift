package import ChatTemplates
package import ModelFiles
package import Tokenizers

/// The chat templates of a model, as far as they can be read.
package struct LoadedTemplates {
  /// The template of conversations.
  package private(set) var usual: ChatTemplate?
  /// The template of those with tools, where there is one of their own.
  package private(set) var forTools: ChatTemplate?
  /// The text of the template of conversations with tools.
  package private(set) var source = ""
  /// Why the first cannot be used.
  package private(set) var error: TemplateError?

  /// Parses the template that was asked for, which all conversations then have.
  ///
  /// - Throws: `ModelError` when there is none of that name, or it cannot be parsed.
  init(
    _ source: any ModelSource, tokenizer: Tokenizer, choice: ChatTemplateChoice?
  ) throws(ModelError) {
    guard let choice else {
      self.init(source, tokenizer: tokenizer)
      return
    }
    self.init()
    let text = try choice.source(among: source.chatTemplates)
    do throws(TemplateError) {
      usual = try ChatTemplate(source: text, specialTokens: Self.specialTokens(tokenizer))
      self.source = text
    } catch {
      throw ModelError(.invalid, field: "chat template", "it cannot be used: \(error)")
    }
  }

  private init() {}

  /// The texts of special tokens, by the names that templates use.
  static func specialTokens(_ tokenizer: Tokenizer) -> [String: String] {
    var special: [String: String] = [:]
    special["bos_token"] = tokenizer.beginningOfSequence.flatMap(tokenizer.specialText(of:))
    special["eos_token"] = tokenizer.endOfSequence.flatMap(tokenizer.specialText(of:))
    return special
  }

  /// Parses what the files have; a model without template gets the one of its family, where its special
  /// tokens tell which that is.
  package init(_ source: any ModelSource, tokenizer: Tokenizer) {
    let files = source.chatTemplates
    let special = Self.specialTokens(tokenizer)
    let family = files.usual == nil ? FamilyTemplates.template(for: tokenizer) : nil
    if let family {
      source.notes.warn(
        "chat template", "the files have none; that of \(family.name) is taken, by the tokens")
    }
    if let text = files.usual ?? family?.source {
      do throws(TemplateError) {
        usual = try ChatTemplate(source: text, specialTokens: special)
        self.source = text
      } catch {
        self.error = error
        source.notes.warn("chat template", "it cannot be used: \(error)")
      }
    }
    if let text = files.forTools {
      do throws(TemplateError) {
        forTools = try ChatTemplate(source: text, specialTokens: special)
        self.source = text
      } catch {
        source.notes.warn("chat template", "the one for tools cannot be used: \(error)")
      }
    }
  }
}

extension LoadedModel {
  /// The texts of the vocabulary's special tokens, by the names that chat templates use.
  package var specialTokensOfTemplates: [String: String] {
    LoadedTemplates.specialTokens(tokenizer)
  }
}
