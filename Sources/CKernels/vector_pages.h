// Attention to one group of positions on vectors of 16, page by page: the lanes are keys while scoring
// and dimensions while adding values. Includers define QUERY_TILE, the queries that share each load,
// and VALUE_TILE, the vectors of dimensions added in one pass, neither of which has an effect on the
// bits; and may define APUS_ADD_PAIR_PRODUCTS(sum, pairs, pair), an instruction for what
// `add_pair_products` does.
#include "vector_cache.h"
#include "vector_functions.h"
#include "vector_latents.h"

/// Some queries (row by row, head by head) and one group of positions.
typedef struct {
  const apus_attention *work;
  uint32_t *queries;  // [rows * heads, D / 2]: rounded, in pairs
  float *scores;      // [rows * heads, APUS_GROUP]: later p, rounded, in pairs at the front
  float *out;         // [rows * heads, V]: the sum of p * value
  float *greatest;    // [rows * heads]
  float *sum;         // [rows * heads]: the sum of p
  uint32_t start;     // the group's first position
  size_t first, end;  // the queries that see some of it
  size_t value_length;  // V, which is D where values are kept apart
  uint8_t *widened;     // room for a page's keys or values as pairs of bfloat16
  uint8_t *turned;      // room for a page's values that were a part of its keys
} group_work;

/// What is known where the code of a visit is compiled: each cache format and each number of queries
/// has code of its own.
typedef struct {
  apus_cache_layout layout;
  int queries;
} visit_shape;

/// A page of the group and a few queries.
typedef struct {
  const uint8_t *keys, *values;  // pairs of bfloat16: [D / 2, 32], [16, V]
  const uint8_t *next;           // the bytes that are wanted after these
  size_t slot;                   // the page's first position, counted in the group
  size_t query;                  // the first of the queries
  bool is_cut;                   // some query's window starts within the page, or after it
} page_visit;

/// Adds the products of pairs to a sum, the odd elements first.
APUS_INLINE v16f add_pair_products(v16f sum, v16u pairs, uint32_t pair) {
#ifdef APUS_ADD_PAIR_PRODUCTS
  return APUS_ADD_PAIR_PRODUCTS(sum, pairs, pair);
#else
  v16u all = pair;
  sum = fma16(float_of_bits(pairs & 0xffff0000), float_of_bits(all & 0xffff0000), sum);
  return fma16(float_of_bits(pairs << 16), float_of_bits(all << 16), sum);
#endif
}

/// How many of the group's positions from `slot` on a query sees, at most `most`.
APUS_INLINE uint32_t visible_from(const group_work *group, size_t query, size_t slot,
                                  uint32_t most) {
  size_t limit = group->work->first_limit + query / group->work->heads;
  if (group->work->end != 0 && limit > group->work->end) limit = group->work->end;
  size_t start = group->start + slot;
  if (limit <= start) return 0;
  return limit - start < most ? (uint32_t)(limit - start) : most;
}

/// How many of the group's positions from `slot` on are before a query's window, at most `most`.
APUS_INLINE uint32_t hidden_from(const group_work *group, size_t query, size_t slot,
                                 uint32_t most) {
  size_t limit = group->work->first_limit + query / group->work->heads;
  size_t window = group->work->window, start = group->start + slot;
  if (window == 0 || limit <= start + window) return 0;
  return limit - window - start < most ? (uint32_t)(limit - window - start) : most;
}

/// The queries whose windows start before a position.
APUS_INLINE size_t queries_before(const apus_attention *work, size_t position) {
  size_t rows = work->rows, end = position + work->window;
  if (work->window > 0 && end < work->first_limit + rows) {
    rows = end < work->first_limit ? 0 : end - work->first_limit;
  }
  return rows * work->heads;
}

static void round_queries(group_work *group) {
  const apus_attention *work = group->work;
  const size_t length = work->head_length;
  for (size_t query = group->first; query < group->end; query++) {
    size_t row = query / work->heads, head = query % work->heads;
    const float *from = work->queries + row * work->query_stride + head * length;
    uint32_t *to = group->queries + query * (length / 2);
    for (size_t d = 0; d < length; d += 16) {
      v16h rounded = operand_of(load(from + d));
      __builtin_memcpy(to + d / 2, &rounded, sizeof rounded);
    }
  }
}

/// The products of a page's keys with a few queries.
APUS_INLINE void score_keys(const visit_shape shape, const group_work *group,
                            const page_visit *visit) {
  const size_t pairs = group->work->head_length / 2;
  const uint32_t *queries = group->queries + visit->query * pairs;
  v16f scores[QUERY_TILE][2];
  APUS_UNROLL for (int q = 0; q < shape.queries; q++) scores[q][0] = scores[q][1] = 0.0f;
  for (size_t i = 0; i < pairs; i++) {
    const uint8_t *keys = visit->keys + i * 4 * APUS_PAGE;
    v16u low = load_pairs(keys), high = load_pairs(keys + 64);
    __builtin_prefetch(visit->next + i * 4 * APUS_PAGE);
    __builtin_prefetch(visit->next + i * 4 * APUS_PAGE + 64);
    APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
      uint32_t pair = queries[(size_t)q * pairs + i];
      scores[q][0] = add_pair_products(scores[q][0], low, pair);
      scores[q][1] = add_pair_products(scores[q][1], high, pair);
    }
  }
  APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
    float *to = group->scores + (visit->query + (size_t)q) * APUS_GROUP + visit->slot;
    store(to, scores[q][0]);
    store(to + 16, scores[q][1]);
  }
}

/// The page of a position of the group.
APUS_INLINE const uint8_t *page_at(const group_work *group, size_t slot) {
  const apus_attention *work = group->work;
  size_t number = (size_t)work->table[(group->start + slot) / APUS_PAGE];
  return work->pages + number * work->page_stride + work->head_offset;
}

static const v16i lane_numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// Of sixteen positions from j on how far they are from a query's, which they do not follow.
APUS_INLINE v16f distances16(const group_work *group, size_t query, uint32_t j) {
  const size_t own = group->work->first_limit + query / group->work->heads - 1;
  const int32_t behind = (int32_t)own - (int32_t)(group->start + j);
  return __builtin_convertvector(lane_numbers - behind, v16f);
}

/// Of sixteen positions from j on all ones where a query sees them: from `hidden` on, before `visible`.
APUS_INLINE v16i seen_lanes(uint32_t j, uint32_t hidden, uint32_t visible) {
  const v16i position = lane_numbers + (int32_t)j;
  return (position >= (int32_t)hidden) & (position < (int32_t)visible);
}

/// Turns the products of one query into p, rounded, in pairs; notes their greatest and their sum.
/// `is_plain` where there is neither a window nor a cap nor a slope.
APUS_INLINE void weigh_keys(const apus_cache_layout layout, const bool is_plain,
                            const group_work *group, size_t query) {
  const apus_lengths lengths = apus_lengths_of(group->work);
  const uint32_t visible = visible_from(group, query, 0, APUS_GROUP);
  const uint32_t hidden = is_plain ? 0 : hidden_from(group, query, 0, APUS_GROUP);
  const float scale = group->work->scale, cap = group->work->cap;
  const float *slopes = group->work->slopes;
  float *scores = group->scores + query * APUS_GROUP;
  v16f greatest = -__builtin_inff();
  for (uint32_t j = hidden / 16 * 16; j < visible; j += 16) {
    v16f keys = load_scales(layout, page_at(group, j), lengths, j % APUS_PAGE);
    v16f score = load(scores + j) * (scale * keys);
    if (!is_plain && cap > 0) score = cap * tanh16(score / cap);
    if (!is_plain && slopes != NULL) {
      score = fma16(slopes[query % group->work->heads], distances16(group, query, j), score);
    }
    if (visible - j < 16 || j < hidden) {
      score = select16(seen_lanes(j, hidden, visible), score, (v16f)-__builtin_inff());
    }
    store(scores + j, score);
    greatest = greater16(score, greatest);
  }
  const float most = fold_greatest(greatest);
  v16f sum = 0.0f;
  for (uint32_t j = hidden / 16 * 16; j < visible; j += 16) {
    const bool in_part = visible - j < 16 || j < hidden;
    v16f p = exp16(load(scores + j) - most);
    if (in_part) p = select16(seen_lanes(j, hidden, visible), p, (v16f)0.0f);
    sum += p;
    if (layout.has_scales) {
      p *= load_scales(layout, page_at(group, j), lengths,
                       apus_first_value_scale(lengths) + j % APUS_PAGE);
    }
    if (layout.has_scales && in_part) {  // what lies there may be NaN
      p = select16(seen_lanes(j, hidden, visible), p, (v16f)0.0f);
    }
    if (layout.is_float) {
      store(scores + j, p);
      continue;
    }
    v16h rounded = operand_of(p);
    __builtin_memcpy((uint16_t *)scores + j, &rounded, sizeof rounded);
  }
  group->greatest[query] = most;
  group->sum[query] = fold_sum(sum);
}

/// Sums of p * value of a few queries, and where their p and the values lie.
typedef struct {
  const uint8_t *values;          // the first of the dimensions, of the page's first pair
  const uint32_t *p[QUERY_TILE];  // from the page's first pair on
  v16f total[QUERY_TILE][VALUE_TILE];
} value_sums;

/// Adds the page's pairs from the first on for one query. What it does not see is not read for it: what
/// lies there may be NaN.
APUS_INLINE void add_partly_seen(const group_work *group, const page_visit *visit, value_sums *sums,
                                 const int q, const int vectors, uint32_t first) {
  const size_t query = visit->query + (size_t)q, length = group->value_length;
  const uint32_t visible = visible_from(group, query, visit->slot, APUS_PAGE);
  const uint32_t hidden = visit->is_cut ? hidden_from(group, query, visit->slot, APUS_PAGE) : 0;
  if (first < hidden / 2) first = hidden / 2;
  for (uint32_t j = first; 2 * j < visible; j++) {
    v16u seen = (2 * j + 1 < visible ? 0xffffffff : 0xffff) & (2 * j < hidden ? 0xffff0000 : ~0u);
    APUS_UNROLL for (int v = 0; v < vectors; v++) {
      v16u pairs = load_pairs(sums->values + 4 * (j * length + 16 * (size_t)v)) & seen;
      sums->total[q][v] = add_pair_products(sums->total[q][v], pairs, sums->p[q][j]);
    }
  }
}

/// Adds p * value for `vectors` vectors of dimensions from d on.
APUS_INLINE void add_values(const visit_shape shape, const group_work *group,
                            const page_visit *visit, size_t d, const int vectors) {
  const size_t length = group->value_length;
  float *out = group->out + visit->query * length + d;
  value_sums sums;
  sums.values = visit->values + 4 * d;
  APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
    const float *row = group->scores + (visit->query + (size_t)q) * APUS_GROUP;
    sums.p[q] = (const uint32_t *)row + visit->slot / 2;
    APUS_UNROLL for (int v = 0; v < vectors; v++) {
      sums.total[q][v] = load(out + (size_t)q * length + 16 * v);
    }
  }
  // Later queries see at least as much as the first, but for what is before their windows.
  const uint32_t common =
      visit->is_cut ? 0 : visible_from(group, visit->query, visit->slot, APUS_PAGE) / 2;
  for (uint32_t j = 0; j < common; j++) {
    v16u pairs[VALUE_TILE];
    const size_t row = 4 * (j * length + 2 * d);  // passes over d ask for a part each
    APUS_UNROLL for (int v = 0; v < 2 * vectors; v++) {
      if (2 * d + 16 * (size_t)v < length) __builtin_prefetch(visit->next + row + 64 * (size_t)v);
    }
    APUS_UNROLL for (int v = 0; v < vectors; v++) {
      pairs[v] = load_pairs(sums.values + 4 * (j * length + 16 * (size_t)v));
    }
    APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
      APUS_UNROLL for (int v = 0; v < vectors; v++) {
        sums.total[q][v] = add_pair_products(sums.total[q][v], pairs[v], sums.p[q][j]);
      }
    }
  }
  APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
    if (common < APUS_PAGE / 2) {
      add_partly_seen(group, visit, &sums, q, vectors, common);
    }
    APUS_UNROLL for (int v = 0; v < vectors; v++) {
      store(out + (size_t)q * length + 16 * v, sums.total[q][v]);
    }
  }
}

APUS_INLINE void add_all_values(const visit_shape shape, const group_work *group,
                                const page_visit *visit) {
  size_t d = 0, length = group->value_length;
  for (; d + 16 * VALUE_TILE <= length; d += 16 * VALUE_TILE) {
    add_values(shape, group, visit, d, VALUE_TILE);
  }
  for (; d < length; d += 16) add_values(shape, group, visit, d, 1);
}

/// `score_keys` of keys of float32, [D, 32].
APUS_INLINE void score_float_keys(const visit_shape shape, const group_work *group,
                                  const page_visit *visit) {
  const apus_attention *work = group->work;
  const float *keys = (const float *)visit->keys, *queries[QUERY_TILE];
  v16f scores[QUERY_TILE][2];
  APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
    const size_t query = visit->query + (size_t)q;
    queries[q] = work->queries + query / work->heads * work->query_stride +
                 query % work->heads * (size_t)work->head_length;
    scores[q][0] = scores[q][1] = 0.0f;
  }
  for (size_t d = 0; d < work->head_length; d++) {
    v16f low = load(keys + d * APUS_PAGE), high = load(keys + d * APUS_PAGE + 16);
    APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
      scores[q][0] = fma16(low, queries[q][d], scores[q][0]);
      scores[q][1] = fma16(high, queries[q][d], scores[q][1]);
    }
  }
  APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
    float *to = group->scores + (visit->query + (size_t)q) * APUS_GROUP + visit->slot;
    store(to, scores[q][0]);
    store(to + 16, scores[q][1]);
  }
}

/// `add_all_values` of values of float32, [32, D].
APUS_INLINE void add_float_values(const visit_shape shape, const group_work *group,
                                  const page_visit *visit) {
  const size_t length = group->value_length;
  const float *values = (const float *)visit->values;
  APUS_UNROLL for (int q = 0; q < shape.queries; q++) {
    const size_t query = visit->query + (size_t)q;
    const uint32_t visible = visible_from(group, query, visit->slot, APUS_PAGE);
    const uint32_t hidden = visit->is_cut ? hidden_from(group, query, visit->slot, APUS_PAGE) : 0;
    const float *p = group->scores + query * APUS_GROUP + visit->slot;
    for (size_t d = 0; d < length; d += 16) {
      v16f total = load(group->out + query * length + d);
      for (uint32_t j = hidden; j < visible; j++) {
        total = fma16(load(values + j * length + d), p[j], total);
      }
      store(group->out + query * length + d, total);
    }
  }
}

/// Runs `visit_few` on the queries that see some of the page, a tile at a time.
APUS_INLINE void visit_tiles(const apus_cache_layout layout, const group_work *group,
                             page_visit *visit,
                             void (*visit_few)(const visit_shape, const group_work *,
                                               const page_visit *)) {
  const apus_attention *work = group->work;
  size_t seen = group->start + visit->slot;
  size_t row = seen < work->first_limit ? 0 : seen - work->first_limit + 1;
  size_t query = row * work->heads;
  const size_t end = visit->is_cut ? queries_before(work, seen + APUS_PAGE) : group->end;
  for (; query + QUERY_TILE <= end; query += QUERY_TILE) {
    visit->query = query;
    visit_few((visit_shape){layout, QUERY_TILE}, group, visit);
  }
  visit->query = query;
  switch (end - query) {
#if QUERY_TILE > 4
    case 7: visit_few((visit_shape){layout, 7}, group, visit); break;
    case 6: visit_few((visit_shape){layout, 6}, group, visit); break;
    case 5: visit_few((visit_shape){layout, 5}, group, visit); break;
    case 4: visit_few((visit_shape){layout, 4}, group, visit); break;
#endif
#if QUERY_TILE > 2
    case 3: visit_few((visit_shape){layout, 3}, group, visit); break;
    case 2: visit_few((visit_shape){layout, 2}, group, visit); break;
#endif
    case 1: visit_few((visit_shape){layout, 1}, group, visit); break;
    default: break;
  }
}

/// The values of the page of a position of the group, as pairs of bfloat16 or as floats.
APUS_INLINE const uint8_t *values_of(const apus_cache_layout layout, const group_work *group,
                                     size_t slot) {
  const uint8_t *values = page_at(group, slot);
  const bool is_latent = group->work->latent_length > 0;
  if (!is_latent) values += apus_values_offset(layout, group->work->head_length);
  if (layout.has_scales) {
    widen_pairs(values, APUS_PAGE / 2 * group->value_length, group->widened);
    values = group->widened;
  }
  if (!is_latent) return values;
  turn_keys(layout, values, group->value_length, group->turned);
  return group->turned;
}

APUS_INLINE void visit_group(const apus_cache_layout layout, const group_work *group) {
  const size_t length = group->work->head_length, pairs = APUS_PAGE / 2 * length;
  const size_t last = group->end - 1;
  const uint32_t visible = visible_from(group, last, 0, APUS_GROUP);
  const uint32_t first = hidden_from(group, group->first, 0, APUS_GROUP) / APUS_PAGE * APUS_PAGE;
  const apus_attention *work = group->work;
  const bool is_plain = work->window == 0 && !(work->cap > 0) && work->slopes == NULL;
  page_visit visit = {0};
  for (uint32_t slot = first; slot < visible; slot += APUS_PAGE) {
    visit.slot = slot;
    visit.is_cut = hidden_from(group, last, slot, APUS_PAGE) > 0;
    visit.keys = page_at(group, slot);
    visit.next = slot + APUS_PAGE < visible ? page_at(group, slot + APUS_PAGE) : visit.keys;
    if (layout.has_scales) {
      widen_pairs(visit.keys, pairs, group->widened);
      visit.keys = group->widened;
    }
    visit_tiles(layout, group, &visit, layout.is_float ? score_float_keys : score_keys);
  }
  if (is_plain) {
    for (size_t q = group->first; q < group->end; q++) weigh_keys(layout, true, group, q);
  } else {
    for (size_t q = group->first; q < group->end; q++) weigh_keys(layout, false, group, q);
  }
  for (uint32_t slot = first; slot < visible; slot += APUS_PAGE) {
    visit.slot = slot;
    visit.is_cut = hidden_from(group, last, slot, APUS_PAGE) > 0;
    const uint32_t next = slot + APUS_PAGE < visible ? slot + APUS_PAGE : slot;
    visit.values = values_of(layout, group, slot);
    visit.next = work->latent_length > 0 ? visit.values
                                         : page_at(group, next) + apus_values_offset(layout, length);
    visit_tiles(layout, group, &visit, layout.is_float ? add_float_values : add_all_values);
  }
}

#define DEFINE_VISIT(FORMAT)                                       \
  static void visit_group_##FORMAT(const group_work *group) {      \
    visit_group(apus_cache_layouts[FORMAT], group);                \
  }
APUS_EACH_CACHE_FORMAT(DEFINE_VISIT)
