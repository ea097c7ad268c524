#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The settings of the BLAS library that this process happens to run with.
enum BLAS {
  /// Makes OpenBLAS compute on the calling thread; another library is left as it is.
  ///
  /// Work is split outside, and OpenBLAS's own threads would spin against ours.
  static func useOneThread() {
    _ = isSingleThreaded
  }

  private static let isSingleThreaded: Bool = {
    // Looked up at run time, so that a library without the function serves as well.
    guard let symbol = dlsym(nil, "openblas_set_num_threads") else { return false }
    unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Void).self)(1)
    return true
  }()
}

/// The BLAS library that this process happens to run with.
package struct BLASLibrary: Sendable, Hashable {
  /// What the library says of itself; nil unless it is OpenBLAS.
  package var configuration: String?
  /// The processor for which OpenBLAS chose its kernels.
  package var core: String?

  /// Describes a library.
  package init(configuration: String?, core: String?) {
    self.configuration = configuration
    self.core = core
  }

  /// The library in use.
  package static func loaded() -> BLASLibrary {
    BLASLibrary(
      configuration: text(of: "openblas_get_config"), core: text(of: "openblas_get_corename"))
  }

  private static func text(of function: String) -> String? {
    guard let symbol = dlsym(nil, function) else { return nil }
    let call = unsafeBitCast(symbol, to: (@convention(c) () -> UnsafePointer<CChar>?).self)
    return call().map { String(cString: $0) }
  }
}
