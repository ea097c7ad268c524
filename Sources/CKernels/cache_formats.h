// The cache formats: everything that differs between them, one row each.
#ifndef APUS_CACHE_FORMATS_H
#define APUS_CACHE_FORMATS_H

#include "ckernels.h"

#pragma clang assume_nonnull begin

/// How a format keeps the keys and values of a page.
typedef struct {
  size_t element_bytes;
  bool has_scales;  // each position's elements are int8 times a float32
  bool is_float;    // elements are float32, laid out otherwise than the pairs of the other formats
} apus_cache_layout;

static const apus_cache_layout apus_cache_layouts[] = {
  [APUS_CACHE_BFLOAT16] = {2, false, false},
  [APUS_CACHE_INT8] = {1, true, false},
  [APUS_CACHE_FLOAT32] = {4, false, true},
};

/// Does something for each format, as there is code for each.
#define APUS_EACH_CACHE_FORMAT(DO) \
  DO(APUS_CACHE_BFLOAT16) DO(APUS_CACHE_INT8) DO(APUS_CACHE_FLOAT32)

/// The index of dimension d of the key at a slot.
static inline size_t apus_key_index(size_t slot, size_t d, size_t length) {
  return d / 2 * 2 * APUS_PAGE + 2 * slot + d % 2;
}

/// The index of dimension d of the value at a slot.
static inline size_t apus_value_index(size_t slot, size_t d, size_t length) {
  return slot / 2 * 2 * length + 2 * d + slot % 2;
}

/// The same of a key of float32.
static inline size_t apus_float_key_index(size_t slot, size_t d, size_t length) {
  return d * APUS_PAGE + slot;
}

/// The same of a value of float32.
static inline size_t apus_float_value_index(size_t slot, size_t d, size_t length) {
  return slot * length + d;
}

/// Where the values start in a key-value head's part of a page.
static inline size_t apus_values_offset(apus_cache_layout layout, size_t head_length) {
  return head_length * APUS_PAGE * layout.element_bytes;
}

/// Where the scales of the keys start; those of the values follow them.
static inline size_t apus_scales_offset(apus_cache_layout layout, size_t head_length) {
  return 2 * apus_values_offset(layout, head_length);
}

#pragma clang assume_nonnull end
#endif
