// The weight formats: everything that differs between them in the panels, one row each.
#ifndef APUS_FORMATS_H
#define APUS_FORMATS_H

#include "ckernels.h"

#pragma clang assume_nonnull begin

/// The types of the numbers that scales, minima and their factors are made of.
typedef enum {
  APUS_HALF,    // float16
  APUS_BRAIN,   // bfloat16
  APUS_SINGLE,  // float32
} apus_number;

/// Makes `count` columns of a block's stored values, from `first` on, as a plane of 8 bits of 16
/// columns would have them.
typedef void apus_unpack(const uint8_t *block, size_t first, size_t count, uint8_t *plane);

/// How a format stores weights in the panels.
typedef struct {
  int low_bits;        // of a stored value in the first plane: 1, 2, 4 or 8
  int high_bits;       // and in the second, above them: 0, 1 or 2
  int zero;            // the stored value that means 0
  int codebook;        // where the planes hold a value's place in apus_codebooks, which one; else 0
  bool has_minimum;    // a number is added to each weight
  bool is_factored;    // scales and minima are int8, and some blocks share factors of them
  int scales;          // of one column in a block: one, or one for each 16 positions
  apus_number number;  // what scales and minima are, or their factors
  int shared;          // blocks that share factors, or where there are none, scales; 0 for none
  bool has_zeros;      // blocks that share scales share a stored value that means 0, of each column
  bool is_unpacked;    // `unpack` makes a plane of 8 bits of the values before they are multiplied
  int column_bytes;    // of a block's values, where that is so
  apus_unpack *_Nullable unpack;
} apus_format;

apus_unpack apus_unpack_iq2_xxs, apus_unpack_iq2_xs, apus_unpack_iq2_s, apus_unpack_iq3_xxs,
    apus_unpack_iq3_s, apus_unpack_iq1_s, apus_unpack_iq1_m;

static const apus_format apus_formats[] = {
  [APUS_Q4_0] = {4, 0, 8, 0, false, false, 1, APUS_HALF},
  [APUS_Q4_1] = {4, 0, 0, 0, true, false, 1, APUS_HALF},
  [APUS_Q8_0] = {8, 0, 128, 0, false, false, 1, APUS_HALF},
  [APUS_Q5_0] = {4, 1, 16, 0, false, false, 1, APUS_HALF},
  [APUS_Q5_1] = {4, 1, 0, 0, true, false, 1, APUS_HALF},
  [APUS_Q2_K] = {2, 0, 0, 0, true, true, 2, APUS_HALF, 8},
  [APUS_Q3_K] = {2, 1, 4, 0, false, true, 2, APUS_HALF, 8},
  [APUS_Q4_K] = {4, 0, 0, 0, true, true, 1, APUS_HALF, 8},
  [APUS_Q5_K] = {4, 1, 0, 0, true, true, 1, APUS_HALF, 8},
  [APUS_Q6_K] = {4, 2, 32, 0, false, true, 2, APUS_HALF, 8},
  [APUS_IQ4_NL] = {4, 0, 128, 1, false, false, 1, APUS_HALF},
  [APUS_IQ4_XS] = {4, 0, 128, 1, false, true, 1, APUS_HALF, 8},
  [APUS_MXFP4] = {4, 0, 12, 2, false, false, 1, APUS_BRAIN},
  [APUS_NVFP4] = {4, 0, 12, 2, false, false, 2, APUS_BRAIN},
  [APUS_TQ2_0] = {2, 0, 1, 0, false, false, 1, APUS_HALF, 8},
  [APUS_Q2_0] = {2, 0, 1, 0, false, false, 1, APUS_HALF, 2},
  [APUS_Q1_0] = {1, 0, 1, 3, false, false, 1, APUS_HALF, 4},
  [APUS_INT4_32] = {4, 0, 0, 0, false, false, 1, APUS_SINGLE, 1, true},
  [APUS_INT4_128] = {4, 0, 0, 0, false, false, 1, APUS_SINGLE, 4, true},
  [APUS_INT8_32] = {8, 0, 0, 0, false, false, 1, APUS_SINGLE, 1, true},
  [APUS_IQ2_XXS] = {8, 0, 128, 0, 0, true, 1, APUS_SINGLE, 8, 0, 1, 8, apus_unpack_iq2_xxs},
  [APUS_IQ2_XS] = {8, 0, 128, 0, 0, true, 2, APUS_SINGLE, 8, 0, 1, 8, apus_unpack_iq2_xs},
  [APUS_IQ2_S] = {8, 0, 128, 0, 0, true, 2, APUS_SINGLE, 8, 0, 1, 9, apus_unpack_iq2_s},
  [APUS_IQ3_XXS] = {8, 0, 128, 0, 0, true, 1, APUS_SINGLE, 8, 0, 1, 12, apus_unpack_iq3_xxs},
  [APUS_IQ3_S] = {8, 0, 128, 0, 0, true, 1, APUS_SINGLE, 8, 0, 1, 13, apus_unpack_iq3_s},
  [APUS_IQ1_S] = {8, 0, 128, 0, 0, true, 1, APUS_SINGLE, 8, 0, 1, 6, apus_unpack_iq1_s},
  [APUS_IQ1_M] = {8, 0, 128, 0, 0, true, 2, APUS_SINGLE, 8, 0, 1, 6, apus_unpack_iq1_m},
  [APUS_TQ1_0] = {2, 0, 1, 0, false, false, 1, APUS_HALF, 8},
};

/// Does something for each layout of panels, as there is code for each.
#define APUS_EACH_LAYOUT(DO)                                                               \
  DO(APUS_Q4_0) DO(APUS_Q4_1) DO(APUS_Q8_0) DO(APUS_Q5_0) DO(APUS_Q5_1) DO(APUS_Q2_K)      \
  DO(APUS_Q3_K) DO(APUS_Q4_K) DO(APUS_Q5_K) DO(APUS_Q6_K) DO(APUS_IQ4_NL) DO(APUS_IQ4_XS)  \
  DO(APUS_MXFP4) DO(APUS_NVFP4) DO(APUS_TQ2_0) DO(APUS_Q2_0) DO(APUS_Q1_0)                 \
  DO(APUS_INT4_32) DO(APUS_INT4_128) DO(APUS_INT8_32) DO(APUS_IQ2_XXS) DO(APUS_IQ2_XS)

/// Does something for each format whose panels differ from those of another at most in how their
/// values are unpacked, and that one.
#define APUS_EACH_TWIN(DO)                                                                 \
  DO(APUS_IQ2_S, APUS_IQ2_XS) DO(APUS_IQ3_XXS, APUS_IQ2_XXS) DO(APUS_IQ3_S, APUS_IQ2_XXS)  \
  DO(APUS_IQ1_S, APUS_IQ2_XXS) DO(APUS_IQ1_M, APUS_IQ2_XS) DO(APUS_TQ1_0, APUS_TQ2_0)

/// What places stand for: the first of none; then the sixteen values of IQ4_NL and IQ4_XS, plus 128;
/// twice those of a float of 4 bits (E2M1), plus 12; and -1 and 1, plus 1.
static const uint8_t apus_codebooks[][16] = {
  {0},
  {1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241},
  {12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0},
  {0, 2},
};

/// Panels that hold `rows` rows of the file.
static inline size_t apus_panel_count(size_t rows) {
  return (rows + APUS_PANEL - 1) / APUS_PANEL;
}

/// The bytes of the stored values of a block: 16 columns by 32.
static inline size_t apus_value_bytes(const apus_format format) {
  if (format.is_unpacked) return APUS_PANEL * (size_t)format.column_bytes;
  return APUS_PANEL * APUS_BLOCK / 8 * (size_t)(format.low_bits + format.high_bits);
}

/// The greatest stored value.
static inline int apus_greatest_stored(const apus_format format) {
  static const int of_codebooks[] = {0, 241, 24, 2};
  if (format.codebook > 0) return of_codebooks[format.codebook];
  return (1 << (format.low_bits + format.high_bits)) - 1;
}

/// The bytes of a number.
static inline size_t apus_number_bytes(const apus_format format) {
  return format.number == APUS_SINGLE ? sizeof(float) : sizeof(uint16_t);
}

/// The bytes of 16 numbers that are one of each column in a block: a scale or a minimum.
static inline size_t apus_scale_bytes(const apus_format format) {
  if (format.is_factored) return APUS_PANEL * sizeof(int8_t);
  return format.shared > 0 ? 0 : APUS_PANEL * apus_number_bytes(format);
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

/// The bytes of what blocks share, in front of them: factors or scales, those of minima, and zeros.
static inline size_t apus_factor_bytes(const apus_format format) {
  if (format.shared == 0) return 0;
  size_t numbers = APUS_PANEL * apus_number_bytes(format) * (format.has_minimum ? 2 : 1);
  return numbers + (format.has_zeros ? APUS_PANEL : 0);
}

/// Where the zeros start in what blocks share.
static inline size_t apus_zero_offset(const apus_format format) {
  return apus_factor_bytes(format) - APUS_PANEL;
}

/// Where block b starts in a panel.
static inline size_t apus_block_offset(const apus_format format, size_t b) {
  size_t shares = format.shared > 0 ? b / (size_t)format.shared + 1 : 0;
  return b * apus_block_bytes(format) + shares * apus_factor_bytes(format);
}

/// The bytes of a panel with so many blocks along K.
static inline size_t apus_one_panel_bytes(const apus_format format, size_t blocks) {
  size_t shares = format.shared > 0 ? blocks / (size_t)format.shared : 0;
  return blocks * apus_block_bytes(format) + shares * apus_factor_bytes(format);
}

/// The bytes of the largest block of any format, with what it shares.
#define APUS_LARGEST_BLOCK 640

/// The stored value of a block's column c at position k.
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

/// All 32 stored values of a block's column c.
static inline void apus_stored_column(const apus_format format, const uint8_t *block, size_t c,
                                      int *values) {
  uint8_t plane[APUS_PANEL * APUS_BLOCK];
  if (format.is_unpacked) {
    format.unpack(block, c, 1, plane);
    block = plane;
    c = 0;
  }
  for (size_t k = 0; k < APUS_BLOCK; k++) values[k] = apus_stored_value(format, block, c, k);
}

#pragma clang assume_nonnull end
#endif
