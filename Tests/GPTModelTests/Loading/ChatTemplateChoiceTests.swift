import ChatTemplates
import ModelFiles
import TestSupport
import Testing

@testable import GPTModel

@Suite("Chat templates in place of the files' own")
struct ChatTemplateChoiceTests {
  private func prompt(_ choice: ChatTemplateChoice?) throws -> String {
    var options = LoadedModel.LoadingOptions()
    options.chatTemplate = choice
    let model = try LoadedModel.read(from: TinyModel().source(), options: options)
    let template = try #require(model.chatTemplate)
    return try template.render([ChatMessage(role: "user", content: "Hi")]).map(\.text).joined()
  }

  @Test("A template that is given takes the place of the files' own")
  func source() throws {
    #expect(try prompt(.source("<{{ messages[0].content }}>")) == "<Hi>")
    #expect(throws: ModelError.self) { try prompt(.source("{% for %}")) }
  }

  @Test("Families are known by their names, however they are spelled")
  func families() throws {
    let chatML = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    for name in ["ChatML", "chatml", "chat-ml"] { #expect(try prompt(.named(name)) == chatML) }
    #expect(try prompt(.named("llama3")).contains("<|start_header_id|>user"))
    #expect(ChatTemplateChoice.families.count == FamilyTemplates.all.count)
  }

  @Test("A template of the files is known by its name; what is unknown is told with all names")
  func named() throws {
    var files = ChatTemplateFiles(usual: "u")
    files.named = ["default": "u", "rag": "r"]
    #expect(try ChatTemplateChoice.named("rag").source(among: files) == "r")
    let error = #expect(throws: ModelError.self) {
      try ChatTemplateChoice.named("tools").source(among: files)
    }
    #expect("\(try #require(error))".contains("default, rag, ChatML"))
  }
}
