package import GPTModel

/// A model file that is wrong in one named way.
package struct MalformedModelFile: Sendable {
  /// What must happen when the file is loaded.
  package enum Expectation: Sendable, Hashable {
    /// Reading the file throws, with this kind if one is given.
    case refused(ModelError.Kind? = nil)
    /// Reading the file passes, and making a model of it throws.
    case refusedByModel
    /// The file may run or be refused; it must not end the process.
    case mayRun
  }

  /// The class of faults, such as `G4`.
  package let group: String
  /// What is wrong, in a few words.
  package let name: String
  /// What must happen.
  package let expectation: Expectation
  /// The file.
  package let bytes: [UInt8]
}

/// Collects files that are each a valid tiny model with one change.
package struct MalformedModelFiles: Sendable {
  /// The files so far.
  package private(set) var files: [MalformedModelFile] = []
  /// The valid model that every file starts from.
  package let base: GGUFBuilder

  /// Creates a collection over a model.
  package init(base: GGUFBuilder = TinyModel.least.builder()) {
    self.base = base
  }

  /// All named files.
  package static let all: [MalformedModelFile] = {
    var collection = MalformedModelFiles()
    collection.addFrames()
    collection.addCounts()
    collection.addStrings()
    collection.addArrays()
    collection.addShapes()
    collection.addOffsets()
    collection.addNames()
    collection.addAlignments()
    collection.addHyperParameters()
    collection.addFamilies()
    collection.addVocabularies()
    collection.addTensorSets()
    collection.addWeights()
    return collection.files
  }()

  /// Adds a file by its bytes.
  package mutating func add(
    _ group: String, _ name: String, _ expectation: MalformedModelFile.Expectation,
    bytes: [UInt8]
  ) {
    files.append(
      MalformedModelFile(group: group, name: name, expectation: expectation, bytes: bytes))
  }

  /// Adds the base model after a change to its fields.
  package mutating func add(
    _ group: String, _ name: String, _ expectation: MalformedModelFile.Expectation,
    _ change: (inout GGUFBuilder) -> Void
  ) {
    var builder = base
    change(&builder)
    add(group, name, expectation, bytes: builder.bytes())
  }
}

/// Numbers at which arithmetic on sizes goes wrong.
enum HostileNumbers {
  /// Sizes beyond any limit, up to the last 64-bit number.
  static let sizes: [UInt64] = [
    1 << 31, 1 << 32, 1 << 40, 1 << 61, 1 << 62, 1 << 63, .max - 31, .max - 7, .max,
  ]
}
