// Attention with the AVX-512 instruction for products of pairs of bfloat16.
#pragma STDC FP_CONTRACT OFF

#include "vector_tables.h"

#if APUS_HAS_X86_TABLES

#include <immintrin.h>
#include <stdbool.h>

#pragma clang attribute push( \
    __attribute__((target( \
      "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,f16c,fma,bmi2"))), \
    apply_to = function)

#define QUERY_TILE 8
#define VALUE_TILE 2
#define APUS_ADD_PAIR_PRODUCTS(sum, pairs, pair)                \
  (v16f) _mm512_dpbf16_ps((__m512)(sum), (__m512bh)(pairs),     \
                          (__m512bh)_mm512_set1_epi32((int)(pair)))
#include "vector_attention.h"

void apus_use_bfloat_attention(apus_kernels *table) {
  table->attend_group = attend_group;
  table->merge_groups = merge_groups;
  table->attend = attend;
}

#pragma clang attribute pop
#endif
