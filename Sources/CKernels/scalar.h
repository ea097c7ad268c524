// Conversions between number formats, one value at a time.
#ifndef APUS_SCALAR_H
#define APUS_SCALAR_H

#include <stdint.h>

static inline float apus_float_of_bits(uint32_t bits) {
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

static inline uint32_t apus_bits_of_float(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// Float16 to float32, exact. The product with 2^112 moves the exponent's bias and makes
/// subnormals normal in one step.
static inline float apus_float_of_half(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16;
  uint32_t rest = (uint32_t)(half & 0x7fff) << 13;
  uint32_t finite = apus_bits_of_float(apus_float_of_bits(rest) * 0x1p112f);
  uint32_t magnitude = (half & 0x7c00) == 0x7c00 ? rest | 0x7f800000 : finite;
  return apus_float_of_bits(sign | magnitude);
}

static inline float apus_float_of_bfloat(uint16_t bfloat) {
  return apus_float_of_bits((uint32_t)bfloat << 16);
}

/// Nearest, ties to even; a NaN stays one.
static inline uint16_t apus_bfloat_of_float(float value) {
  uint32_t bits = apus_bits_of_float(value);
  if (value != value) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// As attention rounds its operands: to bfloat16, and to zero where the magnitude is below `least`.
static inline uint16_t apus_operand_of_float(float value, float least) {
  float magnitude = value < 0 ? -value : value;
  return magnitude < least ? 0 : apus_bfloat_of_float(value);
}

static inline float apus_load_float(const uint8_t *bytes) {
  float value;
  __builtin_memcpy(&value, bytes, sizeof value);
  return value;
}

static inline uint16_t apus_load_half_bits(const uint8_t *bytes) {
  uint16_t bits;
  __builtin_memcpy(&bits, bytes, sizeof bits);
  return bits;
}

#endif
