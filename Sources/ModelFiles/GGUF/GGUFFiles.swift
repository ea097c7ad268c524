/// The files of a model in GGUF: one, or the parts over which the model was split.
struct GGUFFiles: Sendable {
  /// One file.
  struct Part: Sendable {
    /// The file's name.
    let name: String
    /// The file.
    let file: ModelFile
  }

  /// The files in their order.
  let parts: [Part]
  /// The metadata of the first file, and the tensors of all.
  let header: GGUFHeader

  /// Parts that a model may have.
  private static let mostParts = 1024

  /// Opens a file, and where it is a part of a model, all the others, which lie beside it.
  init(path: String) throws(ModelError) {
    let given = try ModelFile(path: path, types: .supported, mayBePart: true)
    guard let split = given.header.split, split.count > 1 else {
      self.init(given, path: path)
      return
    }
    guard split.count <= Self.mostParts else {
      throw ModelError(
        .limit, field: "split.count",
        "\(split.count) files; at most \(Self.mostParts) are allowed")
    }
    guard let name = GGUFPartName(path: path), name.count == split.count else {
      throw ModelError(
        .unsupported, field: "file",
        "the file is one of \(split.count) of a model, of which each must be named like"
          + " \(GGUFPartName(stem: "NAME", count: split.count).file(split.number + 1))")
    }
    var parts: [Part] = []
    for number in 1...split.count {
      let file = number == name.number ? given : try Self.open(name.path(number))
      parts.append(Part(name: name.file(number), file: file))
    }
    for (number, part) in parts.enumerated() { try Self.check(part, number, of: split) }
    self.init(parts, try GGUFHeader(joining: parts.map { ($0.name, $0.file.header) }))
  }

  /// Takes the only file of a model.
  init(_ file: ModelFile, path: String) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    self.init([Part(name: name, file: file)], file.header)
  }

  private init(_ parts: [Part], _ header: GGUFHeader) {
    (self.parts, self.header) = (parts, header)
  }

  /// Bytes of all files.
  var byteCount: UInt64 { parts.reduce(0) { $0 + $1.file.byteCount } }

  private static func open(_ path: String) throws(ModelError) -> ModelFile {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard RegularFile.exists(path) else {
      throw ModelError(.missing, field: name, "this part of the model is not there")
    }
    do {
      return try ModelFile(path: path, types: .supported, mayBePart: true)
    } catch {
      throw ModelError(
        error.kind, field: "\(name): \(error.field)", offset: error.offset, error.detail)
    }
  }

  private static func check(
    _ part: Part, _ number: Int, of split: GGUFSplit
  ) throws(ModelError) {
    guard let own = part.file.header.split, own.count == split.count else {
      throw ModelError(
        .invalid, field: "\(part.name): split.count",
        "\(part.file.header.split?.count ?? 1); the other files say \(split.count)")
    }
    guard own.number == number else {
      throw ModelError(
        .invalid, field: "\(part.name): split.no",
        "\(own.number), which is another part than the \(number) of the file's name")
    }
  }
}

/// What a part of a model says of the whole.
package struct GGUFSplit: Sendable, Hashable {
  /// The part's number, from 0.
  let number: Int
  /// How many parts there are.
  let count: Int
  /// The tensors of all, where that is said.
  let tensors: Int?
}

/// The name of a part of a model: `NAME-00001-of-00003.gguf`.
struct GGUFPartName: Sendable, Hashable {
  /// What stands before the name's stem.
  private let folder: String
  private let stem: String
  /// The number in the name, from 1.
  let number: Int
  /// How many parts the name says there are.
  let count: Int

  /// Names the first part.
  init(stem: String, count: Int) {
    (folder, number) = ("", 1)
    (self.stem, self.count) = (stem, count)
  }

  /// Reads the name at the end of a path; nil where it is no part's.
  init?(path: String) {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let pieces = name.split(separator: "-", omittingEmptySubsequences: false)
    guard pieces.count >= 4, pieces[pieces.count - 2] == "of",
      let last = pieces.last, last.hasSuffix(".gguf"),
      let number = Int(pieces[pieces.count - 3]), let count = Int(last.dropLast(5))
    else { return nil }
    folder = String(path.dropLast(name.count))
    stem = pieces.dropLast(3).joined(separator: "-")
    (self.number, self.count) = (number, count)
    guard file(number) == name, number >= 1, number <= count else { return nil }
  }

  /// The name of a part by its number, from 1.
  func file(_ number: Int) -> String {
    func digits(_ number: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, 5 - text.utf8.count)) + text
    }
    return "\(stem)-\(digits(number))-of-\(digits(count)).gguf"
  }

  /// The path of a part by its number, from 1.
  func path(_ number: Int) -> String { folder + file(number) }
}
