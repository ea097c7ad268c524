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

/// The lengths of a key and of what of it is its value; 0 for the latter where values are kept apart.
typedef struct {
  size_t head, latent;
} apus_lengths;

/// The length of a value.
static inline size_t apus_value_length(apus_lengths lengths) {
  return lengths.latent > 0 ? lengths.latent : lengths.head;
}

/// Where the values start in a key-value head's part of a page, where they are kept apart.
static inline size_t apus_values_offset(apus_cache_layout layout, size_t head_length) {
  return head_length * APUS_PAGE * layout.element_bytes;
}

/// Where the scales of the keys start; those of values kept apart follow them.
static inline size_t apus_scales_offset(apus_cache_layout layout, apus_lengths lengths) {
  return (lengths.latent > 0 ? 1 : 2) * apus_values_offset(layout, lengths.head);
}

/// The place of the first value's scale among the scales.
static inline size_t apus_first_value_scale(apus_lengths lengths) {
  return lengths.latent > 0 ? 0 : APUS_PAGE;
}

/// The lengths in some work.
static inline apus_lengths apus_lengths_of(const apus_attention *work) {
  return (apus_lengths){work->head_length, work->latent_length};
}

#pragma clang assume_nonnull end
#endif
