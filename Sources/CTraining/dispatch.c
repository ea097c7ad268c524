// Which table this processor runs, and what no table has of its own.
#pragma STDC FP_CONTRACT OFF

#include "tables.h"

const apus_training_kernels *apus_training_kernels_for(apus_level level) {
  if (level == APUS_LEVEL_PLAIN) return &apus_plain_training;
  // The tables of inference use the same instructions, and have been tried.
  if (apus_kernels_for(level) == NULL) return NULL;
#if APUS_HAS_X86_TABLES
  if (level == APUS_LEVEL_AVX2) return &apus_avx2_training;
  if (level == APUS_LEVEL_AVX512) return &apus_avx512_training;
#endif
#if APUS_HAS_ARM_TABLES
  if (level == APUS_LEVEL_NEON) return &apus_neon_training;
#endif
  return NULL;
}

size_t apus_training_attention_scratch(size_t tokens, size_t head_length) {
  const size_t tile = APUS_ATTENTION_TILE;
  const size_t tiles = (tokens + tile - 1) / tile + 1;
  const size_t packed = tile * ((head_length + tile - 1) / tile * tile);
  return APUS_MATMUL_SCRATCH + 2 * tile * tile + 2 * (tiles + 1) * packed;
}

double apus_logarithm(double x) {
  // x = 2^n m with m in [1/sqrt(2), sqrt(2)): log x = n log 2 + 2 atanh((m - 1) / (m + 1)), the series.
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  const uint64_t shifted = bits - 0x3fe6a09e667f3bcd;
  const int64_t n = (int64_t)shifted >> 52;
  bits -= (uint64_t)n << 52;
  double m;
  __builtin_memcpy(&m, &bits, sizeof m);
  const double z = (m - 1) / (m + 1), square = z * z;
  double series = 0;
  for (int k = 21; k >= 1; k -= 2) series = series * square + 1.0 / k;
  return (double)n * 0x1.62e42fefa39efp-1 + 2 * z * series;
}

double apus_exponential(double x) {
  if (x > 709) return __builtin_inf();
  if (x < -708) return 0;
  // x = n log 2 + r: e^x = 2^n e^r, and e^r is its series. The first part of log 2 has 32 bits, so that n times
  // it is exact.
  const double n = __builtin_rint(x * 0x1.71547652b82fep+0);
  const double r = (x - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33;
  double series = 1;
  for (int k = 14; k >= 1; k--) series = 1 + series * r / k;
  const uint64_t bits = (uint64_t)((int64_t)n + 1023) << 52;
  double power;
  __builtin_memcpy(&power, &bits, sizeof power);
  return series * power;
}

size_t apus_training_peak(apus_level level, size_t rounds, float *sums) {
#if APUS_HAS_X86_TABLES
  if (level == APUS_LEVEL_AVX2) return apus_avx2_peak(rounds, sums);
  if (level == APUS_LEVEL_AVX512) return apus_avx512_peak(rounds, sums);
#endif
#if APUS_HAS_ARM_TABLES
  if (level == APUS_LEVEL_NEON) return apus_neon_peak(rounds, sums);
#endif
  sums[0] = 0;
  for (size_t i = 0; i < rounds; i++) sums[0] = __builtin_fmaf(sums[0], 0.5f, 1.0f);
  return 2 * rounds;
}
