import Evaluation
import GPTModel
import Synchronization
import TestSupport
import Testing

@Suite("Malformed folders")
struct MalformedFolderTests {
  static let groups = Set(MalformedFolders.all.map(\.group)).sorted()

  @Test("There are seven hundred folders, each with a name of its own")
  func names() {
    let names = MalformedFolders.all.map { "\($0.group): \($0.name)" }
    let twice = Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys
    #expect(twice.isEmpty)
    #expect(names.count >= 700)
  }

  @Test("The folder that all others derive from runs")
  func base() throws {
    var builder = MalformedFolders().base
    #expect(Attempt(builder.folder()).error == nil)
    builder.split(into: 2)
    #expect(Attempt(builder.folder()).error == nil)
  }

  @Test("Every malformed folder is a ModelError, or a model that runs", arguments: groups)
  func named(group: String) {
    for file in MalformedFolders.all where file.group == group {
      let attempt = Attempt(file.folder)
      check(attempt, of: file)
      guard case .refused(let kind) = file.expectation else { continue }
      #expect(attempt.error != nil, "\(group): \(file.name) was accepted")
      guard let error = attempt.error else { continue }
      if let kind { #expect(error.kind == kind, "\(group): \(file.name): \(error)") }
      if let field = file.field {
        #expect(error.field.contains(field), "\(group): \(file.name): \(error)")
      }
    }
  }

  private func check(_ attempt: Attempt, of file: MalformedFolder) {
    #expect(attempt.largestRead <= attempt.largestFile, "\(file.group): \(file.name)")
    guard let error = attempt.error else { return }
    #expect(!error.field.isEmpty && !error.detail.isEmpty, "\(file.group): \(file.name)")
    #expect(error.description.utf8.count < 2_000, "\(file.group): \(file.name)")
  }

  @Test("Two thousand random changes end in an error or in a model that runs")
  func random() {
    var builder = MalformedFolders().base
    builder.split(into: 2)
    let files = builder.files()
    var accepted = 0
    for seed in 0..<2_000 as Range<UInt64> {
      let attempt = Attempt(MalformedFolders.mutation(of: files, seed: seed))
      if attempt.error == nil { accepted += 1 }
      #expect(attempt.largestRead <= attempt.largestFile, "seed \(seed)")
    }
    // Some changes hit what nobody reads; most must not pass.
    #expect(accepted > 0 && accepted < 1_000, "\(accepted) accepted")
  }

  @Test("A file cut at any byte of its header is refused")
  func cuts() {
    let builder = MalformedFolders().base
    let bytes = builder.shards[0].bytes()
    let header = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    for length in stride(from: 0, to: 8 + header, by: 7) {
      var files = builder.files()
      files["model.safetensors"] = Array(bytes.prefix(length))
      #expect(Attempt(MemoryFolder(files: files)).error != nil, "cut at \(length)")
    }
  }
}

/// What loading a folder and running two tokens gave.
struct Attempt {
  /// The fault; nil where the model ran.
  private(set) var error: ModelError?
  /// The largest piece of memory that was to be filled at once.
  let largestRead: Int
  /// The bytes of the largest file.
  let largestFile: Int

  /// Loads and runs; an error of any other type is a failed test.
  init(_ folder: MemoryFolder) {
    let watched = WatchedFolder(folder)
    do {
      let model = try LoadedModel.read(from: FolderSource(watched))
      var configuration = EngineConfiguration()
      (configuration.contextLength, configuration.threads) = (4, 1)
      var rows = 0
      try Scorer(model: model, configuration: configuration).logits(of: [0, 1], at: 0..<2) { _, _ in
        rows += 1
      }
      #expect(rows == 2)
    } catch let fault as ModelError {
      error = fault
    } catch {
      Issue.record("\(error) is no ModelError")
    }
    largestRead = watched.largest
    largestFile = max(8, folder.files.values.map(\.count).max() ?? 0)
  }
}

/// A folder that remembers how much was to be read at once.
private struct WatchedFolder: ModelFolder {
  final class Record: Sendable {
    let value = Atomic(0)
  }

  private struct Source: ByteSource {
    let inner: any ByteSource
    let record: Record

    var byteCount: UInt64 { inner.byteCount }

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
      record.value.max(buffer.count, ordering: .relaxed)
      return inner.read(at: offset, into: buffer)
    }

    func isUnchanged() -> Bool { inner.isUnchanged() }
  }

  private let inner: MemoryFolder
  private let record = Record()

  init(_ inner: MemoryFolder) { self.inner = inner }

  var name: String { inner.name }
  var largest: Int { record.value.load(ordering: .relaxed) }

  func open(_ name: String) throws(ModelError) -> (any ByteSource)? {
    guard let source = try inner.open(name) else { return nil }
    return Source(inner: source, record: record)
  }
}
