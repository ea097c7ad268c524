// The key-value cache and attention, in plain C.
#pragma STDC FP_CONTRACT OFF

#include "cache_formats.h"
#include "plain.h"
#include "scalar.h"

size_t apus_attention_state(size_t rows, size_t heads, size_t value_length) {
  return rows * heads * (value_length + 2);
}

size_t apus_attention_scratch(size_t rows, size_t heads, size_t head_length, size_t latent_length) {
  const size_t values = apus_value_length((apus_lengths){head_length, latent_length});
  const size_t rounded = head_length / 2, scores = APUS_GROUP;
  const size_t widened = APUS_PAGE / 2 * head_length, turned = APUS_PAGE * latent_length;
  return 2 * apus_attention_state(rows, heads, values) + rows * heads * (rounded + scores) + widened +
         turned;
}

/// The positions that a row with a limit does not see because they are before its window.
static uint32_t hidden_positions(const apus_attention *work, uint32_t limit) {
  return work->window == 0 || limit <= work->window ? 0 : limit - work->window;
}

/// The positions before the first that a row with a limit does not see because they are after it.
static uint32_t seen_positions(const apus_attention *work, uint32_t limit) {
  return work->end != 0 && limit > work->end ? work->end : limit;
}

apus_group_range apus_attention_groups(const apus_attention *work) {
  return (apus_group_range){
    hidden_positions(work, work->first_limit) / APUS_GROUP,
    (seen_positions(work, work->first_limit + work->rows - 1) - 1) / APUS_GROUP + 1,
  };
}

size_t apus_page_part_bytes(apus_cache_format format, size_t head_length, size_t latent_length) {
  const apus_cache_layout layout = apus_cache_layouts[format];
  const apus_lengths lengths = {head_length, latent_length};
  const size_t scales = apus_first_value_scale(lengths) + APUS_PAGE;
  return apus_scales_offset(layout, lengths) + (layout.has_scales ? scales * sizeof(float) : 0);
}

/// A key or value [D] in a page, by the index of each element.
typedef struct {
  uint8_t *elements, *scale;
  size_t (*index)(size_t slot, size_t d, size_t length);
  size_t slot, length;
} kept_vector;

static void keep_bfloats(const float *x, kept_vector to) {
  for (size_t d = 0; d < to.length; d++) {
    uint16_t rounded = apus_operand_of_float(x[d], APUS_ATTENTION_LEAST);
    size_t index = to.index(to.slot, d, to.length);
    __builtin_memcpy(to.elements + index * sizeof rounded, &rounded, sizeof rounded);
  }
}

static void keep_floats(const float *x, kept_vector to) {
  for (size_t d = 0; d < to.length; d++) {
    size_t index = to.index(to.slot, d, to.length);
    __builtin_memcpy(to.elements + index * sizeof *x, x + d, sizeof *x);
  }
}

static void keep_bytes(const float *x, kept_vector to) {
  bool finite = true;
  float greatest = 0;
  for (size_t d = 0; d < to.length; d++) {
    float magnitude = __builtin_fabsf(x[d]);
    if (!(magnitude < __builtin_inff())) finite = false;
    if (magnitude > greatest) greatest = magnitude;
  }
  // Below about 3.7e-37 the inverse would overflow: such a vector counts as zero.
  float inverse = 127 / greatest;
  bool empty = !finite || !(inverse < __builtin_inff());
  float scale = !finite ? __builtin_nanf("") : empty ? 0 : greatest / 127;
  __builtin_memcpy(to.scale, &scale, sizeof scale);
  for (size_t d = 0; d < to.length; d++) {
    int8_t rounded = empty ? 0 : (int8_t)__builtin_rintf(x[d] * inverse);
    to.elements[to.index(to.slot, d, to.length)] = (uint8_t)rounded;
  }
}

void apus_plain_append_position(const float *key, const float *value, apus_page_part to,
                                size_t slot) {
  const apus_cache_layout layout = apus_cache_layouts[to.format];
  uint8_t *values = to.bytes + apus_values_offset(layout, to.head_length);
  const apus_lengths lengths = {to.head_length, to.latent_length};
  uint8_t *scales = to.bytes + apus_scales_offset(layout, lengths);
  kept_vector kept_key = {
    to.bytes, scales + slot * sizeof(float),
    layout.is_float ? apus_float_key_index : apus_key_index, slot, to.head_length,
  };
  kept_vector kept_value = {
    values, scales + (APUS_PAGE + slot) * sizeof(float),
    layout.is_float ? apus_float_value_index : apus_value_index, slot, to.head_length,
  };
  void (*keep)(const float *, kept_vector) =
      layout.is_float ? keep_floats : layout.has_scales ? keep_bytes : keep_bfloats;
  keep(key, kept_key);
  if (to.latent_length == 0) keep(value, kept_value);
}

/// An element of a page without its scale, by its index.
static float kept_element(apus_cache_layout layout, const uint8_t *elements, size_t index) {
  if (layout.is_float) return apus_load_float(elements + index * sizeof(float));
  if (layout.has_scales) return (int8_t)elements[index];
  uint16_t bits;
  __builtin_memcpy(&bits, elements + index * sizeof bits, sizeof bits);
  return apus_float_of_bfloat(bits);
}

/// The scale of element j, where the format has scales.
static float kept_scale(apus_cache_layout layout, const uint8_t *scales, size_t j) {
  return layout.has_scales ? apus_load_float(scales + j * sizeof(float)) : 1;
}

/// A float rounded as an operand of attention.
static float operand(apus_cache_layout layout, float x) {
  if (layout.is_float) return x;
  return apus_float_of_bfloat(apus_operand_of_float(x, APUS_ATTENTION_LEAST));
}

/// One query and the positions of a group that it sees: from the first to before the end, counted
/// from the group's start.
typedef struct {
  const apus_attention *work;
  const float *query;
  float slope;
  uint32_t limit, start, first, end;
} group_view;

/// The head's part of the page of position `start + j`.
static const uint8_t *page_of(const group_view *view, uint32_t j) {
  const apus_attention *work = view->work;
  size_t number = (size_t)work->table[(view->start + j) / APUS_PAGE];
  return work->pages + number * work->page_stride + work->head_offset;
}

/// The product of a query and a key; of pairs the odd element comes first.
static float dot_product(const apus_cache_layout layout, const float *query, const uint8_t *page,
                         size_t slot, size_t length) {
  float dot = 0;
  if (layout.is_float) {
    for (size_t d = 0; d < length; d++) {
      float key = kept_element(layout, page, apus_float_key_index(slot, d, length));
      dot = __builtin_fmaf(query[d], key, dot);
    }
    return dot;
  }
  for (size_t d = 0; d < length; d += 2) {
    for (size_t e = d + 2; e-- > d;) {
      float key = kept_element(layout, page, apus_key_index(slot, e, length));
      dot = __builtin_fmaf(operand(layout, query[e]), key, dot);
    }
  }
  return dot;
}

static float score(const group_view *view, uint32_t j) {
  const apus_attention *work = view->work;
  const apus_cache_layout layout = apus_cache_layouts[work->format];
  const size_t length = work->head_length;
  const uint8_t *page = page_of(view, j);
  const size_t slot = j % APUS_PAGE;
  const float dot = dot_product(layout, view->query, page, slot, length);
  const uint8_t *scales = page + apus_scales_offset(layout, apus_lengths_of(work));
  float scaled = work->scale * kept_scale(layout, scales, slot) * dot;
  if (work->cap > 0) scaled = work->cap * apus_tanh(scaled / work->cap);
  if (work->slopes == NULL) return scaled;
  const float behind = (float)(view->limit - 1 - view->start - j);
  return __builtin_fmaf(view->slope, -behind, scaled);
}

/// Dimension d of the value at a position of the group.
static float value_element(const group_view *view, uint32_t j, size_t d) {
  const apus_cache_layout layout = apus_cache_layouts[view->work->format];
  const size_t length = view->work->head_length, slot = j % APUS_PAGE;
  const uint8_t *page = page_of(view, j);
  if (view->work->latent_length > 0) {
    size_t index = layout.is_float ? apus_float_key_index(slot, d, length)
                                   : apus_key_index(slot, d, length);
    return kept_element(layout, page, index);
  }
  size_t index = layout.is_float ? apus_float_value_index(slot, d, length)
                                 : apus_value_index(slot, d, length);
  return kept_element(layout, page + apus_values_offset(layout, length), index);
}

/// Sums p * value for dimension d; p is rounded already.
static float sum_values(const group_view *view, const float *p, size_t d) {
  float total = 0;
  if (apus_cache_layouts[view->work->format].is_float) {
    for (uint32_t j = view->first; j < view->end; j++) {
      total = __builtin_fmaf(p[j], value_element(view, j, d), total);
    }
    return total;
  }
  for (uint32_t j = view->first / 2 * 2; j < view->end; j += 2) {
    for (uint32_t i = j + 2; i-- > j;) {
      const float value = i >= view->first && i < view->end ? value_element(view, i, d) : 0;
      total = __builtin_fmaf(p[i], value, total);
    }
  }
  return total;
}

static void attend_query(const group_view *view, float *out, float *greatest, float *sum) {
  const apus_cache_layout layout = apus_cache_layouts[view->work->format];
  const apus_lengths lengths = apus_lengths_of(view->work);
  float p[APUS_GROUP + 1] = {0}, lane[16] = {0}, most = -__builtin_inff();
  for (uint32_t j = view->first; j < view->end; j++) {
    p[j] = score(view, j);
    if (p[j] > most) most = p[j];
  }
  for (uint32_t j = view->first; j < view->end; j++) {
    p[j] = apus_exp(p[j] - most);
    lane[j % 16] += p[j];
    const uint8_t *scales = page_of(view, j) + apus_scales_offset(layout, lengths);
    const size_t place = apus_first_value_scale(lengths) + j % APUS_PAGE;
    p[j] = operand(layout, p[j] * kept_scale(layout, scales, place));
  }
  *greatest = most;
  *sum = apus_plain_fold(lane);
  for (size_t d = 0; d < apus_value_length(lengths); d++) out[d] = sum_values(view, p, d);
}

/// Where the numbers of query `q` lie in the state of a group.
typedef struct {
  float *out, *greatest, *sum;
} query_state;

static query_state state_of(const apus_attention *work, float *state, size_t q) {
  size_t queries = (size_t)work->rows * work->heads;
  size_t length = apus_value_length(apus_lengths_of(work));
  return (query_state){
    state + q * length, state + queries * length + q, state + queries * (length + 1) + q,
  };
}

/// What query `q` sees of a group; where that is nothing, the first position is not before the end.
static group_view view_of(const apus_attention *work, uint32_t group, uint32_t q) {
  const uint32_t start = group * APUS_GROUP, limit = work->first_limit + q / work->heads;
  const uint32_t hidden = hidden_positions(work, limit);
  const float *query = work->queries + q / work->heads * work->query_stride +
                       q % work->heads * (size_t)work->head_length;
  const uint32_t last = seen_positions(work, limit), seen = last > start ? last - start : 0;
  const float slope = work->slopes != NULL ? work->slopes[q % work->heads] : 0;
  return (group_view){
    work, query, slope, limit, start, hidden > start ? hidden - start : 0,
    seen < APUS_GROUP ? seen : APUS_GROUP,
  };
}

void apus_plain_attend_group(const apus_attention *work, uint32_t group, float *state) {
  for (uint32_t q = 0; q < work->rows * work->heads; q++) {
    const group_view view = view_of(work, group, q);
    if (view.first >= view.end) continue;
    query_state to = state_of(work, state, q);
    attend_query(&view, to.out, to.greatest, to.sum);
  }
}

static void merge(const apus_attention *work, uint32_t group, float *into, float *from) {
  const size_t length = apus_value_length(apus_lengths_of(work));
  for (uint32_t q = 0; q < work->rows * work->heads; q++) {
    const group_view view = view_of(work, group, q);
    if (view.first >= view.end) continue;
    query_state all = state_of(work, into, q), one = state_of(work, from, q);
    if (hidden_positions(work, work->first_limit + q / work->heads) >= view.start) {
      *all.greatest = *one.greatest, *all.sum = *one.sum;
      for (size_t d = 0; d < length; d++) all.out[d] = one.out[d];
      continue;
    }
    float most = *one.greatest > *all.greatest ? *one.greatest : *all.greatest;
    float old = apus_exp(*all.greatest - most), new = apus_exp(*one.greatest - most);
    *all.greatest = most;
    *all.sum = __builtin_fmaf(*one.sum, new, *all.sum * old);
    for (size_t d = 0; d < length; d++) {
      all.out[d] = __builtin_fmaf(one.out[d], new, all.out[d] * old);
    }
  }
}

/// Adds a logit without a value.
static void add_sink(query_state to, float sink, size_t length) {
  float most = sink > *to.greatest ? sink : *to.greatest;
  float old = apus_exp(*to.greatest - most), new = apus_exp(sink - most);
  *to.sum = __builtin_fmaf(*to.sum, old, new);
  for (size_t d = 0; d < length; d++) to.out[d] *= old;
}

static void write_results(const apus_attention *work, float *state) {
  const size_t length = apus_value_length(apus_lengths_of(work));
  for (uint32_t q = 0; q < work->rows * work->heads; q++) {
    query_state from = state_of(work, state, q);
    if (work->sinks != NULL) add_sink(from, work->sinks[q % work->heads], length);
    float *to = work->out + q / work->heads * work->out_stride + q % work->heads * length;
    for (size_t d = 0; d < length; d++) to[d] = from.out[d] / *from.sum;
  }
}

void apus_plain_merge_groups(const apus_attention *work, float *states, size_t stride) {
  const apus_group_range groups = apus_attention_groups(work);
  for (uint32_t g = groups.first + 1; g < groups.end; g++) {
    merge(work, g, states, states + (g - groups.first) * stride);
  }
  write_results(work, states);
}

void apus_plain_attend(const apus_attention *work) {
  float *all = work->scratch;
  const size_t values = apus_value_length(apus_lengths_of(work));
  float *one = all + apus_attention_state(work->rows, work->heads, values);
  const apus_group_range groups = apus_attention_groups(work);
  apus_plain_attend_group(work, groups.first, all);
  for (uint32_t g = groups.first + 1; g < groups.end; g++) {
    apus_plain_attend_group(work, g, one);
    merge(work, g, all, one);
  }
  write_results(work, all);
}
