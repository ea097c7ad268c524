// The key-value cache and attention, in plain C.
#pragma STDC FP_CONTRACT OFF

#include "plain.h"
#include "scalar.h"

size_t apus_attention_scratch(size_t rows, size_t heads, size_t head_length) {
  return rows * heads * (head_length + 2);
}

void apus_plain_append_position(const float *key, const float *value, uint16_t *page_head,
                                size_t head_length, size_t slot) {
  uint16_t *values = page_head + head_length * APUS_PAGE;
  for (size_t d = 0; d < head_length; d++) {
    page_head[d * APUS_PAGE + slot] = apus_bfloat_of_float(key[d]);
    values[slot * head_length + d] = apus_bfloat_of_float(value[d]);
  }
}

/// The running softmax of one query.
typedef struct {
  float *out;      // [D]: the sum of p * value so far
  float greatest;  // the largest score so far
  float sum;       // the sum of p so far
} running_softmax;

/// Scores of one query against the first `visible` keys of a page; returns the largest so far.
static float score_page(const apus_attention *work, const float *query, const uint16_t *keys,
                        uint32_t visible, float *scores) {
  float greatest = -__builtin_inff();
  for (uint32_t j = 0; j < visible; j++) {
    float dot = 0;
    for (uint32_t d = 0; d < work->head_length; d++) {
      dot = __builtin_fmaf(query[d], apus_float_of_bfloat(keys[d * APUS_PAGE + j]), dot);
    }
    scores[j] = work->scale * dot;
    if (scores[j] > greatest) greatest = scores[j];
  }
  return greatest;
}

static void visit_page(const apus_attention *work, const float *query, const uint16_t *page,
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

  const uint16_t *values = page + work->head_length * APUS_PAGE;
  for (uint32_t d = 0; d < work->head_length; d++) {
    float total = state->out[d] * decay;
    for (uint32_t j = 0; j < visible; j++) {
      float value = apus_float_of_bfloat(values[j * work->head_length + d]);
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
        const uint16_t *page = work->pages + number * work->page_stride + work->head_offset;
        uint32_t visible = limit - seen < APUS_PAGE ? limit - seen : APUS_PAGE;
        visit_page(work, query, page, visible, &state);
      }
      float *out = work->out + r * work->out_stride + head;
      for (uint32_t d = 0; d < work->head_length; d++) out[d] = state.out[d] / state.sum;
    }
  }
}
