// The scales and minima of a panel, one at a time.
#ifndef APUS_PANEL_SCALES_H
#define APUS_PANEL_SCALES_H

#include "formats.h"
#include "scalar.h"

#pragma clang assume_nonnull begin

/// What makes weights of stored values: d * (stored - zero) [+ m].
typedef struct {
  float d, m;
  int zero;
} apus_column_scale;

/// Number c of some.
static inline float apus_panel_number(const apus_format format, const uint8_t *numbers, size_t c) {
  if (format.number == APUS_SINGLE) return apus_load_float(numbers + c * sizeof(float));
  const uint16_t bits = apus_load_half_bits(numbers + c * sizeof bits);
  return format.number == APUS_HALF ? apus_float_of_half(bits) : apus_float_of_bfloat(bits);
}

/// Scale i of column c in block b of a panel. The products of factors and int8 are exact.
static inline apus_column_scale apus_scale_at(const apus_format format, const uint8_t *panel,
                                              size_t b, size_t c, size_t i) {
  const uint8_t *block = panel + apus_block_offset(format, b);
  const uint8_t *scales = block + apus_value_bytes(format) + i * apus_scale_bytes(format);
  const uint8_t *minima = block + apus_minimum_offset(format) + i * apus_scale_bytes(format);
  apus_column_scale result = {0, 0, format.zero};
  if (format.shared == 0) {
    result.d = apus_panel_number(format, scales, c);
    if (format.has_minimum) result.m = apus_panel_number(format, minima, c);
    return result;
  }
  size_t first = b / (size_t)format.shared * (size_t)format.shared;
  const uint8_t *factors = panel + apus_block_offset(format, first) - apus_factor_bytes(format);
  if (format.has_zeros) result.zero = factors[apus_zero_offset(format) + c];
  if (!format.is_factored) {
    result.d = apus_panel_number(format, factors, c);
    return result;
  }
  result.d = apus_panel_number(format, factors, c) * (float)(int8_t)scales[c];
  if (format.has_minimum) {
    factors += APUS_PANEL * apus_number_bytes(format);
    float factor = apus_panel_number(format, factors, c);
    result.m = -factor * (float)(int8_t)minima[c];
  }
  return result;
}

#pragma clang assume_nonnull end
#endif
