// The AVX-512 table: F, BW, VL, DQ and VNNI.
#pragma STDC FP_CONTRACT OFF

#include "vector_tables.h"

#if APUS_HAS_X86_TABLES

#include <immintrin.h>
#include <stdbool.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,f16c,fma,bmi2"))), \
    apply_to = function)

#define QUERY_TILE 8
#define VALUE_TILE 2
#include "vector.h"

/// Of each quarter of the vectors, the digits are high of the first and of the second, then low.
APUS_INLINE v16i pack_rounded(v16f first, v16f second, v16i *neighbour_sums) {
  __m512i q = _mm512_packs_epi32(_mm512_cvtps_epi32((__m512)first),
                                 _mm512_cvtps_epi32((__m512)second));
  __m512i shifted = _mm512_add_epi16(q, _mm512_set1_epi16(64));
  __m512i low = _mm512_and_si512(shifted, _mm512_set1_epi16(127));
  low = _mm512_sub_epi16(low, _mm512_set1_epi16(64));
  *neighbour_sums = (v16i)_mm512_madd_epi16(q, _mm512_set1_epi16(1));
  return (v16i)_mm512_packs_epi16(_mm512_srai_epi16(shifted, 7), low);
}

#include "vector_activations.h"
#include "vector_attention.h"
#include "vector_elementwise.h"
#include "vector_recurrence.h"

#define LANES 16
#define ROW_TILE 8
#define MAX_STREAMS 8
#define PASS_PARTS 1
typedef v16f lanes_f;
typedef v16i lanes_i;
typedef v16h lanes_h;

#include "products.h"
#include "vector_values.h"

APUS_INLINE stored_values look_up(const uint8_t *codebook, stored_values places,
                                  const int lowering) {
  const __m128i entries = _mm_loadu_si128((const __m128i_u *)codebook);
  return (stored_values)_mm512_shuffle_epi8(_mm512_broadcast_i32x4(entries), (__m512i)places);
}

APUS_INLINE lanes_f load_halves(const uint8_t *halves) {
  return (lanes_f)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i_u *)halves));
}

APUS_INLINE lanes_f load_integers(const uint8_t *scales) {
  return __builtin_convertvector(
      (lanes_i)_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i_u *)scales)), lanes_f);
}

/// The activations are read from where they are.
typedef activation_rows block_inputs;

APUS_INLINE block_inputs read_inputs(const apus_format format, const activation_rows *rows,
                                     const int count) {
  return *rows;
}

/// Adds the products of four stored values in each lane with four digits.
APUS_INLINE lanes_i add_dots(lanes_i sum, __m512i stored, const int8_t *digits) {
  int32_t four;
  __builtin_memcpy(&four, digits, sizeof four);
  return (lanes_i)_mm512_dpbusd_epi32((__m512i)sum, stored, _mm512_set1_epi32(four));
}

/// Each lane's sum of products with high digits is below 2^20, and 128 times that below 2^27.
APUS_INLINE void dot_part(const apus_format format, const uint8_t *values, const int part,
                          const block_inputs *inputs, const int count, lanes_i *sums) {
  const int groups = APUS_BLOCK / 4 / format.scales;
  lanes_i high_sums[ROW_TILE];
  APUS_UNROLL for (int r = 0; r < count; r++) high_sums[r] = 0;
  APUS_UNROLL for (int j = part * groups; j < (part + 1) * groups; j++) {
    const __m512i stored = (__m512i)read_values(format, values, j);
    APUS_UNROLL for (int r = 0; r < count; r++) {
      const int8_t *digits = inputs->digits + 2 * (size_t)r * inputs->columns + 4 * j;
      high_sums[r] = add_dots(high_sums[r], stored, digits);
      sums[r] = add_dots(sums[r], stored, digits + APUS_BLOCK);
    }
  }
  APUS_UNROLL for (int r = 0; r < count; r++) sums[r] += high_sums[r] * 128;
}

#include "vector_multiply.h"

const apus_kernels apus_avx512_kernels = APUS_VECTOR_TABLE("avx512");

#pragma clang attribute pop
#endif
