// The weight formats: everything that differs between them in the panels, one row each.
#ifndef APUS_FORMATS_H
#define APUS_FORMATS_H

#include "ckernels.h"

#pragma clang assume_nonnull begin

/// The types of the numbers that scales, minima and their factors are made of.
typedef enum {
  APUS_HALF,   // float16
  APUS_BRAIN,  // bfloat16
} apus_number;

/// How a format stores weights in the panels.
typedef struct {
  int low_bits;        // of a stored value in the first plane: 2, 4 or 8
  int high_bits;       // and in the second, above them: 0, 1 or 2
  int zero;            // the stored value that means 0
  int codebook;        // where the planes hold a value's place in apus_codebooks, which one; else 0
  bool has_minimum;    // a number is added to each weight
  bool is_factored;    // scales and minima are int8, and 8 blocks share factors of them
  int scales;          // of one column in a block: one, or one for each 16 positions
  apus_number number;  // what scales and minima are, or their factors
} apus_format;

static const apus_format apus_formats[] = {
  [APUS_Q4_0] = {4, 0, 8, 0, false, false, 1, APUS_HALF},
  [APUS_Q4_1] = {4, 0, 0, 0, true, false, 1, APUS_HALF},
  [APUS_Q8_0] = {8, 0, 128, 0, false, false, 1, APUS_HALF},
  [APUS_Q5_0] = {4, 1, 16, 0, false, false, 1, APUS_HALF},
  [APUS_Q5_1] = {4, 1, 0, 0, true, false, 1, APUS_HALF},
  [APUS_Q2_K] = {2, 0, 0, 0, true, true, 2, APUS_HALF},
  [APUS_Q3_K] = {2, 1, 4, 0, false, true, 2, APUS_HALF},
  [APUS_Q4_K] = {4, 0, 0, 0, true, true, 1, APUS_HALF},
  [APUS_Q5_K] = {4, 1, 0, 0, true, true, 1, APUS_HALF},
  [APUS_Q6_K] = {4, 2, 32, 0, false, true, 2, APUS_HALF},
  [APUS_IQ4_NL] = {4, 0, 128, 1, false, false, 1, APUS_HALF},
  [APUS_IQ4_XS] = {4, 0, 128, 1, false, true, 1, APUS_HALF},
  [APUS_MXFP4] = {4, 0, 12, 2, false, false, 1, APUS_BRAIN},
};

/// Does something for each format, as there is code for each.
#define APUS_EACH_FORMAT(DO)                                                             \
  DO(APUS_Q4_0) DO(APUS_Q4_1) DO(APUS_Q8_0) DO(APUS_Q5_0) DO(APUS_Q5_1) DO(APUS_Q2_K)    \
  DO(APUS_Q3_K) DO(APUS_Q4_K) DO(APUS_Q5_K) DO(APUS_Q6_K) DO(APUS_IQ4_NL) DO(APUS_IQ4_XS) \
  DO(APUS_MXFP4)

/// What places stand for: the first of none, then the sixteen values of IQ4_NL and IQ4_XS, plus 128,
/// and twice those of a float of 4 bits (E2M1), plus 12.
static const uint8_t apus_codebooks[][16] = {
  {0},
  {1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241},
  {12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0},
};

/// Blocks that share factors.
#define APUS_SUPER_BLOCK 8

/// Panels that hold `rows` rows of the file.
static inline size_t apus_panel_count(size_t rows) {
  return (rows + APUS_PANEL - 1) / APUS_PANEL;
}

/// The bytes of the stored values of a block: 16 columns by 32.
static inline size_t apus_value_bytes(const apus_format format) {
  return APUS_PANEL * APUS_BLOCK / 8 * (size_t)(format.low_bits + format.high_bits);
}

/// The greatest stored value.
static inline int apus_greatest_stored(const apus_format format) {
  static const int of_codebooks[] = {0, 241, 24};
  if (format.codebook > 0) return of_codebooks[format.codebook];
  return (1 << (format.low_bits + format.high_bits)) - 1;
}

/// The bytes of a number.
static inline size_t apus_number_bytes(const apus_format format) { return sizeof(uint16_t); }

/// The bytes of 16 numbers that are one of each column in a block: a scale or a minimum.
static inline size_t apus_scale_bytes(const apus_format format) {
  return APUS_PANEL * (format.is_factored ? sizeof(int8_t) : apus_number_bytes(format));
}

/// Where the minima start in a block; the scales start after the values.
static inline size_t apus_minimum_offset(const apus_format format) {
  return apus_value_bytes(format) + (size_t)format.scales * apus_scale_bytes(format);
}

/// The bytes of a block.
static inline size_t apus_block_bytes(const apus_format format) {
  size_t scales = (size_t)format.scales * apus_scale_bytes(format);
  return apus_value_bytes(format) + (format.has_minimum ? 2 : 1) * scales;
}

/// The bytes of the factors in front of 8 blocks.
static inline size_t apus_factor_bytes(const apus_format format) {
  if (!format.is_factored) return 0;
  return APUS_PANEL * apus_number_bytes(format) * (format.has_minimum ? 2 : 1);
}

/// Where block b starts in a panel.
static inline size_t apus_block_offset(const apus_format format, size_t b) {
  size_t supers = b / APUS_SUPER_BLOCK + 1;
  return b * apus_block_bytes(format) + supers * apus_factor_bytes(format);
}

/// The bytes of a panel with so many blocks along K.
static inline size_t apus_one_panel_bytes(const apus_format format, size_t blocks) {
  return blocks * apus_block_bytes(format) + blocks / APUS_SUPER_BLOCK * apus_factor_bytes(format);
}

/// The stored value of column c at position k of a panel's block.
static inline int apus_stored_value(const apus_format format, const uint8_t *block, size_t c,
                                    size_t k) {
  const size_t group = k / 4, at = 4 * c + k % 4;
  const size_t low = group * (size_t)format.low_bits, high = group * (size_t)format.high_bits;
  int value = block[64 * (low / 8) + at] >> low % 8 & ((1 << format.low_bits) - 1);
  if (format.high_bits > 0) {
    uint8_t bits = block[64 * ((size_t)format.low_bits + high / 8) + at];
    value |= (bits >> high % 8 & ((1 << format.high_bits) - 1)) << format.low_bits;
  }
  return format.codebook > 0 ? apus_codebooks[format.codebook][value] : value;
}

#pragma clang assume_nonnull end
#endif
