// Products with the NEON instruction that multiplies matrices of bytes (I8MM).
#pragma STDC FP_CONTRACT OFF

#include "vector_tables.h"

#if APUS_HAS_ARM_TABLES

#include <arm_neon.h>
#include <stdbool.h>

#pragma clang attribute push(__attribute__((target("i8mm"))), apply_to = function)

#define ROW_TILE 4
#define MAX_STREAMS 1
#define PASS_PARTS 2
#include "neon_values.h"
#include "products.h"

/// Eight digits of one row in front of eight of the next: of each two rows high and low ones.
typedef struct {
  int8x16_t digits[ROW_TILE / 2][2][APUS_BLOCK / 8];
} block_inputs;

/// Loads the digits of ROW_TILE rows.
APUS_INLINE block_inputs read_inputs(const apus_format format, const activation_rows *rows,
                                     const int count) {
  block_inputs inputs;
  APUS_UNROLL for (int i = 0; i < ROW_TILE; i++) {
    const int8_t *first = rows->digits + 2 * (size_t)(i / 2 * 2) * rows->columns;
    APUS_UNROLL for (int k = 0; k < APUS_BLOCK; k += 16) {
      const int8_t *digits = first + i % 2 * APUS_BLOCK + k;
      const int64x2_t one = vreinterpretq_s64_s8(vld1q_s8(digits));
      const int64x2_t next = vreinterpretq_s64_s8(vld1q_s8(digits + 2 * rows->columns));
      int8x16_t *to = inputs.digits[i / 2][i % 2] + k / 8;
      to[0] = vreinterpretq_s8_s64(vzip1q_s64(one, next));
      to[1] = vreinterpretq_s8_s64(vzip2q_s64(one, next));
    }
  }
  return inputs;
}

/// Of two columns each, stored values at positions 8 i ... 8 i + 7.
typedef struct {
  int8x16_t left, right;
} column_values;

APUS_INLINE column_values read_columns(const apus_format format, const uint8_t *values,
                                       const int i) {
  const int32x4_t four = (int32x4_t)read_values(format, values, 2 * i);
  const int32x4_t next = (int32x4_t)read_values(format, values, 2 * i + 1);
  return (column_values){
    vreinterpretq_s8_s32(vzip1q_s32(four, next)),
    vreinterpretq_s8_s32(vzip2q_s32(four, next)),
  };
}

/// An instruction multiplies two rows of eight bytes with two columns.
APUS_INLINE void dot_part(const apus_format format, const uint8_t *values, const int part,
                          const block_inputs *inputs, const int count, lanes_i *sums) {
  const int eights = APUS_BLOCK / 8 / format.scales, first = part * eights;
  column_values stored[APUS_BLOCK / 8];
  APUS_UNROLL for (int i = 0; i < eights; i++) {
    stored[i] = read_columns(format, values, first + i);
  }
  APUS_UNROLL for (int r = 0; r < ROW_TILE; r += 2) {
    const int8x16_t *high = inputs->digits[r / 2][0] + first;
    const int8x16_t *low = inputs->digits[r / 2][1] + first;
    int32x4_t left = vdupq_n_s32(0), right = left;
    APUS_UNROLL for (int i = 0; i < eights; i++) {
      left = vmmlaq_s32(left, high[i], stored[i].left);
      right = vmmlaq_s32(right, high[i], stored[i].right);
    }
    left = vshlq_n_s32(left, 7);
    right = vshlq_n_s32(right, 7);
    APUS_UNROLL for (int i = 0; i < eights; i++) {
      left = vmmlaq_s32(left, low[i], stored[i].left);
      right = vmmlaq_s32(right, low[i], stored[i].right);
    }
    const int64x2_t a = vreinterpretq_s64_s32(left), b = vreinterpretq_s64_s32(right);
    sums[r] += (lanes_i)vzip1q_s64(a, b);
    sums[r + 1] += (lanes_i)vzip2q_s64(a, b);
  }
}

#include "vector_products.h"

#define DEFINE_TILES(FORMAT)                                                                \
  static void multiply_tiles_##FORMAT(const product_job *job, size_t panel) {               \
    const apus_format format = format_of(job, apus_formats[FORMAT]);                        \
    for (size_t row = 0; row + ROW_TILE <= job->rows; row += ROW_TILE) {                    \
      multiply_rows(format, job, row, panel, ROW_TILE);                                     \
    }                                                                                       \
  }
APUS_EACH_LAYOUT(DEFINE_TILES)

/// The rows from one on.
static apus_activations rows_after(const apus_activations *all, size_t row) {
  const size_t blocks = all->columns / APUS_BLOCK;
  return (apus_activations){
    all->digits + 2 * row * all->columns,
    all->scales + row * blocks,
    all->sums + row * blocks,
    all->half_sums + 2 * row * blocks,
    all->scaled_sums + row * blocks,
    all->columns,
  };
}

/// Leaves rows that fill no tile to dot products, panel by panel while that is in the nearest cache.
static void multiply(apus_panel_format format, const uint8_t *panels, size_t first_panel,
                     size_t last_panel, size_t columns, const apus_activations *activations,
                     size_t rows, apus_destination to) {
#define TILES_ENTRY(FORMAT) [FORMAT] = multiply_tiles_##FORMAT,
#define TWIN_ENTRY(FORMAT, OTHER) [FORMAT] = multiply_tiles_##OTHER,
  static void (*const by_format[])(const product_job *, size_t) = {
    APUS_EACH_LAYOUT(TILES_ENTRY) APUS_EACH_TWIN(TWIN_ENTRY)};
  const product_job job = {format, panels, first_panel, last_panel, columns, activations, rows, to};
  const size_t rest = rows % ROW_TILE;
  const apus_activations others = rows_after(activations, rows - rest);
  if (rows < ROW_TILE) {
    apus_neon_kernels.multiply(format, panels, first_panel, last_panel, columns, activations, rows,
                               to);
    return;
  }
  to.out += (rows - rest) * to.out_stride;
  for (size_t p = first_panel; p < last_panel; p++) {
    by_format[format](&job, p);
    if (rest == 0) continue;
    apus_neon_kernels.multiply(format, panels, p, p + 1, columns, &others, rest, to);
  }
}

void apus_use_matrix_products(apus_kernels *table) { table->multiply = multiply; }

#pragma clang attribute pop
#endif
