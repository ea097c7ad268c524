// Attention on vectors of 16: the lanes are keys while scoring and dimensions while adding values.
// Includers define QUERY_TILE, the queries that share each load, and VALUE_TILE, the vectors of
// dimensions added in one pass; neither has an effect on the bits.
#include "vector_cache.h"

/// The running softmaxes of all queries (row by row, head by head).
typedef struct {
  const apus_attention *work;
  float *out;       // [rows * heads, D]: the sum of p * value so far
  float *greatest;  // [rows * heads]: the largest score so far
  float *sum;       // [rows * heads]: the sum of p so far
} attention_state;

/// What is known where the code of a visit is compiled: each cache format and each number of queries
/// has code of its own.
typedef struct {
  apus_cache_layout layout;
  int queries;
} visit_shape;

/// What one visit of a page does for a few queries.
typedef struct {
  const uint8_t *page;
  size_t query;                    // the first query
  uint32_t visible[QUERY_TILE];    // how many of the page's keys each query sees
  float decay[16];                 // what each query's earlier sums shrink by
  float p[QUERY_TILE][APUS_PAGE];  // times the scales of values, where there are scales
} page_visit;

APUS_INLINE const float *query_at(const apus_attention *work, size_t query) {
  size_t row = query / work->heads, head = query % work->heads;
  return work->queries + row * work->query_stride + head * work->head_length;
}

APUS_INLINE void score_keys(const visit_shape shape, const attention_state *state,
                            const page_visit *visit, v16f scores[][2]) {
  const apus_attention *work = state->work;
  const size_t bytes = APUS_PAGE * shape.layout.element_bytes;
  const float *query[QUERY_TILE];
  APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
    query[q] = query_at(work, visit->query + (size_t)q);
    scores[q][0] = scores[q][1] = 0.0f;
  }
  for (size_t d = 0; d < work->head_length; d++) {
    v16f low = load_kept(shape.layout, visit->page + d * bytes);
    v16f high = load_kept(shape.layout, visit->page + d * bytes + bytes / 2);
    APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
      scores[q][0] = fma16(query[q][d], low, scores[q][0]);
      scores[q][1] = fma16(query[q][d], high, scores[q][1]);
    }
  }
}

/// Turns scores into p, and updates greatest and sum.
APUS_INLINE void weigh_keys(const visit_shape shape, const attention_state *state,
                            page_visit *visit, v16f scores[][2]) {
  const v16i lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const v16f lowest = -__builtin_inff();
  float *greatest = state->greatest + visit->query, *sum = state->sum + visit->query;
  const size_t length = state->work->head_length;
  v16f low_scale = state->work->scale * load_scales(shape.layout, visit->page, length, 0);
  v16f high_scale = state->work->scale * load_scales(shape.layout, visit->page, length, 16);
  APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
    v16i visible = (int32_t)visit->visible[q];
    v16f low = select16(lane < visible, scores[q][0] * low_scale, lowest);
    v16f high = select16(lane + 16 < visible, scores[q][1] * high_scale, lowest);
    scores[q][0] = low;
    scores[q][1] = high;
    float now = fold_greatest(greater16(high, greater16(low, lowest)));
    if (greatest[q] > now) now = greatest[q];
    visit->decay[q] = greatest[q] - now;
    greatest[q] = now;
  }
  store(visit->decay, exp16(load(visit->decay)));
  low_scale = load_scales(shape.layout, visit->page, length, APUS_PAGE);
  high_scale = load_scales(shape.layout, visit->page, length, APUS_PAGE + 16);
  APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
    v16i visible = (int32_t)visit->visible[q];
    v16f low = select16(lane < visible, exp16(scores[q][0] - greatest[q]), (v16f)0.0f);
    v16f high = select16(lane + 16 < visible, exp16(scores[q][1] - greatest[q]), (v16f)0.0f);
    store(visit->p[q], low * low_scale);
    store(visit->p[q] + 16, high * high_scale);
    sum[q] = __builtin_fmaf(sum[q], visit->decay[q], fold_sum(low + high));
  }
}

/// Adds p * value for `vectors` vectors of dimensions from d on. Keys that a query does not see are
/// not read for it: what lies there may be NaN.
APUS_INLINE void add_values(const visit_shape shape, const attention_state *state,
                            const page_visit *visit, size_t d, const int vectors) {
  const apus_cache_layout layout = shape.layout;
  const size_t length = state->work->head_length, bytes = layout.element_bytes;
  const uint8_t *values = visit->page + apus_values_offset(layout, length) + d * bytes;
  float *out = state->out + visit->query * length + d;
  v16f total[QUERY_TILE][VALUE_TILE];
  uint32_t common = visit->visible[0];  // later queries see at least as much
  APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
    APUS_UNROLL for (int v = 0; v < vectors; v++) {
      total[q][v] = load(out + (size_t)q * length + 16 * v) * visit->decay[q];
    }
  }
  for (uint32_t j = 0; j < common; j++) {
    APUS_UNROLL for (int v = 0; v < vectors; v++) {
      v16f value = load_kept(layout, values + (j * length + 16 * (size_t)v) * bytes);
      APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
        total[q][v] = fma16(visit->p[q][j], value, total[q][v]);
      }
    }
  }
  APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
    for (uint32_t j = common; j < visit->visible[q]; j++) {
      APUS_UNROLL for (int v = 0; v < vectors; v++) {
        v16f value = load_kept(layout, values + (j * length + 16 * (size_t)v) * bytes);
        total[q][v] = fma16(visit->p[q][j], value, total[q][v]);
      }
    }
    APUS_UNROLL for (int v = 0; v < vectors; v++) {
      store(out + (size_t)q * length + 16 * v, total[q][v]);
    }
  }
}

APUS_INLINE void visit_page(const apus_cache_layout layout, const attention_state *state,
                            page_visit *visit, const int queries) {
  const visit_shape shape = {layout, queries};
  v16f scores[QUERY_TILE][2];
  score_keys(shape, state, visit, scores);
  weigh_keys(shape, state, visit, scores);
  size_t d = 0, length = state->work->head_length;
  for (; d + 16 * VALUE_TILE <= length; d += 16 * VALUE_TILE) {
    add_values(shape, state, visit, d, VALUE_TILE);
  }
  for (; d < length; d += 16) add_values(shape, state, visit, d, 1);
}

/// Visits page `index` of the sequence for every query that sees some of it.
APUS_INLINE void visit_all(const apus_cache_layout layout, const attention_state *state,
                           uint32_t index) {
  const apus_attention *work = state->work;
  const uint32_t seen = index * APUS_PAGE;
  const uint32_t row = seen < work->first_limit ? 0 : seen - work->first_limit + 1;
  const size_t end = (size_t)work->rows * work->heads;
  page_visit visit = {0};
  visit.page = work->pages + (size_t)work->table[index] * work->page_stride + work->head_offset;
  for (size_t query = (size_t)row * work->heads; query < end; query += QUERY_TILE) {
    int queries = end - query < QUERY_TILE ? (int)(end - query) : QUERY_TILE;
    visit.query = query;
    for (int q = 0; q < queries; q++) {
      size_t limit = work->first_limit + (query + (size_t)q) / work->heads - seen;
      visit.visible[q] = limit < APUS_PAGE ? (uint32_t)limit : APUS_PAGE;
    }
    switch (queries) {
      case 1: visit_page(layout, state, &visit, 1); break;
#if QUERY_TILE > 2
      case 2: visit_page(layout, state, &visit, 2); break;
      case 3: visit_page(layout, state, &visit, 3); break;
#endif
      default: visit_page(layout, state, &visit, QUERY_TILE);
    }
  }
}

#define DEFINE_VISIT(FORMAT)                                                       \
  static void visit_all_##FORMAT(const attention_state *state, uint32_t index) {   \
    visit_all(apus_cache_layouts[FORMAT], state, index);                           \
  }
APUS_EACH_CACHE_FORMAT(DEFINE_VISIT)

static void attend(const apus_attention *work) {
  const size_t queries = (size_t)work->rows * work->heads, length = work->head_length;
  float *out = work->scratch;
  attention_state state = {work, out, out + queries * length, out + queries * (length + 1)};
  for (size_t i = 0; i < queries * length; i++) state.out[i] = 0;
  for (size_t query = 0; query < queries; query++) {
    state.greatest[query] = -__builtin_inff();
    state.sum[query] = 0;
  }
  if (queries == 0) return;
#define VISIT_ENTRY(FORMAT) [FORMAT] = visit_all_##FORMAT,
  static void (*const by_format[])(const attention_state *, uint32_t) = {
    APUS_EACH_CACHE_FORMAT(VISIT_ENTRY)
  };
  const uint32_t last = work->first_limit + work->rows - 1;
  for (uint32_t index = 0; index * APUS_PAGE < last; index++) by_format[work->format](&state, index);
  for (size_t query = 0; query < queries; query++) {
    size_t row = query / work->heads, head = query % work->heads;
    float *to = work->out + row * work->out_stride + head * length;
    for (size_t d = 0; d < length; d += 16) {
      store(to + d, load(state.out + query * length + d) / state.sum[query]);
    }
  }
}
