import Synchronization

/// Memory for many weight matrices together, so that small ones lie in huge pages too: products read
/// all of them at each step, and would spend much of the time on looking small pages up.
public final class WeightMemory: Sendable {
  /// Some bytes, which live as long as this.
  // Unchecked: the pointer never changes, and weights are not written after loading.
  final class Slice: @unchecked Sendable {
    /// The first byte, aligned to 64 bytes.
    let base: UnsafeMutableRawPointer
    private let block: Block

    fileprivate init(_ block: Block, at offset: Int) {
      self.block = block
      base = block.storage.base + offset
    }
  }

  /// What is taken from the system at a time.
  fileprivate final class Block: Sendable {
    let storage: Storage

    init(byteCount: Int) throws(TensorError) {
      storage = try Storage(byteCount: byteCount)
    }
  }

  private struct State {
    var block: Block?
    var used = 0
  }

  private let state = Mutex(State())
  private let blockBytes: Int

  /// Creates a memory that has taken nothing yet.
  ///
  /// - Parameter blockBytes: What to take from the system at a time; pages that no matrix touches cost
  ///   nothing. Matrices of more than a quarter of it have memory of their own.
  public init(blockBytes: Int = 32 << 20) {
    self.blockBytes = max(0, blockBytes)
  }

  /// Takes bytes, all zero.
  func allocate(_ byteCount: Int) throws(TensorError) -> Slice {
    guard byteCount <= blockBytes / 4 else {
      return Slice(try Block(byteCount: byteCount), at: 0)
    }
    let result: Result<Slice, TensorError> = state.withLock { state in
      do throws(TensorError) {
        return .success(try slice(of: &state, byteCount: byteCount))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func slice(
    of state: inout State, byteCount: Int
  ) throws(TensorError) -> Slice {
    if let block = state.block, byteCount <= block.storage.byteCount - state.used {
      let slice = Slice(block, at: state.used)
      state.used += (byteCount + Self.alignment - 1) / Self.alignment * Self.alignment
      return slice
    }
    state = State(block: try Block(byteCount: blockBytes), used: 0)
    return try slice(of: &state, byteCount: byteCount)
  }

  private static let alignment = 64
}
