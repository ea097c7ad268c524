// The NEON table, with dot products of bytes (DotProd).
#pragma STDC FP_CONTRACT OFF

#include "vector_tables.h"

#if APUS_HAS_ARM_TABLES

#include <arm_neon.h>
#include <stdbool.h>

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#define QUERY_TILE 2
#define VALUE_TILE 2
#include "vector.h"

/// Of each quarter of the vectors, the digits are high of the first and of the second, then low.
APUS_INLINE v16i pack_rounded(v16f first, v16f second, v16i *neighbour_sums) {
  const v4f x[4] = {first.lo.lo, first.lo.hi, first.hi.lo, first.hi.hi};
  const v4f y[4] = {second.lo.lo, second.lo.hi, second.hi.lo, second.hi.hi};
  int8x16_t digits[4];
  int32x4_t sums[4];
  APUS_UNROLL for (int i = 0; i < 4; i++) {
    const int32x4_t a = vcvtnq_s32_f32((float32x4_t)x[i]), b = vcvtnq_s32_f32((float32x4_t)y[i]);
    const int16x8_t q = vcombine_s16(vmovn_s32(a), vmovn_s32(b));
    const int16x8_t shifted = vaddq_s16(q, vdupq_n_s16(64));
    const int16x8_t low = vsubq_s16(vandq_s16(shifted, vdupq_n_s16(127)), vdupq_n_s16(64));
    digits[i] = vcombine_s8(vshrn_n_s16(shifted, 7), vmovn_s16(low));
    sums[i] = vpaddlq_s16(q);
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

#define ROW_TILE 4
#define MAX_STREAMS 4
#define PASS_PARTS 2
#include "neon_values.h"
#include "products.h"

/// The activations are read from where they are.
typedef activation_rows block_inputs;

APUS_INLINE block_inputs read_inputs(const apus_format format, const activation_rows *rows,
                                     const int count) {
  return *rows;
}

/// Adds the products of four stored values in each lane with digits 4 j ... 4 j + 3 of some.
APUS_INLINE lanes_i add_dots(lanes_i sum, stored_values stored, const lanes_i *digits,
                             const int j) {
  const int32x4_t four = vdupq_n_s32(digits[j / LANES][j % LANES]);
  return (lanes_i)vdotq_s32((int32x4_t)sum, (int8x16_t)stored, vreinterpretq_s8_s32(four));
}

/// Each lane's sum of products with high digits is below 2^20, and 128 times that below 2^27.
APUS_INLINE void dot_part(const apus_format format, const uint8_t *values, const int part,
                          const block_inputs *inputs, const int count, lanes_i *sums) {
  const int groups = APUS_BLOCK / 4 / format.scales, first = part * groups;
  stored_values stored[APUS_BLOCK / 4];
  APUS_UNROLL for (int j = 0; j < groups; j++) stored[j] = read_values(format, values, first + j);
  APUS_UNROLL for (int r = 0; r < count; r++) {
    const int8_t *digits = inputs->digits + 2 * (size_t)r * inputs->columns + 4 * first;
    lanes_i high[APUS_BLOCK / 4 / LANES], low[APUS_BLOCK / 4 / LANES], high_sum = 0;
    __builtin_memcpy(high, digits, 4 * (size_t)groups);
    __builtin_memcpy(low, digits + APUS_BLOCK, 4 * (size_t)groups);
    APUS_UNROLL for (int j = 0; j < groups; j++) {
      high_sum = add_dots(high_sum, stored[j], high, j);
    }
    sums[r] += high_sum * 128;
    APUS_UNROLL for (int j = 0; j < groups; j++) sums[r] = add_dots(sums[r], stored[j], low, j);
  }
}

#include "vector_multiply.h"

const apus_kernels apus_neon_kernels = APUS_VECTOR_TABLE("neon");

#pragma clang attribute pop
#endif
