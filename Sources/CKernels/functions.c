// exp, tanh and erf, one value at a time: each is one chain of operations.
#pragma STDC FP_CONTRACT OFF

#include "functions.h"

#include "ckernels.h"
#include "scalar.h"

float apus_exp(float x) {
  if (x != x) return x;
  if (x < APUS_EXP_LOWEST) return 0;
  if (x > APUS_EXP_HIGHEST) return __builtin_inff();
  float rounded = __builtin_fmaf(x, APUS_EXP_LOG2E, APUS_EXP_ROUNDER);
  float n = rounded - APUS_EXP_ROUNDER;
  float r = __builtin_fmaf(n, -APUS_EXP_LN2_HIGH, x);
  r = __builtin_fmaf(n, -APUS_EXP_LN2_LOW, r);
  float q = __builtin_fmaf(APUS_EXP_C6, r, APUS_EXP_C5);
  q = __builtin_fmaf(q, r, APUS_EXP_C4);
  q = __builtin_fmaf(q, r, APUS_EXP_C3);
  q = __builtin_fmaf(q, r, APUS_EXP_C2);
  float power = __builtin_fmaf(q, r * r, r) + 1.0f;
  return apus_float_of_bits(apus_bits_of_float(power) + (apus_bits_of_float(rounded) << 23));
}

float apus_tanh(float x) {
  float magnitude = __builtin_fabsf(x);
  if (magnitude < APUS_TANH_SMALL) {
    float z = x * x;
    float p = __builtin_fmaf(APUS_TANH_C4, z, APUS_TANH_C3);
    p = __builtin_fmaf(p, z, APUS_TANH_C2);
    p = __builtin_fmaf(p, z, APUS_TANH_C1);
    p = __builtin_fmaf(p, z, APUS_TANH_C0);
    return __builtin_fmaf(p, x * z, x);
  }
  float t = apus_exp(-2.0f * magnitude);
  return __builtin_copysignf((1.0f - t) / (1.0f + t), x);
}

float apus_erf(float x) {
  if (x != x) return x;
  float magnitude = __builtin_fabsf(x);
  if (magnitude < APUS_ERF_SMALL) {
    float z = x * x;
    float p = __builtin_fmaf(APUS_ERF_C6, z, APUS_ERF_C5);
    p = __builtin_fmaf(p, z, APUS_ERF_C4);
    p = __builtin_fmaf(p, z, APUS_ERF_C3);
    p = __builtin_fmaf(p, z, APUS_ERF_C2);
    p = __builtin_fmaf(p, z, APUS_ERF_C1);
    p = __builtin_fmaf(p, z, APUS_ERF_C0);
    return __builtin_fmaf(p, x, x);
  }
  float a = magnitude < APUS_ERF_END ? magnitude : APUS_ERF_END;
  float q = __builtin_fmaf(APUS_ERF_D6, a, APUS_ERF_D5);
  q = __builtin_fmaf(q, a, APUS_ERF_D4);
  q = __builtin_fmaf(q, a, APUS_ERF_D3);
  q = __builtin_fmaf(q, a, APUS_ERF_D2);
  q = __builtin_fmaf(q, a, APUS_ERF_D1);
  q = __builtin_fmaf(q, a, APUS_ERF_D0);
  return __builtin_copysignf(1.0f - apus_exp(q), x);
}
