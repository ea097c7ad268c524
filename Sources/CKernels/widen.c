// Whole arrays to float32.
#pragma STDC FP_CONTRACT OFF

#include "ckernels.h"
#include "scalar.h"

// The three loops accumulate instead of returning early so that the compiler can vectorise them.

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
