import ModelFiles
import Tensor
import Tokenizers

/// What runs, from the lists that loading reads.
package enum ModelCatalogue {
  /// A list with a heading.
  package struct Section: Sendable, Hashable {
    /// What the names are.
    package let heading: String
    /// The names, one of several that mean the same as `one|other`.
    package let names: [String]
  }

  /// All lists.
  package static var sections: [Section] {
    [
      Section(
        heading: "Architectures: general.architecture in a GGUF file, model_type in a folder",
        names: Architectures.all.map { $0.names.joined(separator: "|") }),
      Section(heading: "Storage types in GGUF files", names: storageTypes),
      Section(
        heading: "Storage types in folders: dtype of safetensors",
        names: FolderTypes.names),
      Section(
        heading: "Quantised weights in folders: quant_method", names: FolderQuantizations.methods),
      Section(heading: "KV cache formats", names: CacheFormat.allCases.map(\.rawValue)),
      Section(
        heading: "Tokenizers: tokenizer.ggml.model in a GGUF file, model in a tokenizer.json",
        names: Vocabulary.modelNames + Vocabulary.documentNames),
      Section(
        heading: "Pre-tokenizers: tokenizer.ggml.pre in a GGUF file",
        names: TextSplitters.all.flatMap(\.names).sorted()),
    ]
  }

  private static var storageTypes: [String] {
    GGUFTypes.formats.sorted { $0.key < $1.key }.map { $0.value.name }
  }
}
