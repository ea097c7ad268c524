/// Opens the files of a model, whatever their format: the one place that lists the formats.
package enum ModelSources {
  /// Opens a GGUF file, or a folder with `config.json` and safetensors.
  ///
  /// - Throws: A `ModelError` when what is there is not sound.
  package static func open(path: String) throws(ModelError) -> any ModelSource {
    if RegularFile.isFolder(path) { return try FolderSource(DiskFolder(path: path)) }
    return try GGUFSource(ModelFile(path: path, types: .supported), path: path)
  }
}
