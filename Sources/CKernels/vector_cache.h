// Keys and values in the cache: rounding them to what is kept, and loading what was kept.
#include "cache_formats.h"
#include "vector.h"

/// A key or value [D] in a page: element d is `step` * d elements from the first.
typedef struct {
  uint8_t *first, *scale;
  size_t step;
} kept_vector;

/// Stores sixteen elements of so many bytes at element d and after.
APUS_INLINE void store_kept(const void *elements, const size_t bytes, kept_vector to, size_t d) {
  if (to.step == 1) {
    __builtin_memcpy(to.first + d * bytes, elements, 16 * bytes);
    return;
  }
  APUS_UNROLL for (size_t i = 0; i < 16; i++) {
    __builtin_memcpy(to.first + (d + i) * to.step * bytes, (const uint8_t *)elements + i * bytes,
                     bytes);
  }
}

APUS_INLINE void keep_bfloats(const float *x, size_t n, kept_vector to) {
  for (size_t d = 0; d < n; d += 16) {
    v16h rounded = bfloat_of(load(x + d));
    store_kept(&rounded, sizeof(uint16_t), to, d);
  }
}

APUS_INLINE void keep_bytes(const float *x, size_t n, kept_vector to) {
  // Without the sign, floats order as their bits do, with infinity and then NaN at the top.
  v16u magnitudes = 0;
  for (size_t d = 0; d < n; d += 16) {
    magnitudes = __builtin_elementwise_max(magnitudes, bits_of(load(x + d)) & 0x7fffffff);
  }
  float greatest = apus_float_of_bits(__builtin_reduce_max(magnitudes));
  float inverse = 127 / greatest;
  bool finite = greatest < __builtin_inff();
  bool empty = !finite || !(inverse < __builtin_inff());
  float scale = !finite ? __builtin_nanf("") : empty ? 0 : greatest / 127;
  __builtin_memcpy(to.scale, &scale, sizeof scale);
  for (size_t d = 0; d < n; d += 16) {
    v16f scaled = empty ? (v16f)0.0f : load(x + d) * inverse;
    v16i rounded = __builtin_convertvector(__builtin_elementwise_rint(scaled), v16i);
    v16b bytes = __builtin_convertvector(rounded, v16b);
    store_kept(&bytes, sizeof(int8_t), to, d);
  }
}

static void append_position(const float *key, const float *value, apus_page_part to, size_t slot) {
  const apus_cache_layout layout = apus_cache_layouts[to.format];
  const size_t length = to.head_length;
  uint8_t *values = to.bytes + apus_values_offset(layout, length);
  uint8_t *scales = to.bytes + apus_scales_offset(layout, length);
  kept_vector kept_key = {
    to.bytes + slot * layout.element_bytes, scales + slot * sizeof(float), APUS_PAGE,
  };
  kept_vector kept_value = {
    values + slot * length * layout.element_bytes, scales + (APUS_PAGE + slot) * sizeof(float), 1,
  };
  if (layout.has_scales) {
    keep_bytes(key, length, kept_key);
    keep_bytes(value, length, kept_value);
  } else {
    keep_bfloats(key, length, kept_key);
    keep_bfloats(value, length, kept_value);
  }
}

/// Sixteen elements without their scales.
APUS_INLINE v16f load_kept(const apus_cache_layout layout, const uint8_t *elements) {
  return layout.has_scales ? load_bytes(elements) : load_bfloats(elements);
}

/// The scales of sixteen positions from the first on: those of keys, then those of values.
APUS_INLINE v16f load_scales(const apus_cache_layout layout, const uint8_t *page, size_t length,
                             const size_t first) {
  if (!layout.has_scales) return 1.0f;
  v16f scales;
  __builtin_memcpy(&scales, page + apus_scales_offset(layout, length) + first * sizeof(float),
                   sizeof scales);
  return scales;
}
