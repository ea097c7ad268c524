import Platform
import Tensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why a model is not loaded, or an engine not made: what it takes, and what it may take.
public struct InsufficientMemory: Error, Sendable, Hashable {
  /// Bytes that it takes at least.
  public let neededBytes: Int
  /// Bytes that it may take.
  public let allowedBytes: Int

  /// Creates an error.
  public init(neededBytes: Int, allowedBytes: Int) {
    self.neededBytes = neededBytes
    self.allowedBytes = allowedBytes
  }
}

extension InsufficientMemory: CustomStringConvertible {
  /// One sentence with both numbers.
  public var description: String {
    "\(neededBytes) bytes of memory are needed and \(allowedBytes) are allowed;"
      + " take a smaller model, or allow more"
  }
}

extension EngineConfiguration {
  /// Bytes of memory that this process may use, looked up once.
  static let usableMemory =
    Machine.current().usableBytes
    ?? sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))

  /// These settings with a cache that leaves the model's weights their room, where all together is bounded.
  ///
  /// - Throws: `InsufficientMemory` where not even the smallest cache has room, `TensorError` when the cache
  ///   cannot keep heads of this shape.
  func bounded(for model: LoadedModel) throws -> EngineConfiguration {
    var configuration = self
    configuration.cacheFormat = cacheFormat ?? model.cacheFormat
    return try configuration.bounded(for: model.spec, weightBytes: model.weightBytes)
  }

  /// The same for weights that may not have been read yet.
  func bounded(for spec: TransformerSpec, weightBytes: Int) throws -> EngineConfiguration {
    guard let allowed = memoryBytes else { return self }
    let usual = try DecoderCapacity(spec: spec, configuration: self)
    let others = usual.stateBytes + (try DecoderBuffers.byteCount(spec: spec, capacity: usual))
    let least = usual.limits.windows.count * usual.cacheGroups.bytesPerPage
    let needed = weightBytes + others + least
    guard needed <= allowed else {
      throw InsufficientMemory(neededBytes: needed, allowedBytes: allowed)
    }
    var configuration = self
    configuration.cacheBytes = min(usual.cacheBytes, allowed - weightBytes - others)
    return configuration
  }
}

extension LoadedModel.LoadingOptions {
  /// Throws where weights, and the engine that they are for, take more memory than they may.
  func checkMemory(for spec: TransformerSpec, weightBytes: Int) throws {
    let allowed = memoryBytes ?? EngineConfiguration.usableMemory
    guard weightBytes <= allowed else {
      throw InsufficientMemory(neededBytes: weightBytes, allowedBytes: allowed)
    }
    if let engine { _ = try engine.bounded(for: spec, weightBytes: weightBytes) }
  }
}
