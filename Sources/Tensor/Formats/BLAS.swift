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
