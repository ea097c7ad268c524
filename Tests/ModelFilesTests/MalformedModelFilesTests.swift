import ModelFiles
import TestSupport
import Testing

@Suite("Malformed model files")
struct MalformedModelFilesTests {
  static let groups = Set(MalformedModelFiles.all.map(\.group)).sorted()

  @Test("Every named file is refused or read as it should be, in bounded memory", arguments: groups)
  func named(group: String) {
    for file in MalformedModelFiles.all where file.group == group {
      let loading = Loading(file.bytes)
      checkBounds(loading, of: file)
      switch file.expectation {
      case .refused(let kind):
        #expect(loading.error != nil, "\(group) \(file.name) was accepted")
        if let kind, let error = loading.error {
          #expect(error.kind == kind, "\(group) \(file.name): \(error)")
        }
      case .refusedByModel:
        #expect(loading.error == nil, "\(group) \(file.name) has no fault for a reader")
      case .mayRun: break
      }
    }
  }

  /// Expects little memory to have been granted, and an error to say where and what.
  private func checkBounds(_ loading: Loading, of file: MalformedModelFile) {
    let size = UInt64(file.bytes.count)
    #expect(loading.largestGrant <= size + 1_024, "\(file.name)")
    #expect(loading.memory <= 64 << 20, "\(file.name)")
    guard let error = loading.error else { return }
    #expect(!error.field.isEmpty && !error.detail.isEmpty, "\(file.name)")
    #expect(error.offset ?? 0 <= size, "\(file.name)")
  }

  @Test("There are more than five hundred files, each with a name of its own")
  func names() {
    let names = MalformedModelFiles.all.map { "\($0.group) \($0.name)" }
    let twice = Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
    #expect(twice.isEmpty, "\(twice.prefix(8))")
    #expect(names.count > 500)
  }

  @Test("Every key of every architecture is tried", arguments: TinyArchitecture.inFiles)
  func families(architecture: TinyArchitecture) {
    // Five faults of each of eleven keys that all have, but for Llama's, which are tried otherwise.
    let isLlama = architecture.label == "llama"
    #expect(MalformedModelFiles.count(of: architecture) >= (isLlama ? 0 : 45))
  }

  @Test("Tensors that are missing, too many or ill-shaped are named")
  func tensorSets() throws {
    let requirements = TinyModel.least.requirements
    for file in MalformedModelFiles.all where file.group == "G12" {
      let source = try GGUFSource(MemorySource(file.bytes))
      #expect(throws: ModelError.self, "\(file.name)") {
        try ModelTensors(source.tensors(.standard)).check(expected: requirements)
      }
    }
  }

  @Test("Two thousand random changes end in an error or in a file that can be read")
  func random() {
    let images = [TinyModel.least.builder().image(), GGUFBuilder.sample().image()]
    var accepted = 0
    for seed in 0..<2_000 as Range<UInt64> {
      let image = images[Int(seed % 2)]
      let bytes = MalformedModelFiles.mutation(of: image, seed: seed)
      let loading = Loading(bytes)
      if loading.error == nil { accepted += 1 }
      #expect(loading.memory <= 64 << 20, "seed \(seed)")
    }
    // Some changes hit a name or a number and leave a sound file; most must not pass.
    #expect(accepted > 0 && accepted < 1_000, "\(accepted) accepted")
  }

  @Test("A small file cut at any byte is refused")
  func cuts() throws {
    let image = GGUFBuilder.sample().image()
    let padding = try #require(image.fields.last { $0.name.hasSuffix(".data") }).range.upperBound
    for length in 0..<padding {
      let error = Loading(Array(image.bytes.prefix(length))).error
      #expect(error != nil, "cut at \(length)")
    }
    // What is cut after the last tensor is padding.
    #expect(Loading(Array(image.bytes.prefix(padding))).error == nil)
  }
}
