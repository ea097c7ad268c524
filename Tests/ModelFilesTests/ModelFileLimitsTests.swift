import ModelFiles
import TestSupport
import Testing

@Suite("Model file limits")
struct ModelFileLimitsTests {
  /// Expects the builder's file to load where `isAllowed`, and to be refused as too large elsewhere.
  private func expect(_ isAllowed: Bool, _ note: String, _ builder: GGUFBuilder) {
    let error = Loading(builder.bytes()).error
    if isAllowed {
      #expect(error == nil, "\(note): \(error?.description ?? "")")
    } else {
      #expect(error?.kind == .limit, "\(note)")
    }
  }

  @Test("Strings, keys and tensor names may be as long as their limits and no longer")
  func lengths() {
    for change in -1...1 {
      var builder = GGUFBuilder.sample()
      let long = [UInt8](repeating: 0x61, count: (16 << 20) + change)
      builder.entries[1].value = .bytes(long)
      expect(change <= 0, "string", builder)
      builder = .sample()
      builder.entries[1].value = .array(type: 8, [.bytes(long)])
      expect(change <= 0, "string in an array", builder)
      builder = .sample()
      builder.entries[1].key = [UInt8](repeating: 0x61, count: (64 << 10) + change)
      expect(change <= 0, "key", builder)
      builder = .sample()
      builder.tensors[1].name = [UInt8](repeating: 0x61, count: 64 + change)
      expect(change <= 0, "tensor name", builder)
    }
  }

  @Test("Arrays may have as many elements as their limit and no more")
  func arrays() {
    for change in -1...1 {
      var builder = GGUFBuilder.sample()
      let count = (16 << 20) + change
      builder.entries[1].value = .raw(
        type: 9,
        GGUFImage.encode(UInt32(0)) + GGUFImage.encode(UInt64(count))
          + [UInt8](repeating: 1, count: count))
      expect(change <= 0, "array", builder)
    }
  }

  @Test("Entries and tensors may be as many as their limits and no more")
  func counts() {
    let bytes = GGUFBuilder.sample().bytes()
    let builder = GGUFBuilder.sample()
    for change in -1...1 {
      var limits = ModelFileLimits()
      limits.metadataEntries = UInt64(builder.entries.count + change)
      let entries = Loading(bytes, limits: limits).error
      #expect(change >= 0 ? entries == nil : entries?.field == "metadata_kv_count")
      limits = ModelFileLimits()
      limits.tensors = UInt64(builder.tensors.count + change)
      let tensors = Loading(bytes, limits: limits).error
      #expect(change >= 0 ? tensors == nil : tensors?.field == "tensor_count")
    }
    #expect(ModelFileLimits.standard.metadataEntries == 65_536)
    #expect(ModelFileLimits.standard.tensors == 65_536)
  }

  @Test("A header may hold as much memory as its limit and no more")
  func headerMemory() {
    let bytes = GGUFBuilder.sample().bytes()
    let needed = Loading(bytes).memory
    #expect(needed > 0)
    for change in -1...1 {
      var limits = ModelFileLimits()
      limits.headerMemory = UInt64(Int(needed) + change)
      let error = Loading(bytes, limits: limits).error
      #expect(change >= 0 ? error == nil : error?.kind == .limit)
    }
  }

  @Test("A tensor may be as large as its limit and no larger")
  func tensorBytes() {
    let builder = GGUFBuilder.sample()
    let bytes = builder.bytes()
    let largest = builder.tensors.map(\.data.count).max() ?? 0
    for change in -1...1 {
      var limits = ModelFileLimits()
      limits.tensorBytes = UInt64(largest + change)
      let error = Loading(bytes, limits: limits).error
      #expect(change >= 0 ? error == nil : error?.kind == .limit)
    }
  }
}
