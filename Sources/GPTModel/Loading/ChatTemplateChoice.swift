import ModelFiles

/// A chat template in place of the one that a model's files have for all conversations.
public enum ChatTemplateChoice: Sendable, Hashable {
  /// The template itself.
  case source(String)
  /// A template of the files by its name there, or that of a family, such as `ChatML` or `Llama 3`.
  case named(String)

  /// The names of the families.
  public static var families: [String] { FamilyTemplates.all.map(\.name) }

  /// The text of the template.
  func source(among files: ChatTemplateFiles) throws(ModelError) -> String {
    switch self {
    case .source(let text): return text
    case .named(let name):
      if let text = files.named[name] { return text }
      let family = FamilyTemplates.all.first { Self.plain($0.name) == Self.plain(name) }
      if let family { return family.source }
      let known = files.named.keys.sorted() + Self.families
      throw ModelError(
        .missing, field: "chat template",
        "there is none named \(name.prefix(64)); the names are \(known.joined(separator: ", "))")
    }
  }

  /// A name as people spell it, in any case and with or without spaces and hyphens.
  private static func plain(_ name: String) -> String {
    name.lowercased().filter { $0 != " " && $0 != "-" && $0 != "_" }
  }
}
