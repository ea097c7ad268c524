// Attention with the NEON instructions for products of bfloat16 (BF16).
#pragma STDC FP_CONTRACT OFF

#include "vector_tables.h"

#if APUS_HAS_ARM_TABLES

#include <arm_neon.h>
#include <stdbool.h>

#pragma clang attribute push(__attribute__((target("bf16"))), apply_to = function)

#define QUERY_TILE 2
#define VALUE_TILE 2
#define APUS_ADD_PAIR_PRODUCTS(sum, pairs, pair) add_bfloat_products(sum, pairs, pair)
#include "vector.h"

/// Multiplies and adds with one rounding each, the odd elements first.
APUS_INLINE float32x4_t add_four(float32x4_t sum, uint32x4_t pairs, uint32_t pair) {
  const bfloat16x8_t a = vreinterpretq_bf16_u32(pairs);
  const bfloat16x8_t b = vreinterpretq_bf16_u32(vdupq_n_u32(pair));
  return vbfmlalbq_f32(vbfmlaltq_f32(sum, a, b), a, b);
}

APUS_INLINE v16f add_bfloat_products(v16f sum, v16u pairs, uint32_t pair) {
  sum.lo.lo = (v4f)add_four((float32x4_t)sum.lo.lo, (uint32x4_t)pairs.lo.lo, pair);
  sum.lo.hi = (v4f)add_four((float32x4_t)sum.lo.hi, (uint32x4_t)pairs.lo.hi, pair);
  sum.hi.lo = (v4f)add_four((float32x4_t)sum.hi.lo, (uint32x4_t)pairs.hi.lo, pair);
  sum.hi.hi = (v4f)add_four((float32x4_t)sum.hi.hi, (uint32x4_t)pairs.hi.hi, pair);
  return sum;
}

#include "vector_attention.h"

void apus_use_bfloat_attention(apus_kernels *table) {
  table->attend_group = attend_group;
  table->merge_groups = merge_groups;
  table->attend = attend;
}

#pragma clang attribute pop
#endif
