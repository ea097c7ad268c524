// The AVX2 table, with FMA and F16C.
#pragma STDC FP_CONTRACT OFF

#include "vector_tables.h"

#if APUS_HAS_VECTOR_TABLES

#include <immintrin.h>
#include <stdbool.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi2"))), apply_to = function)

#define QUERY_TILE 2
#define VALUE_TILE 2
#include "vector_activations.h"
#include "vector_attention.h"
#include "vector_elementwise.h"

#define LANES 8
#define ROW_TILE 4
#define MAX_STREAMS 4
typedef v8f lanes_f;
typedef int32_t lanes_i __attribute__((ext_vector_type(8)));

#include "products.h"

APUS_INLINE lanes_f load_halves(const uint8_t *halves) {
  return (lanes_f)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i_u *)halves));
}

APUS_INLINE __m256i four_activations(const int8_t *activations) {
  int32_t four;
  __builtin_memcpy(&four, activations, sizeof four);
  return _mm256_set1_epi32(four);
}

/// The eight sums of a block stay below 2^15 in 16 bits: 8 * 2 * 15 * 127.
APUS_INLINE void dot_block_4(const apus_format format, const uint8_t *values,
                             const activation_rows *rows, const int count, lanes_i *sums) {
  const __m256i low_bits = _mm256_set1_epi8(15);
  __m256i pairs[ROW_TILE];
  APUS_UNROLL for (int r = 0; r < count; r++) pairs[r] = _mm256_setzero_si256();
  APUS_UNROLL for (int k = 0; k < APUS_BLOCK; k += 8) {
    __m256i both = _mm256_loadu_si256((const __m256i_u *)(values + 8 * k));
    __m256i low = _mm256_and_si256(both, low_bits);
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(both, 4), low_bits);
    APUS_UNROLL for (int r = 0; r < count; r++) {
      const int8_t *row = rows->values + (size_t)r * rows->columns + k;
      __m256i sum = _mm256_maddubs_epi16(low, four_activations(row));
      pairs[r] = _mm256_add_epi16(pairs[r], sum);
      sum = _mm256_maddubs_epi16(high, four_activations(row + 4));
      pairs[r] = _mm256_add_epi16(pairs[r], sum);
    }
  }
  APUS_UNROLL for (int r = 0; r < count; r++) {
    lanes_i zeros = (lanes_i)rows->sums[(size_t)r * rows->blocks] * format.zero;
    sums[r] = (lanes_i)_mm256_madd_epi16(pairs[r], _mm256_set1_epi16(1)) - zeros;
  }
}

/// The stored values become signed; the sign of each moves to its activation, because the
/// instruction wants one factor unsigned. Two products fit 16 bits: 2 * 128 * 127.
APUS_INLINE void dot_block_8(const uint8_t *values, const activation_rows *rows, const int count,
                             lanes_i *sums) {
  APUS_UNROLL for (int r = 0; r < count; r++) sums[r] = 0;
  APUS_UNROLL for (int k = 0; k < APUS_BLOCK; k += 4) {
    __m256i stored = _mm256_loadu_si256((const __m256i_u *)(values + 16 * k));
    __m256i weights = _mm256_xor_si256(stored, _mm256_set1_epi8(-128));
    __m256i magnitudes = _mm256_abs_epi8(weights);
    APUS_UNROLL for (int r = 0; r < count; r++) {
      const int8_t *row = rows->values + (size_t)r * rows->columns + k;
      __m256i factors = _mm256_sign_epi8(four_activations(row), weights);
      __m256i sum = _mm256_maddubs_epi16(magnitudes, factors);
      sums[r] += (lanes_i)_mm256_madd_epi16(sum, _mm256_set1_epi16(1));
    }
  }
}

APUS_INLINE void dot_block(const apus_format format, const uint8_t *values,
                           const activation_rows *rows, const int count, lanes_i *sums) {
  if (format.bits == 4) {
    dot_block_4(format, values, rows, count, sums);
  } else {
    dot_block_8(values, rows, count, sums);
  }
}

#include "vector_multiply.h"

const apus_kernels apus_avx2_kernels = APUS_VECTOR_TABLE("avx2");

#pragma clang attribute pop
#endif
