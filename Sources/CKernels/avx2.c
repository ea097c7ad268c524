// The AVX2 table, with FMA and F16C.
#pragma STDC FP_CONTRACT OFF

#include "vector_tables.h"

#if APUS_HAS_X86_TABLES

#include <immintrin.h>
#include <stdbool.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi2"))), apply_to = function)

#define QUERY_TILE 2
#define VALUE_TILE 2
#include "vector.h"

/// Of each quarter of the vectors, the digits are high of the first and of the second, then low.
APUS_INLINE v16i pack_rounded(v16f first, v16f second, v16i *neighbour_sums) {
  const __m256 x[2] = {(__m256)first.lo, (__m256)first.hi};
  const __m256 y[2] = {(__m256)second.lo, (__m256)second.hi};
  __m256i digits[2], sums[2];
  APUS_UNROLL for (int i = 0; i < 2; i++) {
    __m256i q = _mm256_packs_epi32(_mm256_cvtps_epi32(x[i]), _mm256_cvtps_epi32(y[i]));
    __m256i shifted = _mm256_add_epi16(q, _mm256_set1_epi16(64));
    __m256i low = _mm256_and_si256(shifted, _mm256_set1_epi16(127));
    low = _mm256_sub_epi16(low, _mm256_set1_epi16(64));
    digits[i] = _mm256_packs_epi16(_mm256_srai_epi16(shifted, 7), low);
    sums[i] = _mm256_madd_epi16(q, _mm256_set1_epi16(1));
  }
  v16i packed;
  __builtin_memcpy(&packed, digits, sizeof packed);
  __builtin_memcpy(neighbour_sums, sums, sizeof sums);
  return packed;
}

#include "vector_activations.h"
#include "vector_attention.h"
#include "vector_elementwise.h"
#include "vector_recurrence.h"

#define LANES 8
#define ROW_TILE 4
#define MAX_STREAMS 4
#define PASS_PARTS 2
typedef v8f lanes_f;
typedef int32_t lanes_i __attribute__((ext_vector_type(8)));
typedef uint16_t lanes_h __attribute__((ext_vector_type(8)));

#include "products.h"
#include "vector_values.h"

APUS_INLINE stored_values look_up(const uint8_t *codebook, stored_values places,
                                  const int lowering) {
  const __m128i entries = _mm_loadu_si128((const __m128i_u *)codebook);
  return (stored_values)_mm256_shuffle_epi8(_mm256_broadcastsi128_si256(entries),
                                            (__m256i)places);
}

APUS_INLINE lanes_f load_halves(const uint8_t *halves) {
  return (lanes_f)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i_u *)halves));
}

APUS_INLINE lanes_f load_integers(const uint8_t *scales) {
  return __builtin_convertvector(
      (lanes_i)_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i_u *)scales)), lanes_f);
}

/// Whether stored values have more than 6 bits: products of bytes would not fit the 16 bits that
/// this instruction set sums them in.
APUS_INLINE bool is_wide(const apus_format format) { return apus_greatest_stored(format) > 63; }

/// The activations where they are, and as 16 bits for wide weights.
typedef struct {
  activation_rows rows;
  int16_t values[ROW_TILE][APUS_BLOCK];  // of each four, in the order 0, 2, 1, 3
} block_inputs;

/// Puts the two digits of each activation together again where the weights are wide.
APUS_INLINE block_inputs read_inputs(const apus_format format, const activation_rows *rows,
                                     const int count) {
  const bool wide = is_wide(format);
  block_inputs inputs;
  inputs.rows = *rows;
  APUS_UNROLL for (int r = 0; wide && r < count; r++) {
    APUS_UNROLL for (int k = 0; k < APUS_BLOCK; k += 16) {
      const int8_t *digits = rows->digits + 2 * (size_t)r * rows->columns + k;
      v16b high, low;
      __builtin_memcpy(&high, digits, sizeof high);
      __builtin_memcpy(&low, digits + APUS_BLOCK, sizeof low);
      v16s q = __builtin_convertvector(high, v16s) * 128 + __builtin_convertvector(low, v16s);
      q = __builtin_shufflevector(q, q, 0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15);
      __builtin_memcpy(inputs.values[r] + k, &q, sizeof q);
    }
  }
  return inputs;
}

/// Adds the products of four stored values in each lane with four digits, as two sums of 16 bits.
APUS_INLINE __m256i add_digits(__m256i pairs, __m256i stored, const int8_t *digits) {
  int32_t four;
  __builtin_memcpy(&four, digits, sizeof four);
  return _mm256_add_epi16(pairs, _mm256_maddubs_epi16(stored, _mm256_set1_epi32(four)));
}

/// Adds up groups j to `end` of values of up to 6 bits, as many at once as sums of 16 bits hold.
APUS_INLINE void dot_narrow(const apus_format format, const uint8_t *values, int j, const int end,
                            const activation_rows *rows, const int count, lanes_i *sums) {
  // Each group adds two products with digits of at most 127.
  const int fitting = INT16_MAX / (2 * 127 * apus_greatest_stored(format));
  APUS_UNROLL for (; j < end; j += fitting) {
    __m256i high[ROW_TILE], low[ROW_TILE];
    APUS_UNROLL for (int r = 0; r < count; r++) high[r] = low[r] = _mm256_setzero_si256();
    APUS_UNROLL for (int i = j; i < j + fitting && i < end; i++) {
      const __m256i stored = (__m256i)read_values(format, values, i);
      APUS_UNROLL for (int r = 0; r < count; r++) {
        const int8_t *digits = rows->digits + 2 * (size_t)r * rows->columns + 4 * i;
        high[r] = add_digits(high[r], stored, digits);
        low[r] = add_digits(low[r], stored, digits + APUS_BLOCK);
      }
    }
    APUS_UNROLL for (int r = 0; r < count; r++) {
      sums[r] += (lanes_i)_mm256_madd_epi16(high[r], _mm256_set1_epi16(128));
      sums[r] += (lanes_i)_mm256_madd_epi16(low[r], _mm256_set1_epi16(1));
    }
  }
}

/// Adds the products of two stored values in each lane, 16 bits each, with two activations.
APUS_INLINE lanes_i add_pairs(lanes_i sum, __m256i stored, const int16_t *values) {
  int32_t two;
  __builtin_memcpy(&two, values, sizeof two);
  return sum + (lanes_i)_mm256_madd_epi16(stored, _mm256_set1_epi32(two));
}

/// Adds up groups j to `end` of values of any size.
APUS_INLINE void dot_wide(const apus_format format, const uint8_t *values, int j, const int end,
                          const block_inputs *inputs, const int count, lanes_i *sums) {
  APUS_UNROLL for (; j < end; j++) {
    const __m256i stored = (__m256i)read_values(format, values, j);
    const __m256i even = _mm256_and_si256(stored, _mm256_set1_epi16(255));
    const __m256i odd = _mm256_srli_epi16(stored, 8);
    APUS_UNROLL for (int r = 0; r < count; r++) {
      sums[r] = add_pairs(sums[r], even, inputs->values[r] + 4 * j);
      sums[r] = add_pairs(sums[r], odd, inputs->values[r] + 4 * j + 2);
    }
  }
}

APUS_INLINE void dot_part(const apus_format format, const uint8_t *values, const int part,
                          const block_inputs *inputs, const int count, lanes_i *sums) {
  const int groups = APUS_BLOCK / 4 / format.scales, first = part * groups;
  if (is_wide(format)) {
    dot_wide(format, values, first, first + groups, inputs, count, sums);
  } else {
    dot_narrow(format, values, first, first + groups, &inputs->rows, count, sums);
  }
}

#include "vector_multiply.h"

const apus_kernels apus_avx2_kernels = APUS_VECTOR_TABLE("avx2");

#pragma clang attribute pop
#endif
