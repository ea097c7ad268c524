import ModelFiles
import Synchronization
import TestSupport
import Testing

/// What loading a file's bytes to the end gave.
struct Loading {
  /// The fault; nil when everything was read.
  var error: ModelError?
  /// The header's memory when it ended.
  var memory: UInt64 = 0
  /// The largest single grant of memory.
  var largestGrant: UInt64 = 0
  /// The bytes of every tensor that was handed over.
  var tensors: [String: [UInt8]] = [:]

  /// Parses the header, then reads every tensor; an error of any other type is a failed test.
  init(
    _ source: any ByteSource, limits: ModelFileLimits = .standard, digest: FileDigest? = nil
  ) {
    var reader = HeaderReader(source, limits: limits)
    do {
      _ = try GGUFHeader(from: &reader, types: GGUFWeightFormat.table)
      let file = try ModelFile(source: source, types: GGUFWeightFormat.table, limits: limits)
      var found: [String: [UInt8]] = [:]
      try file.read(expecting: digest) { found[$0.name] = Array($1) }
      tensors = found
    } catch let fault as ModelError {
      error = fault
    } catch {
      Issue.record("not a ModelError: \(error)")
    }
    memory = reader.memory
    largestGrant = reader.largestGrant
  }

  /// Loads bytes in memory.
  init(_ bytes: [UInt8], limits: ModelFileLimits = .standard) {
    self.init(MemorySource(bytes), limits: limits)
  }
}

/// A source that gives few bytes at a time, is interrupted, and breaks where it is told to.
final class FaultySource: ByteSource {
  private let inner: MemorySource
  private let mostBytes: Int
  private let isInterrupted: Bool
  private let attempts = Mutex(0)
  private let fault: (offset: UInt64, outcome: ReadOutcome)?
  private let wasChanged: Bool

  init(
    _ bytes: [UInt8], mostBytes: Int = .max, isInterrupted: Bool = false,
    fault: (offset: UInt64, outcome: ReadOutcome)? = nil, wasChanged: Bool = false
  ) {
    inner = MemorySource(bytes)
    self.mostBytes = mostBytes
    self.isInterrupted = isInterrupted
    self.fault = fault
    self.wasChanged = wasChanged
  }

  var byteCount: UInt64 { inner.byteCount }

  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
    let attempt = attempts.withLock { count in
      count += 1
      return count
    }
    if isInterrupted, attempt % 2 == 1 { return .interrupted }
    var end = min(buffer.count, mostBytes)
    if let fault {
      if offset >= fault.offset { return fault.outcome }
      end = min(end, Int(fault.offset - offset))
    }
    return inner.read(at: offset, into: .init(rebasing: buffer[..<end]))
  }

  func isUnchanged() -> Bool { !wasChanged }
}
