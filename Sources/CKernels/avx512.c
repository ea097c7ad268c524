// The AVX-512 table: F, BW, VL, DQ and VNNI.
#pragma STDC FP_CONTRACT OFF

#include "vector_tables.h"

#if APUS_HAS_VECTOR_TABLES

#include <immintrin.h>
#include <stdbool.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,f16c,fma,bmi2"))), \
    apply_to = function)

#define QUERY_TILE 4
#define VALUE_TILE 4
#include "vector_activations.h"
#include "vector_attention.h"
#include "vector_elementwise.h"

#define LANES 16
#define ROW_TILE 8
#define MAX_STREAMS 8
typedef v16f lanes_f;
typedef v16i lanes_i;

#include "products.h"

APUS_INLINE lanes_f load_halves(const uint8_t *halves) {
  return (lanes_f)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i_u *)halves));
}

/// Adds the products of four stored values in each lane with four activations.
APUS_INLINE lanes_i add_dots(lanes_i sum, __m512i stored, const int8_t *activations) {
  int32_t four;
  __builtin_memcpy(&four, activations, sizeof four);
  return (lanes_i)_mm512_dpbusd_epi32((__m512i)sum, stored, _mm512_set1_epi32(four));
}

APUS_INLINE void dot_block(const apus_format format, const uint8_t *values,
                           const activation_rows *rows, const int count, lanes_i *sums) {
  const __m512i low_bits = _mm512_set1_epi8(15);
  APUS_UNROLL for (int r = 0; r < count; r++) {
    sums[r] = -(lanes_i)rows->sums[(size_t)r * rows->blocks] * format.zero;
  }
  APUS_UNROLL for (int k = 0; k < APUS_BLOCK; k += 8) {
    __m512i low = _mm512_loadu_si512(values), high;
    if (format.bits == 4) {
      high = _mm512_and_si512(_mm512_srli_epi16(low, 4), low_bits);
      low = _mm512_and_si512(low, low_bits);
    } else {
      high = _mm512_loadu_si512(values + 64);
    }
    APUS_UNROLL for (int r = 0; r < count; r++) {
      const int8_t *row = rows->values + (size_t)r * rows->columns;
      sums[r] = add_dots(sums[r], low, row + k);
      sums[r] = add_dots(sums[r], high, row + k + 4);
    }
    values += format.bits == 4 ? 64 : 128;
  }
}

#include "vector_multiply.h"

const apus_kernels apus_avx512_kernels = APUS_VECTOR_TABLE("avx512");

#pragma clang attribute pop
#endif
