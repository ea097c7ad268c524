package import GPTModel

/// A model's folder that is wrong in one named way.
package struct MalformedFolder: Sendable {
  /// The class of faults, such as `header`.
  package let group: String
  /// What is wrong, in a few words.
  package let name: String
  /// What must happen.
  package let expectation: MalformedModelFile.Expectation
  /// The file that an error must name, where only one can be at fault.
  package let field: String?
  /// The folder.
  package let folder: MemoryFolder
}

/// Collects folders that are each a valid tiny model with one change.
package struct MalformedFolders: Sendable {
  /// The folders so far.
  package private(set) var folders: [MalformedFolder] = []
  /// The valid folder that every other starts from.
  package let base: FolderBuilder
  /// The class and the file of the faults that are added next.
  var group = ""
  var field: String?

  /// Creates a collection over a folder.
  package init(base: FolderBuilder = TinyModel.least.folder()) {
    self.base = base
  }

  /// All named folders.
  package static let all: [MalformedFolder] = {
    var collection = MalformedFolders()
    collection.addHeaders()
    collection.addEntries()
    collection.addNames()
    collection.addIndexes()
    collection.addConfigurations()
    collection.addRotations()
    collection.addKinds()
    collection.addFamilies()
    collection.addLatents()
    collection.addLayerNorms()
    collection.addTensorSets()
    collection.addWeights()
    collection.addQuantizations()
    collection.addTexts()
    return collection.folders
  }()

  /// Adds the base folder after a change to its files.
  mutating func add(
    _ name: String, _ expectation: MalformedModelFile.Expectation,
    _ change: (inout FolderBuilder) -> Void
  ) {
    var builder = base
    change(&builder)
    folders.append(
      MalformedFolder(
        group: group, name: name, expectation: expectation, field: field,
        folder: builder.folder()))
  }

  /// A folder with one to three random changes to a header, the index or the configuration; the same
  /// seed gives the same folder.
  package static func mutation(of files: [String: [UInt8]], seed: UInt64) -> MemoryFolder {
    var generator = SeededGenerator(seed: seed)
    var files = files
    let names = files.keys.filter { $0 == "config.json" || $0.hasPrefix("model") }.sorted()
    for _ in 0...generator.below(3) {
      let name = names[generator.below(names.count)]
      var bytes = files[name] ?? []
      mutate(&bytes, &generator, isText: name.hasSuffix(".json"))
      files[name] = bytes
    }
    return MemoryFolder(name: "damaged", files: files)
  }

  private static func mutate(
    _ bytes: inout [UInt8], _ generator: inout SeededGenerator, isText: Bool
  ) {
    guard bytes.count > 16 else { return }
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1 & 0x7F) }
    let end = isText ? bytes.count : min(bytes.count, 8 + max(8, length))
    let place = generator.below(end)
    let range = place..<min(end, place + 1 + generator.below(12))
    let digits = Array("0123456789-\"{}[],:.e".utf8)
    switch generator.below(8) {
    case 0, 1: bytes[place] ^= 1 << UInt8(generator.below(8))
    case 2: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
    case 3, 4: bytes[place] = digits[generator.below(digits.count)]
    case 5: bytes.removeSubrange(range)
    case 6: bytes.insert(contentsOf: Array(bytes[range]), at: place)
    default: bytes.removeLast(generator.below(bytes.count))
    }
  }
}
