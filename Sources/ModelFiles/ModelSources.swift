/// Opens the files of a model, whatever their format: the one place that lists the formats.
package enum ModelSources {
  /// Opens a GGUF file with all parts of its model, or a folder with `config.json` and safetensors.
  ///
  /// - Throws: A `ModelError` when what is there is not sound.
  package static func open(path: String) throws(ModelError) -> any ModelSource {
    if RegularFile.isFolder(path) { return try FolderSource(DiskFolder(path: path)) }
    do {
      return try GGUFSource(path: path)
    } catch {
      guard error.kind != .unreadable, let advice = advice(on: path) else { throw error }
      throw ModelError(.unsupported, field: "file", advice)
    }
  }

  /// What to name in the place of a file that is no GGUF file, where its name tells.
  private static func advice(on path: String) -> String? {
    let name = path.split(separator: "/").last ?? ""
    let endings = name.lowercased().split(separator: ".")
    switch endings.last {
    case "safetensors", "json", "jinja":
      let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        .joined(separator: "/")
      return "one of the files of a model's folder; name the folder"
        + (folder.isEmpty ? ", here ." : ", here \(folder)")
    case "bin", "pt", "pth", "pkl", "ckpt":
      return "no GGUF file, and by its name a pickle, which could run code when it is read; convert"
        + " it to safetensors"
    default: return nil
    }
  }
}
