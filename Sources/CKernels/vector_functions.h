// exp, tanh and erf of 16 lanes: the chains of operations of the functions for one value.
#ifndef APUS_VECTOR_FUNCTIONS_H
#define APUS_VECTOR_FUNCTIONS_H

#include "functions.h"
#include "vector.h"

/// apus_exp of each lane.
APUS_INLINE v16f exp16(v16f x) {
  v16f lowest = APUS_EXP_LOWEST, highest = APUS_EXP_HIGHEST, rounder = APUS_EXP_ROUNDER;
  v16f inside = greater16(x, lowest);
  inside = select16(inside < highest, inside, highest);
  v16f rounded = fma16(inside, APUS_EXP_LOG2E, rounder);
  v16f n = rounded - rounder;
  v16f r = fma16(n, -APUS_EXP_LN2_HIGH, inside);
  r = fma16(n, -APUS_EXP_LN2_LOW, r);
  v16f q = fma16(APUS_EXP_C6, r, APUS_EXP_C5);
  q = fma16(q, r, APUS_EXP_C4);
  q = fma16(q, r, APUS_EXP_C3);
  q = fma16(q, r, APUS_EXP_C2);
  v16f power = fma16(q, r * r, r) + 1.0f;
  v16f y = float_of_bits(bits_of(power) + (bits_of(rounded) << 23));
  y = select16(x < lowest, (v16f)0.0f, y);
  y = select16(x > highest, (v16f)__builtin_inff(), y);
  return select16(x != x, x, y);
}

APUS_INLINE v16f magnitude16(v16f x) { return float_of_bits(bits_of(x) & 0x7fffffff); }

/// A number that is not negative, with the sign of x.
APUS_INLINE v16f with_sign16(v16f magnitude, v16f x) {
  return float_of_bits(bits_of(magnitude) | (bits_of(x) & 0x80000000));
}

/// apus_tanh of each lane.
APUS_INLINE v16f tanh16(v16f x) {
  v16f magnitude = magnitude16(x), small = APUS_TANH_SMALL, z = x * x;
  v16f p = fma16(APUS_TANH_C4, z, APUS_TANH_C3);
  p = fma16(p, z, APUS_TANH_C2);
  p = fma16(p, z, APUS_TANH_C1);
  p = fma16(p, z, APUS_TANH_C0);
  p = fma16(p, x * z, x);
  v16f t = exp16(-2.0f * magnitude);
  return select16(magnitude < small, p, with_sign16((1.0f - t) / (1.0f + t), x));
}

/// apus_erf of each lane.
APUS_INLINE v16f erf16(v16f x) {
  v16f magnitude = magnitude16(x), small = APUS_ERF_SMALL, end = APUS_ERF_END, z = x * x;
  v16f p = fma16(APUS_ERF_C6, z, APUS_ERF_C5);
  p = fma16(p, z, APUS_ERF_C4);
  p = fma16(p, z, APUS_ERF_C3);
  p = fma16(p, z, APUS_ERF_C2);
  p = fma16(p, z, APUS_ERF_C1);
  p = fma16(p, z, APUS_ERF_C0);
  p = fma16(p, x, x);
  v16f a = select16(magnitude < end, magnitude, end);
  v16f q = fma16(APUS_ERF_D6, a, APUS_ERF_D5);
  q = fma16(q, a, APUS_ERF_D4);
  q = fma16(q, a, APUS_ERF_D3);
  q = fma16(q, a, APUS_ERF_D2);
  q = fma16(q, a, APUS_ERF_D1);
  q = fma16(q, a, APUS_ERF_D0);
  v16f y = select16(magnitude < small, p, with_sign16(1.0f - exp16(q), x));
  return select16(x != x, x, y);
}

#endif
