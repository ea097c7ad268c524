// Conversions between number formats, one value at a time, and the constants of exp.
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

// exp(x) = 2^n * e^r with n the integer nearest x / ln 2 and |r| <= ln 2 / 2. Adding 1.5 * 2^23
// rounds to that integer and leaves it in the sum's low bits. Over the range below, 2^n * e^r is a
// normal number, so n can be added to the exponent field.
#define APUS_EXP_LOWEST (-87.3f)
#define APUS_EXP_HIGHEST 0x1.62e42ep6f  // the largest argument with a finite result
#define APUS_EXP_LOG2E 0x1.715476p0f
#define APUS_EXP_LN2_HIGH 0x1.62e43p-1f  // 21 bits, so that n * high is exact
#define APUS_EXP_LN2_LOW (-0x1.05c61p-29f)
#define APUS_EXP_ROUNDER 0x1.8p23f
// e^r ~ 1 + r + r^2 (c2 + c3 r + c4 r^2 + c5 r^3 + c6 r^4): minimax, relative error 3.1e-9.
#define APUS_EXP_C2 0x1.fffffcp-2f
#define APUS_EXP_C3 0x1.555492p-3f
#define APUS_EXP_C4 0x1.5558f2p-5f
#define APUS_EXP_C5 0x1.123a20p-7f
#define APUS_EXP_C6 0x1.6a23d0p-10f

#endif
