// Keys and values in the cache: rounding them to what is kept, and loading what was kept.
#include "cache_formats.h"
#include "vector.h"

/// A key or value [D] in a page, from its first element on.
typedef struct {
  uint8_t *first, *scale;
  bool is_key;
} kept_vector;

/// Where dimension d lies, counted in elements from the first.
APUS_INLINE size_t element_index(kept_vector vector, size_t d) {
  return vector.is_key ? apus_key_index(0, d, 0) : apus_value_index(0, d, 0);
}

/// Stores sixteen elements of 2 bytes at dimension d and after.
APUS_INLINE void store_halves(v16h elements, kept_vector to, size_t d) {
  uint16_t lanes[16];
  __builtin_memcpy(lanes, &elements, sizeof lanes);
  for (size_t i = 0; i < 16; i++) {
    uint8_t *place = to.first + element_index(to, d + i) * sizeof *lanes;
    __builtin_memcpy(place, lanes + i, sizeof *lanes);
  }
}

/// Stores sixteen elements of a byte at dimension d and after.
APUS_INLINE void store_bytes(v16b elements, kept_vector to, size_t d) {
  uint8_t lanes[16];
  __builtin_memcpy(lanes, &elements, sizeof lanes);
  for (size_t i = 0; i < 16; i++) to.first[element_index(to, d + i)] = lanes[i];
}

/// Sixteen floats rounded as operands of attention.
APUS_INLINE v16h operand_of(v16f v) {
  v16f magnitude = float_of_bits(bits_of(v) & 0x7fffffff), least = APUS_ATTENTION_LEAST;
  return bfloat_of(select16(magnitude < least, (v16f)0.0f, v));
}

APUS_INLINE void keep_bfloats(const float *x, size_t n, kept_vector to) {
  for (size_t d = 0; d < n; d += 16) store_halves(operand_of(load(x + d)), to, d);
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
    store_bytes(__builtin_convertvector(rounded, v16b), to, d);
  }
}

/// Keeps floats as they are.
APUS_INLINE void append_floats(const float *key, const float *value, apus_page_part to, size_t slot) {
  const size_t length = to.head_length;
  float *keys = (float *)to.bytes, *values = keys + length * APUS_PAGE;
  for (size_t d = 0; d < length; d++) keys[apus_float_key_index(slot, d, length)] = key[d];
  if (to.latent_length > 0) return;
  __builtin_memcpy(values + apus_float_value_index(slot, 0, length), value, length * sizeof *value);
}

static inline void append_position(const float *key, const float *value, apus_page_part to, size_t slot) {
  const apus_cache_layout layout = apus_cache_layouts[to.format];
  const size_t length = to.head_length, bytes = layout.element_bytes;
  if (layout.is_float) {
    append_floats(key, value, to, slot);
    return;
  }
  uint8_t *values = to.bytes + apus_values_offset(layout, length);
  const apus_lengths lengths = {length, to.latent_length};
  uint8_t *scales = to.bytes + apus_scales_offset(layout, lengths);
  kept_vector kept_key = {
    to.bytes + apus_key_index(slot, 0, length) * bytes, scales + slot * sizeof(float), true,
  };
  kept_vector kept_value = {
    values + apus_value_index(slot, 0, length) * bytes,
    scales + (APUS_PAGE + slot) * sizeof(float), false,
  };
  if (layout.has_scales) {
    keep_bytes(key, length, kept_key);
    if (to.latent_length == 0) keep_bytes(value, length, kept_value);
  } else {
    keep_bfloats(key, length, kept_key);
    if (to.latent_length == 0) keep_bfloats(value, length, kept_value);
  }
}

/// Sixteen pairs of bfloat16, the first of each in the lower half.
APUS_INLINE v16u load_pairs(const uint8_t *pairs) {
  v16u v;
  __builtin_memcpy(&v, pairs, sizeof v);
  return v;
}

/// `pairs` pairs of int8 as pairs of bfloat16, which hold them exactly.
APUS_INLINE void widen_pairs(const uint8_t *bytes, size_t pairs, uint8_t *out) {
  for (size_t i = 0; i < pairs; i += 16) {
    v16s both;
    __builtin_memcpy(&both, bytes + 2 * i, sizeof both);
    v16i first = (__builtin_convertvector(both, v16i) << 24) >> 24;
    v16i second = __builtin_convertvector(both, v16i) >> 8;
    v16u low = bits_of(__builtin_convertvector(first, v16f)) >> 16;
    v16u high = bits_of(__builtin_convertvector(second, v16f)) & 0xffff0000;
    v16u widened = high | low;
    __builtin_memcpy(out + 4 * i, &widened, sizeof widened);
  }
}

/// The scales of sixteen positions from the first on: those of keys, then those of values kept apart.
APUS_INLINE v16f load_scales(const apus_cache_layout layout, const uint8_t *page,
                             apus_lengths lengths, const size_t first) {
  if (!layout.has_scales) return 1.0f;
  v16f scales;
  __builtin_memcpy(&scales, page + apus_scales_offset(layout, lengths) + first * sizeof(float),
                   sizeof scales);
  return scales;
}
