// Values that are the first elements of keys: a page's keys, turned into the layout of values.
#ifndef APUS_VECTOR_LATENTS_H
#define APUS_VECTOR_LATENTS_H

#include "cache_formats.h"
#include "vector.h"

typedef uint64_t v8l __attribute__((ext_vector_type(8)));

/// Of each two neighbouring pairs (a0 a1) (b0 b1) the pairs (a0 b0) (a1 b1).
APUS_INLINE v8l swap_middles(v8l pairs) {
  return (pairs & 0xffff00000000ffff) | ((pairs << 16) & 0x0000ffff00000000) |
         ((pairs >> 16) & 0x00000000ffff0000);
}

/// Columns for rows, eight by eight.
APUS_INLINE void transpose8(v8l rows[8]) {
  v8l a[8], b[8];
  APUS_UNROLL for (int i = 0; i < 8; i += 2) {
    a[i] = __builtin_shufflevector(rows[i], rows[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    a[i + 1] = __builtin_shufflevector(rows[i], rows[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  APUS_UNROLL for (int i = 0; i < 8; i += 4) {
    APUS_UNROLL for (int j = i; j < i + 2; j++) {
      b[j] = __builtin_shufflevector(a[j], a[j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      b[j + 2] = __builtin_shufflevector(a[j], a[j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  APUS_UNROLL for (int j = 0; j < 4; j++) {
    rows[j] = __builtin_shufflevector(b[j], b[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    rows[j + 4] = __builtin_shufflevector(b[j], b[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

/// `turn_keys` of pairs of bfloat16.
APUS_INLINE void turn_pairs(const uint8_t *keys, size_t length, uint8_t *values) {
  const size_t key_row = APUS_PAGE * 4, value_row = 4 * length;
  for (size_t d = 0; d < length; d += 16) {
    for (size_t slot = 0; slot < APUS_PAGE; slot += 16) {
      v8l rows[8];
      const uint8_t *from = keys + d / 2 * key_row + 4 * slot;
      APUS_UNROLL for (int i = 0; i < 8; i++) {
        __builtin_memcpy(rows + i, from + (size_t)i * key_row, sizeof *rows);
        rows[i] = swap_middles(rows[i]);
      }
      transpose8(rows);
      uint8_t *to = values + slot / 2 * value_row + 4 * d;
      APUS_UNROLL for (int i = 0; i < 8; i++) {
        __builtin_memcpy(to + (size_t)i * value_row, rows + i, sizeof *rows);
      }
    }
  }
}

/// Makes values [16, V, 2] of the first V elements of keys [V / 2, 32, 2]; of floats [32, V] of [V, 32].
APUS_INLINE void turn_keys(const apus_cache_layout layout, const uint8_t *keys, size_t length,
                           uint8_t *values) {
  if (!layout.is_float) return turn_pairs(keys, length, values);
  const float *from = (const float *)keys;
  float *to = (float *)values;
  for (size_t d = 0; d < length; d += 16) {
    for (size_t slot = 0; slot < APUS_PAGE; slot++) {
      for (size_t i = d; i < d + 16; i++) to[slot * length + i] = from[i * APUS_PAGE + slot];
    }
  }
}

#endif
