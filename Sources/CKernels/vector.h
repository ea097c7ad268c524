// Vectors of 16 floats, written once for every instruction set: the compiler splits them where
// registers are shorter. A file that includes this sets the instruction set of all functions first.
#ifndef APUS_VECTOR_H
#define APUS_VECTOR_H

#include "scalar.h"

#include <stdbool.h>
#include <stddef.h>

// Every function here is inlined, so the calling convention of long vectors does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

#define APUS_INLINE static inline __attribute__((always_inline))
#define APUS_UNROLL _Pragma("clang loop unroll(full)")

typedef float v16f __attribute__((ext_vector_type(16)));
typedef int32_t v16i __attribute__((ext_vector_type(16)));
typedef uint32_t v16u __attribute__((ext_vector_type(16)));
typedef uint16_t v16h __attribute__((ext_vector_type(16)));
typedef int16_t v16s __attribute__((ext_vector_type(16)));
typedef int8_t v16b __attribute__((ext_vector_type(16)));
typedef float v8f __attribute__((ext_vector_type(8)));
typedef float v4f __attribute__((ext_vector_type(4)));
typedef float v2f __attribute__((ext_vector_type(2)));

APUS_INLINE v16f load(const float *x) {
  v16f v;
  __builtin_memcpy(&v, x, sizeof v);
  return v;
}

/// The first n elements, the other lanes filled.
APUS_INLINE v16f load_first(const float *x, size_t n, float fill) {
  if (n == 16) return load(x);
  v16f v = fill;
  if (n > 0) __builtin_memcpy(&v, x, n * sizeof *x);
  return v;
}

APUS_INLINE void store(float *x, v16f v) { __builtin_memcpy(x, &v, sizeof v); }

APUS_INLINE void store_first(float *x, v16f v, size_t n) {
  if (n == 16) return store(x, v);
  if (n > 0) __builtin_memcpy(x, &v, n * sizeof *x);
}

APUS_INLINE v16u bits_of(v16f v) { return (v16u)v; }

APUS_INLINE v16f float_of_bits(v16u v) { return (v16f)v; }

APUS_INLINE v16f fma16(v16f a, v16f b, v16f c) { return __builtin_elementwise_fma(a, b, c); }

/// Where the mask is all ones a, where it is zero b.
APUS_INLINE v16f select16(v16i mask, v16f a, v16f b) { return mask ? a : b; }

/// The greater of each pair; b where a is NaN, and where both are equal.
APUS_INLINE v16f greater16(v16f a, v16f b) { return select16(a > b, a, b); }

APUS_INLINE bool any16(v16i mask) { return __builtin_reduce_or(mask) != 0; }

/// Adds lanes 8 apart, then 4, 2 and 1.
APUS_INLINE float fold_sum(v16f v) {
  v8f a = v.lo + v.hi;
  v4f b = a.lo + a.hi;
  v2f c = b.lo + b.hi;
  return c.x + c.y;
}

/// The greatest lane, in the same order; of equal ones the lower.
APUS_INLINE float fold_greatest(v16f v) {
  v8f a = v.hi > v.lo ? v.hi : v.lo;
  v4f b = a.hi > a.lo ? a.hi : a.lo;
  v2f c = b.hi > b.lo ? b.hi : b.lo;
  return c.y > c.x ? c.y : c.x;
}

/// Rounds to bfloat16: nearest, ties to even; a NaN stays one.
APUS_INLINE v16h bfloat_of(v16f v) {
  v16u bits = bits_of(v);
  v16u rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  v16u quiet = (bits >> 16) | 0x40;
  return __builtin_convertvector((v16u)(v != v ? quiet : rounded), v16h);
}

#endif
