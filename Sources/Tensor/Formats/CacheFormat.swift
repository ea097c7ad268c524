import CKernels

/// How keys and values of earlier positions are kept: the one place that lists the ways.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum CacheFormat: String, CaseIterable, Sendable {
  /// Rounded to bfloat16.
  case bfloat16 = "bf16"
  /// Rounded to 8-bit integers, with a scale for each key and each value: about half the memory.
  case int8
  /// As they are: twice the memory of bfloat16.
  case float32 = "f32"

  /// The format as the kernels name it.
  var kernelFormat: apus_cache_format {
    switch self {
    case .bfloat16: APUS_CACHE_BFLOAT16
    case .int8: APUS_CACHE_INT8
    case .float32: APUS_CACHE_FLOAT32
    }
  }
}
