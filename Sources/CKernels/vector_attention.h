// Attention on vectors of 16: groups of positions, and how they are merged. Includers define what
// vector_pages.h needs.
#include "vector_pages.h"

/// Lays the numbers of a group's queries out in `state` and in the scratch behind both states.
static group_work group_in(const apus_attention *work, uint32_t number, float *state) {
  const size_t queries = (size_t)work->rows * work->heads, length = work->head_length;
  const size_t values = apus_value_length(apus_lengths_of(work));
  const uint32_t start = number * APUS_GROUP;
  const size_t row = start < work->first_limit ? 0 : start - work->first_limit + 1;
  float *rest = work->scratch + 2 * queries * (values + 2);
  float *scores = rest + queries * (length / 2), *widened = scores + queries * APUS_GROUP;
  return (group_work){
    work,   (uint32_t *)rest,         scores,
    state,  state + queries * values, state + queries * (values + 1),
    start,  row * work->heads,        queries_before(work, start + APUS_GROUP),
    values, (uint8_t *)widened,       (uint8_t *)(widened + APUS_PAGE / 2 * length),
  };
}

static void attend_group(const apus_attention *work, uint32_t number, float *state) {
#define VISIT_ENTRY(FORMAT) [FORMAT] = visit_group_##FORMAT,
  static void (*const by_format[])(const group_work *) = {APUS_EACH_CACHE_FORMAT(VISIT_ENTRY)};
  group_work group = group_in(work, number, state);
  if (group.first >= group.end) return;
  const size_t length = group.value_length;
  for (size_t i = group.first * length; i < group.end * length; i++) group.out[i] = 0;
  round_queries(&group);
  by_format[work->format](&group);
}

/// Whether a query sees nothing of the groups before.
APUS_INLINE bool starts_in(const group_work *group, size_t query) {
  const apus_attention *work = group->work;
  const size_t limit = work->first_limit + query / work->heads;
  return work->window > 0 && limit >= (size_t)group->start + work->window;
}

/// Merges the state of group `number` into that of the groups before.
static void merge_group(const apus_attention *work, uint32_t number, float *into, float *from) {
  const group_work all = group_in(work, number, into), one = group_in(work, number, from);
  const size_t length = all.value_length;
  for (size_t query = all.first; query < all.end; query++) {
    if (starts_in(&one, query)) {
      all.greatest[query] = one.greatest[query], all.sum[query] = one.sum[query];
      __builtin_memcpy(all.out + query * length, one.out + query * length, length * sizeof(float));
      continue;
    }
    float most = all.greatest[query];
    if (one.greatest[query] > most) most = one.greatest[query];
    v16f factors = {all.greatest[query] - most, one.greatest[query] - most};
    factors = exp16(factors);
    const float old = factors[0], new = factors[1];
    all.greatest[query] = most;
    all.sum[query] = __builtin_fmaf(one.sum[query], new, all.sum[query] * old);
    for (size_t d = query * length; d < (query + 1) * length; d += 16) {
      store(all.out + d, fma16(load(one.out + d), new, load(all.out + d) * old));
    }
  }
}

/// Adds a logit without a value.
static void add_sink(const group_work *all, size_t query, float sink) {
  const size_t length = all->value_length;
  const float most = sink > all->greatest[query] ? sink : all->greatest[query];
  v16f factors = {all->greatest[query] - most, sink - most};
  factors = exp16(factors);
  all->sum[query] = __builtin_fmaf(all->sum[query], factors[0], factors[1]);
  for (size_t d = query * length; d < (query + 1) * length; d += 16) {
    store(all->out + d, load(all->out + d) * factors[0]);
  }
}

static void write_results(const apus_attention *work, float *state) {
  const group_work all = group_in(work, 0, state);
  const size_t length = all.value_length, queries = (size_t)work->rows * work->heads;
  for (size_t query = 0; query < queries; query++) {
    if (work->sinks != NULL) add_sink(&all, query, work->sinks[query % work->heads]);
    float *to = work->out + query / work->heads * work->out_stride + query % work->heads * length;
    for (size_t d = 0; d < length; d += 16) {
      store(to + d, load(all.out + query * length + d) / all.sum[query]);
    }
  }
}

static void merge_groups(const apus_attention *work, float *states, size_t stride) {
  const apus_group_range groups = apus_attention_groups(work);
  for (uint32_t g = groups.first + 1; g < groups.end; g++) {
    merge_group(work, g, states, states + (g - groups.first) * stride);
  }
  write_results(work, states);
}

static void attend(const apus_attention *work) {
  float *all = work->scratch;
  const size_t values = apus_value_length(apus_lengths_of(work));
  float *one = all + apus_attention_state(work->rows, work->heads, values);
  const apus_group_range groups = apus_attention_groups(work);
  attend_group(work, groups.first, all);
  for (uint32_t g = groups.first + 1; g < groups.end; g++) {
    attend_group(work, g, one);
    merge_group(work, g, all, one);
  }
  write_results(work, all);
}
