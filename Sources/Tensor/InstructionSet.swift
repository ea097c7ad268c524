import CKernels

/// A family of instructions that kernels are written for, from the plainest to the widest.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum InstructionSet: String, CaseIterable, Sendable {
  /// Plain C, on every machine: the reference of the others.
  case scalar
  /// x86-64 with 256-bit vectors, FMA and F16C.
  case avx2
  /// x86-64 with 512-bit vectors and VNNI.
  case avx512
  /// 64-bit Arm with dot products of bytes, and with products of matrices and of bfloat16 where the
  /// processor has them.
  case neon

  /// The level of the kernel tables.
  var level: apus_level {
    switch self {
    case .scalar: APUS_LEVEL_PLAIN
    case .avx2: APUS_LEVEL_AVX2
    case .avx512: APUS_LEVEL_AVX512
    case .neon: APUS_LEVEL_NEON
    }
  }
}
