import JSON
package import Tensor

/// Files that commands of training read and write.
package struct WorkFolder {
  /// The file system.
  package let files: any CheckpointFiles

  /// Names the file system.
  package init(_ files: any CheckpointFiles = SystemFiles()) {
    self.files = files
  }

  /// Makes a folder, and those above it, where they are not there yet.
  package func make(_ path: String) throws(TrainingError) {
    if isFolder(path) { return }
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try make(String(path[..<slash]))
    }
    try files.makeFolder(path)
  }

  /// Whether there is a folder of a path.
  package func isFolder(_ path: String) -> Bool {
    (try? files.names(in: path)) != nil
  }

  /// Writes files into a folder.
  package func write(_ content: [String: [UInt8]], into folder: String) throws(TrainingError) {
    try make(folder)
    for (name, bytes) in content.sorted(by: { $0.key < $1.key }) {
      try files.write(bytes, to: "\(folder)/\(name)")
    }
  }

  /// Writes a model: a GGUF file where the path says so, else a folder.
  ///
  /// - Parameter format: How a GGUF file stores matrices; folders have single precision.
  package func write(
    _ model: TrainableModel, to path: String, format: any WritableFormat.Type = F32.self
  ) throws(TrainingError) {
    let name = (path.split(separator: "/").last).map(String.init) ?? path
    guard name.hasSuffix(".gguf") else {
      return try write(try ModelExport(model, name: name).folder(), into: path)
    }
    try replace(path, try ModelExport(model, name: String(name.dropLast(5))).gguf(format))
  }

  /// Writes adapters: a GGUF file where the path says so, else a folder as PEFT has it.
  package func write(_ adapters: AdapterExport, to path: String) throws(TrainingError) {
    if path.hasSuffix(".gguf") {
      try replace(path, adapters.gguf)
    } else {
      try write(adapters.files, into: path)
    }
  }

  /// Writes a file whose name, where it exists, stands for a whole file at any time.
  private func replace(_ path: String, _ bytes: [UInt8]) throws(TrainingError) {
    try files.write(bytes, to: path + ".partial")
    try files.sync(path + ".partial")
    try files.rename(path + ".partial", to: path)
  }

  /// The format of a name.
  package static func format(named name: String) throws(TrainingError) -> any WritableFormat.Type {
    if let format = WritableFormats.format(named: name.uppercased()) { return format }
    throw TrainingError(
      .configuration, field: "format",
      "\(name.prefix(16).debugDescription) is not one of \(WritableFormats.names)")
  }
}

extension [[UInt8]] {
  /// Lines as a file.
  var file: [UInt8] {
    var bytes: [UInt8] = []
    for line in self {
      bytes += line
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }
}
