// The key-value cache and attention, in plain C.
#pragma STDC FP_CONTRACT OFF

#include "cache_formats.h"
#include "plain.h"
#include "scalar.h"

size_t apus_attention_scratch(size_t rows, size_t heads, size_t head_length) {
  return rows * heads * (head_length + 2);
}

size_t apus_page_part_bytes(apus_cache_format format, size_t head_length) {
  const apus_cache_layout layout = apus_cache_layouts[format];
  size_t scales = layout.has_scales ? 2 * APUS_PAGE * sizeof(float) : 0;
  return apus_scales_offset(layout, head_length) + scales;
}

/// A key or value [D] in a page: element d is `step` * d elements from the first.
typedef struct {
  uint8_t *first, *scale;
  size_t step;
} kept_vector;

static void keep_bfloats(const float *x, size_t n, kept_vector to) {
  for (size_t d = 0; d < n; d++) {
    uint16_t rounded = apus_bfloat_of_float(x[d]);
    __builtin_memcpy(to.first + d * to.step * sizeof rounded, &rounded, sizeof rounded);
  }
}

static void keep_bytes(const float *x, size_t n, kept_vector to) {
  bool finite = true;
  float greatest = 0;
  for (size_t d = 0; d < n; d++) {
    float magnitude = __builtin_fabsf(x[d]);
    if (!(magnitude < __builtin_inff())) finite = false;
    if (magnitude > greatest) greatest = magnitude;
  }
  // Below about 3.7e-37 the inverse would overflow: such a vector counts as zero.
  float inverse = 127 / greatest;
  bool empty = !finite || !(inverse < __builtin_inff());
  float scale = !finite ? __builtin_nanf("") : empty ? 0 : greatest / 127;
  __builtin_memcpy(to.scale, &scale, sizeof scale);
  for (size_t d = 0; d < n; d++) {
    int8_t rounded = empty ? 0 : (int8_t)__builtin_rintf(x[d] * inverse);
    to.first[d * to.step] = (uint8_t)rounded;
  }
}

void apus_plain_append_position(const float *key, const float *value, apus_page_part to,
                                size_t slot) {
  const apus_cache_layout layout = apus_cache_layouts[to.format];
  uint8_t *values = to.bytes + apus_values_offset(layout, to.head_length);
  uint8_t *scales = to.bytes + apus_scales_offset(layout, to.head_length);
  kept_vector kept_key = {
    to.bytes + slot * layout.element_bytes, scales + slot * sizeof(float), APUS_PAGE,
  };
  kept_vector kept_value = {
    values + slot * to.head_length * layout.element_bytes,
    scales + (APUS_PAGE + slot) * sizeof(float), 1,
  };
  void (*keep)(const float *, size_t, kept_vector) = layout.has_scales ? keep_bytes : keep_bfloats;
  keep(key, to.head_length, kept_key);
  keep(value, to.head_length, kept_value);
}

/// An element of a page without its scale, by its index.
static float kept_element(apus_cache_layout layout, const uint8_t *elements, size_t index) {
  if (layout.has_scales) return (int8_t)elements[index];
  uint16_t bits;
  __builtin_memcpy(&bits, elements + index * sizeof bits, sizeof bits);
  return apus_float_of_bfloat(bits);
}

/// The scale of element j, where the format has scales.
static float kept_scale(apus_cache_layout layout, const uint8_t *scales, size_t j) {
  return layout.has_scales ? apus_load_float(scales + j * sizeof(float)) : 1;
}

/// The running softmax of one query.
typedef struct {
  float *out;      // [D]: the sum of p * value so far
  float greatest;  // the largest score so far
  float sum;       // the sum of p so far
} running_softmax;

/// Scores of one query against the first `visible` keys of a page; returns the largest so far.
static float score_page(const apus_attention *work, const float *query, const uint8_t *page,
                        uint32_t visible, float *scores) {
  const apus_cache_layout layout = apus_cache_layouts[work->format];
  const uint8_t *scales = page + apus_scales_offset(layout, work->head_length);
  float greatest = -__builtin_inff();
  for (uint32_t j = 0; j < visible; j++) {
    float dot = 0;
    for (uint32_t d = 0; d < work->head_length; d++) {
      dot = __builtin_fmaf(query[d], kept_element(layout, page, d * APUS_PAGE + j), dot);
    }
    scores[j] = work->scale * kept_scale(layout, scales, j) * dot;
    if (scores[j] > greatest) greatest = scores[j];
  }
  return greatest;
}

static void visit_page(const apus_attention *work, const float *query, const uint8_t *page,
                       uint32_t visible, running_softmax *state) {
  float p[APUS_PAGE] = {0};
  float greatest = score_page(work, query, page, visible, p);
  if (state->greatest > greatest) greatest = state->greatest;
  for (uint32_t j = 0; j < visible; j++) p[j] = apus_exp(p[j] - greatest);
  float lane[16];
  for (int i = 0; i < 16; i++) lane[i] = p[i] + p[i + 16];
  float decay = apus_exp(state->greatest - greatest);
  state->sum = __builtin_fmaf(state->sum, decay, apus_plain_fold(lane));
  state->greatest = greatest;

  const apus_cache_layout layout = apus_cache_layouts[work->format];
  const uint8_t *values = page + apus_values_offset(layout, work->head_length);
  const uint8_t *scales = page + apus_scales_offset(layout, work->head_length);
  for (uint32_t j = 0; j < visible; j++) p[j] *= kept_scale(layout, scales, APUS_PAGE + j);
  for (uint32_t d = 0; d < work->head_length; d++) {
    float total = state->out[d] * decay;
    for (uint32_t j = 0; j < visible; j++) {
      float value = kept_element(layout, values, j * work->head_length + d);
      total = __builtin_fmaf(p[j], value, total);
    }
    state->out[d] = total;
  }
}

void apus_plain_attend(const apus_attention *work) {
  for (uint32_t r = 0; r < work->rows; r++) {
    for (uint32_t h = 0; h < work->heads; h++) {
      size_t head = (size_t)h * work->head_length;
      const float *query = work->queries + r * work->query_stride + head;
      running_softmax state = {work->scratch, -__builtin_inff(), 0};
      for (uint32_t d = 0; d < work->head_length; d++) state.out[d] = 0;
      uint32_t limit = work->first_limit + r;
      for (uint32_t seen = 0; seen < limit; seen += APUS_PAGE) {
        size_t number = (size_t)work->table[seen / APUS_PAGE];
        const uint8_t *page = work->pages + number * work->page_stride + work->head_offset;
        uint32_t visible = limit - seen < APUS_PAGE ? limit - seen : APUS_PAGE;
        visit_page(work, query, page, visible, &state);
      }
      float *out = work->out + r * work->out_stride + head;
      for (uint32_t d = 0; d < work->head_length; d++) out[d] = state.out[d] / state.sum;
    }
  }
}
