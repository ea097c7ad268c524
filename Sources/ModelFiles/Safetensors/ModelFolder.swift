import JSON

/// The files of a model's folder, by their plain names.
package protocol ModelFolder: Sendable {
  /// What the folder is called, for names of models.
  var name: String { get }

  /// Opens a file; nil where there is none of that name.
  ///
  /// - Parameter name: A name without a path, which `checkName` has accepted.
  func open(_ name: String) throws(ModelError) -> (any ByteSource)?
}

extension ModelFolder {
  /// Bytes that a file of JSON or text may have.
  private static var mostBytes: UInt64 { 256 << 20 }

  /// Refuses names from a file that could lead out of the folder.
  static func checkName(_ name: String, field: String) throws(ModelError) {
    let isPlain =
      name.utf8.count <= 255 && name.utf8.first.map { $0 != UInt8(ascii: ".") } ?? false
      && name.utf8.allSatisfy { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") && $0 >= 0x20 }
    guard isPlain else {
      throw ModelError(
        .invalid, field: field,
        "\(name.prefix(80).debugDescription) is not the plain name of a file in the folder")
    }
  }

  /// Reads a whole file; nil where there is none.
  func read(_ name: String) throws(ModelError) -> [UInt8]? {
    guard let source = try open(name) else { return nil }
    guard source.byteCount <= Self.mostBytes else {
      throw ModelError(
        .limit, field: name, "\(source.byteCount) bytes; at most \(Self.mostBytes) are allowed")
    }
    var bytes = [UInt8](repeating: 0, count: Int(source.byteCount))
    let fault = bytes.withUnsafeMutableBytes { source.fill($0, at: 0, field: name) }
    if let fault { throw fault }
    return bytes
  }
}

/// A folder on disk.
package struct DiskFolder: ModelFolder {
  /// The path, without a slash at the end.
  private let path: String

  package var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// Names a folder.
  package init(path: String) {
    self.path = path.hasSuffix("/") && path.utf8.count > 1 ? String(path.dropLast()) : path
  }

  package func open(_ name: String) throws(ModelError) -> (any ByteSource)? {
    let file = "\(path)/\(name)"
    guard RegularFile.exists(file) else { return nil }
    do {
      return try RegularFile(path: file)
    } catch {
      throw ModelError(error.kind, field: name, offset: error.offset, error.detail)
    }
  }
}

/// A folder that lies in memory.
package struct MemoryFolder: ModelFolder {
  package let name: String
  /// The files by name.
  package var files: [String: [UInt8]]

  /// Creates a folder of files.
  package init(name: String = "memory", files: [String: [UInt8]]) {
    self.name = name
    self.files = files
  }

  package func open(_ name: String) throws(ModelError) -> (any ByteSource)? {
    files[name].map(MemorySource.init)
  }
}
