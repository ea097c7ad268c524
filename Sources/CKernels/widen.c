// Whole arrays to float32.
#pragma STDC FP_CONTRACT OFF

#include "ckernels.h"
#include "scalar.h"

// The first three loops accumulate instead of returning early so that the compiler can vectorise them.

bool apus_widen_half(const uint16_t *source, float *out, size_t n) {
  uint32_t bad = 0;
  for (size_t i = 0; i < n; i++) {
    out[i] = apus_float_of_half(source[i]);
    bad |= (source[i] & 0x7c00) == 0x7c00;
  }
  return bad == 0;
}

bool apus_widen_bfloat(const uint16_t *source, float *out, size_t n) {
  uint32_t bad = 0;
  for (size_t i = 0; i < n; i++) {
    out[i] = apus_float_of_bfloat(source[i]);
    bad |= (source[i] & 0x7f80) == 0x7f80;
  }
  return bad == 0;
}

bool apus_all_finite(const float *x, size_t n) {
  uint32_t bad = 0;
  for (size_t i = 0; i < n; i++) {
    bad |= (apus_bits_of_float(x[i]) & 0x7f800000) == 0x7f800000;
  }
  return bad == 0;
}

/// What blocks of floats of 8 bits have, as they lie in memory.
typedef struct {
  float scale;
  uint8_t codes[APUS_BLOCK];
} small_floats;

/// The sign, and exponent and fraction above `shift` bits; what the exponent means is `power` less.
/// The product with that is exact, also of subnormals.
static inline float widen_small(uint8_t code, int shift, float power) {
  const uint32_t sign = (uint32_t)(code & 0x80) << 24, rest = (uint32_t)(code & 0x7f) << shift;
  return apus_float_of_bits(sign | rest) * power;
}

void apus_widen_e4m3(const void *blocks, float *out, size_t n) {
  const small_floats *block = blocks;
  for (size_t b = 0; b < n / APUS_BLOCK; b++, block++, out += APUS_BLOCK) {
    for (int k = 0; k < APUS_BLOCK; k++) {
      const float value = widen_small(block->codes[k], 20, 0x1p120f);
      out[k] = ((block->codes[k] & 0x7f) == 0x7f ? __builtin_nanf("") : value) * block->scale;
    }
  }
}

void apus_widen_e5m2(const void *blocks, float *out, size_t n) {
  const small_floats *block = blocks;
  for (size_t b = 0; b < n / APUS_BLOCK; b++, block++, out += APUS_BLOCK) {
    for (int k = 0; k < APUS_BLOCK; k++) {
      const float value = widen_small(block->codes[k], 21, 0x1p112f);
      out[k] = ((block->codes[k] & 0x7c) == 0x7c ? __builtin_nanf("") : value) * block->scale;
    }
  }
}
