// The weight formats: everything that differs between them, one row each.
#ifndef APUS_FORMATS_H
#define APUS_FORMATS_H

#include "ckernels.h"

#pragma clang assume_nonnull begin

/// How a format stores a block of 32 weights, in the panels and in the file.
typedef struct {
  int bits;              // of one stored value: 4 or 8
  int zero;              // the stored value that means 0
  bool has_minimum;      // a float16 is added to each weight of the block
  size_t value_bytes;    // in a panel: the stored values of 16 columns by 32
  size_t block_bytes;    // in a panel: the same with the scales, and the minima
  size_t source_bytes;   // in the file: one block of one row
} apus_format;

#define APUS_SCALE_BYTES (APUS_PANEL * sizeof(uint16_t))

static const apus_format apus_formats[] = {
  [APUS_Q4_0] = {4, 8, false, 256, 256 + APUS_SCALE_BYTES, 18},
  [APUS_Q4_1] = {4, 0, true, 256, 256 + 2 * APUS_SCALE_BYTES, 20},
  [APUS_Q8_0] = {8, 128, false, 512, 512 + APUS_SCALE_BYTES, 34},
};

/// Does something for each format, as there is code for each.
#define APUS_EACH_FORMAT(DO) DO(APUS_Q4_0) DO(APUS_Q4_1) DO(APUS_Q8_0)

/// Panels that hold `rows` rows of the file.
static inline size_t apus_panel_count(size_t rows) {
  return (rows + APUS_PANEL - 1) / APUS_PANEL;
}

/// The stored value of column c at position k of a panel's block.
static inline int apus_stored_value(const apus_format *format, const uint8_t *block, size_t c,
                                    size_t k) {
  if (format->bits == 8) return block[64 * (k / 4) + 4 * c + k % 4];
  uint8_t pair = block[64 * (k / 8) + 4 * c + k % 4];
  return k % 8 < 4 ? pair & 15 : pair >> 4;
}

#pragma clang assume_nonnull end
#endif
