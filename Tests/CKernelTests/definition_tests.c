// The plain kernels against the same mathematics in double precision.
#include "support.h"

/// Whether y is within `relative` of the magnitude given.
static bool near(double x, double y, double magnitude, double relative) {
  return fabs(x - y) <= relative * magnitude;
}

static void test_exp(void) {
  double worst = 0;
  for (float x = -87.3f; x < 88.72f; x += 0.00371f) {
    double truth = exp((double)x), ulp = ldexp(1, ilogb(truth) - 23);
    double error = fabs((double)apus_exp(x) - truth) / ulp;
    if (error > worst) worst = error;
  }
  CHECK(worst <= 2, "exp is off by %f ulp", worst);
  CHECK(apus_exp(0) == 1 && apus_exp(-0.0f) == 1, "exp(0)");
  CHECK(apus_exp(-87.31f) == 0 && apus_exp(-INFINITY) == 0, "exp of the very negative");
  CHECK(isinf(apus_exp(88.73f)) && isinf(apus_exp(INFINITY)), "exp of the very large");
  CHECK(isfinite(apus_exp(88.7228317f)) && isnan(apus_exp(NAN)), "exp at the edge, exp(NaN)");
}

static void test_norm(const apus_kernels *plain) {
  enum { N = 77 };
  float x[N], y[N], out[N];
  fill(x, N, 5), fill(y, N, 3);
  double squares = 0;
  for (int i = 0; i < N; i++) squares += (double)x[i] * x[i];
  plain->rms_norm(x, y, out, N, 1e-5f);
  for (int i = 0; i < N; i++) {
    double truth = x[i] / sqrt(squares / N + 1e-5) * y[i];
    CHECK(near(out[i], truth, fabs(truth), 1e-6), "rms_norm %d: %g, not %g", i, out[i], truth);
  }
}

static void test_layer_norm(const apus_kernels *plain) {
  enum { N = 77 };
  float x[N], y[N], z[N], out[N];
  fill(x, N, 5), fill(y, N, 3), fill(z, N, 1);
  double sum = 0, squares = 0;
  for (int i = 0; i < N; i++) x[i] += 2, sum += x[i];
  for (int i = 0; i < N; i++) squares += (x[i] - sum / N) * (x[i] - sum / N);
  for (int round = 0; round < 4; round++) {
    const float *weight = round % 2 ? y : NULL, *bias = round > 1 ? z : NULL;
    plain->layer_norm(x, weight, bias, out, N, 1e-5f);
    for (int i = 0; i < N; i++) {
      double truth = (x[i] - sum / N) / sqrt(squares / N + 1e-5);
      if (weight != NULL) truth *= y[i];
      if (bias != NULL) truth += z[i];
      CHECK(near(out[i], truth, 1, 4e-6), "layer_norm %d: %g, not %g", i, out[i], truth);
    }
  }
}

static double true_activation(apus_activation_kind kind, double x) {
  switch (kind) {
    case APUS_SILU: return x / (1 + exp(-x));
    case APUS_GELU: return x / 2 * erfc(-x / sqrt(2));
    case APUS_GELU_TANH: return x / (1 + exp(-2 * sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case APUS_RELU: return x > 0 ? x : 0;
    case APUS_RELU_SQUARED: return x > 0 ? x * x : 0;
  }
}

static float activated(const apus_kernels *plain, apus_activation_kind kind, float x) {
  float out;
  plain->gated(kind, &x, NULL, &out, 1);
  return out;
}

static void test_activations(const apus_kernels *plain) {
  for (apus_activation_kind kind = APUS_SILU; kind <= APUS_RELU_SQUARED; kind++) {
    double worst = 0;
    for (float x = -12; x < 12; x += 0.000371f) {
      double error = fabs(activated(plain, kind, x) - true_activation(kind, x));
      if (kind == APUS_SILU) error /= fmax(1, fabsf(x));
      if (kind == APUS_RELU_SQUARED) error /= 1 + x * x;
      if (error > worst) worst = error;
    }
    CHECK(worst <= 1e-6, "activation %d is off by %g", kind, worst);
    CHECK(isnan(activated(plain, kind, NAN)), "activation %d of NaN", kind);
    CHECK(activated(plain, kind, 0) == 0, "activation %d of 0", kind);
    float large = activated(plain, kind, 1e30f), infinite = activated(plain, kind, INFINITY);
    CHECK(kind == APUS_RELU_SQUARED || large == 1e30f, "activation %d of 1e30: %g", kind, large);
    CHECK(infinite == INFINITY, "activation %d of infinity: %g", kind, infinite);
    CHECK(fabsf(activated(plain, kind, -1e30f)) == 0, "activation %d of -1e30", kind);
    CHECK(kind == APUS_SILU || activated(plain, kind, -INFINITY) == 0,
          "activation %d of minus infinity", kind);
  }
  CHECK(near(activated(plain, APUS_GELU, 2), 1.9544997, 1, 5e-7), "gelu(2)");
  CHECK(near(activated(plain, APUS_GELU_TANH, 2), 1.9545977, 1, 5e-7), "gelu by tanh (2)");
  float gate[] = {-1.5f, 2, 0.25f}, up[] = {3, -0.5f, 7}, out[3];
  plain->gated(APUS_RELU_SQUARED, gate, up, out, 3);
  CHECK(out[0] == 0 && out[1] == -2 && out[2] == 0.4375f, "a gate's partner");
}

static void test_tanh_and_erf(const apus_kernels *plain) {
  double worst = 0, worst_erf = 0;
  for (float x = 1e-6f; x < 12; x += x < 0.01f ? x / 64 : 0.000371f) {
    double truth = tanh((double)x), ulp = ldexp(1, ilogb(truth) - 23);
    worst = fmax(worst, fabs(apus_tanh(x) - truth) / ulp);
    worst_erf = fmax(worst_erf, fabs(apus_erf(x) - erf((double)x)));
    CHECK(apus_tanh(-x) == -apus_tanh(x) && apus_erf(-x) == -apus_erf(x), "not odd at %g", x);
  }
  CHECK(worst <= 3, "tanh is off by %f ulp", worst);
  CHECK(worst_erf <= 1.5e-7, "erf is off by %g", worst_erf);
  CHECK(apus_tanh(INFINITY) == 1 && apus_tanh(-INFINITY) == -1, "limits of tanh");
  CHECK(apus_erf(INFINITY) == 1 && apus_erf(-INFINITY) == -1, "limits of erf");
  CHECK(isnan(apus_tanh(NAN)) && isnan(apus_erf(NAN)), "tanh or erf of NaN");
  CHECK(apus_tanh(1e-40f) == 1e-40f && apus_tanh(0) == 0, "tanh of the very small");
  float x[] = {-INFINITY, -100, 0, 1, 30, 1e30f, NAN};
  plain->soft_cap(x, 7, 30);
  CHECK(x[0] == -30 && near(x[1], 30 * tanh(-100 / 30.0), 30, 3e-7) && x[2] == 0 && x[5] == 30,
        "a soft cap's limits");
  CHECK(near(x[3], 30 * tanh(1 / 30.0), 1, 3e-7) && near(x[4], 30 * tanh(1), 30, 3e-7) &&
        isnan(x[6]), "a soft cap");
}

static void test_rotation(const apus_kernels *plain) {
  for (int interleaved = 0; interleaved < 2; interleaved++) {
    float x[10], before[10], cosines[4], sines[4];
    fill(x, 10, 1);
    memcpy(before, x, sizeof x);
    for (int i = 0; i < 4; i++) cosines[i] = cosf((float)i + 1), sines[i] = sinf((float)i + 1);
    plain->rotate(x, 1, 10, 8, cosines, sines, interleaved);
    CHECK(x[8] == before[8] && x[9] == before[9], "rotate went too far");
    for (int i = 0; i < 4; i++) {
      int a = interleaved ? 2 * i : i, b = interleaved ? a + 1 : i + 4;
      double c = cosines[i], s = sines[i];
      CHECK(near(x[a], before[a] * c - before[b] * s, 1, 2e-7), "rotate a %d", i);
      CHECK(near(x[b], before[a] * s + before[b] * c, 1, 2e-7), "rotate b %d", i);
    }
  }
}

static void test_rounding(const apus_kernels *plain) {
  enum { K = 320 };
  float row[K];
  guarded_activations a = guard_activations(1, K);
  fill(row, K, 7);
  row[K - 1] = NAN;
  plain->quantize_row(row, 0, &a.view);
  for (int b = 0; b < K / 32 - 1; b++) {
    int sum = 0, half = 0, largest = 0;
    for (int i = 32 * b; i < 32 * b + 32; i++) {
      int value = rounded_value(&a.view, 0, (size_t)i);
      int low = a.view.digits[i + 32 * b + 32];
      sum += value;
      if (i % 32 < 16) half += value;
      if (value > largest || -value > largest) largest = value < 0 ? -value : value;
      double scale = a.view.scales[b];
      // Half a step, and what float32 adds to the quotient where it has 14 bits.
      CHECK(near(scale * value, row[i], scale, 0.503), "activation %d", i);
      CHECK(low >= -64 && low <= 63, "low digit %d is %d", i, low);
    }
    CHECK(sum == a.view.sums[b] && largest == 16319, "block %d: sum %d, largest %d", b, sum,
          largest);
    CHECK(a.view.half_sums[2 * b] == half && a.view.half_sums[2 * b + 1] == sum - half,
          "half sums of block %d", b);
    CHECK(a.view.scaled_sums[b] == a.view.scales[b] * (float)sum, "scaled sum %d", b);
  }
  int last = K / 32 - 1;
  CHECK(isnan(a.view.scales[last]) && isnan(a.view.scaled_sums[last]), "NaN is lost");
  CHECK(a.view.half_sums[2 * last] == 0 && a.view.half_sums[2 * last + 1] == 0, "halves of a NaN");
  CHECK(a.view.sums[last] == 0 && rounded_value(&a.view, 0, K - 2) == 0, "values beside a NaN");
  release_activations(a);
}

/// Attention of one query by the textbook over keys and values kept as floats; `bound` is what rounding
/// each p to eight bits may change.
static void attend_exactly(const apus_attention *work, int q, const float *keys,
                           const float *values, double *out, double *bound) {
  const int length = (int)work->head_length, head = q % (int)work->heads;
  const int count = (int)work->first_limit + q / (int)work->heads, window = (int)work->window;
  const int first = window > 0 && count > window ? count - window : 0;
  double p[count], sum = work->sinks != NULL ? exp((double)work->sinks[head]) : 0;
  for (int j = first; j < count; j++) {
    double score = 0;
    for (int d = 0; d < length; d++) {
      score += (double)work->queries[q * length + d] * keys[j * length + d];
    }
    score *= work->scale;
    if (work->cap > 0) score = work->cap * tanh(score / work->cap);
    if (work->slopes != NULL) score -= (double)work->slopes[head] * (count - 1 - j);
    p[j] = exp(score);
    sum += p[j];
  }
  for (int d = 0; d < length; d++) {
    out[d] = bound[d] = 0;
    for (int j = first; j < count; j++) {
      double part = p[j] * values[j * length + d] / sum;
      out[d] += part;
      bound[d] += fabs(part) * 0x1p-8;
    }
  }
}

/// Makes numbers that a format keeps exactly.
static void make_exact(float *x, size_t n, size_t length, apus_cache_format format) {
  float step = 1;
  fill(x, n, 1);
  for (size_t i = 0; i < n; i++) {
    if (format == APUS_CACHE_BFLOAT16) {  // eight bits
      x[i] = roundf(x[i] * 128) / 128;
    } else {  // up to 127 times a power of two of the vector's own
      if (i % length == 0) step = ldexpf(1, -6 - (int)(next_random() % 3));
      x[i] = i % length == 5 ? 127 * step : roundf(x[i] * 127) * step;
    }
  }
}

/// `latent` is the elements of a key that are its value: all or none.
static void test_attention_truth(const apus_kernels *plain, apus_cache_format format,
                                 uint32_t latent) {
  enum { D = 16, COUNT = 587, HEADS = 2, ROWS = 3, PART = 2 * D * 32 * 2, PAGES = 19 };
  _Alignas(64) static uint8_t pages[PAGES][PART];
  static float keys[COUNT * D], values[COUNT * D], scratch[ROWS * HEADS * (2 * (D + 2) + D / 2 + 256) + 16 * D];
  int32_t order[PAGES];
  float queries[ROWS * HEADS * D], out[ROWS * HEADS * D];
  for (int i = 0; i < PAGES; i++) order[i] = i * 7 % PAGES;
  make_exact(queries, ROWS * HEADS * D, D, APUS_CACHE_BFLOAT16);
  make_exact(keys, COUNT * D, D, format), make_exact(values, COUNT * D, D, format);
  if (latent > 0) memcpy(values, keys, sizeof values);
  for (int j = 0; j < COUNT; j++) {
    apus_page_part part = {pages[order[j / 32]], format, D, latent};
    plain->append_position(keys + j * D, values + j * D, part, (size_t)j % 32);
  }
  apus_attention work = {queries, HEADS * D, out, HEADS * D, ROWS, HEADS, D, COUNT - ROWS + 1,
                         format, pages[0], PART, 0, order, 0.25f, scratch};
  work.latent_length = latent;
  CHECK(sizeof scratch / 4 == apus_attention_scratch(ROWS, HEADS, D, 0), "scratch");
  // As it is; sinks and a cap that count; windows within a group and across one; slopes.
  static const float sinks[HEADS] = {3, -0.5f}, slopes[HEADS] = {0.25f, 0.0039f};
  for (int round = 0; round < 5; round++) {
    work.sinks = round % 2 ? sinks : NULL;
    work.cap = round % 2 ? 0.75f : 0;
    work.window = round < 2 || round == 4 ? 0 : round == 2 ? 33 : 300;
    work.slopes = round == 4 ? slopes : NULL;
    plain->attend(&work);
    for (int q = 0; q < ROWS * HEADS; q++) {
      double truth[D], bound[D];
      attend_exactly(&work, q, keys, values, truth, bound);
      for (int d = 0; d < D; d++) {
        CHECK(fabs(out[q * D + d] - truth[d]) <= bound[d] + 1e-6,
              "format %d, round %d, attend %d: %g, not %g", format, round, q, out[q * D + d],
              truth[d]);
      }
    }
  }
}

/// A key or value of NaN makes every result that sees it NaN, and no other.
static void test_attention_nan(const apus_kernels *plain, apus_cache_format format) {
  enum { D = 16, PART = 2 * D * 32 * 2 };
  static uint8_t page[PART];
  static const int32_t order[] = {0};
  float query[2 * D], good[D], bad[D], out[2 * D], scratch[2 * (2 * (D + 2) + D / 2 + 256) + 16 * D];
  for (int in_key = 0; in_key < 2; in_key++) {
    fill(query, 2 * D, 1), fill(good, D, 1), fill(bad, D, 1);
    for (int d = 0; d < D; d++) bad[d] = NAN;
    apus_page_part part = {page, format, D};
    plain->append_position(good, good, part, 0);
    plain->append_position(in_key ? bad : good, in_key ? good : bad, part, 1);
    apus_attention work = {query, D, out, D, 2, 1, D, 1, format, page, PART, 0, order, 1, scratch};
    plain->attend(&work);
    bool finite = apus_all_finite(out, D), hidden = false;
    for (int d = D; d < 2 * D; d++) hidden |= !isnan(out[d]);
    CHECK(finite && !hidden, "format %d: NaN in a %s", format, in_key ? "key" : "value");
  }
}

/// A window leaves out the groups that end before it.
static void test_groups(void) {
  static const struct {
    uint32_t window, first;
  } cases[] = {{0, 0}, {1, 3}, {232, 3}, {233, 2}, {488, 2}, {489, 1}, {1000, 0}, {UINT32_MAX, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    apus_attention work = {.rows = 4, .first_limit = 1000, .window = cases[i].window};
    apus_group_range groups = apus_attention_groups(&work);
    CHECK(groups.first == cases[i].first && groups.end == 4, "window %u: groups %u ..< %u",
          work.window, groups.first, groups.end);
  }
}

void test_definitions(const apus_kernels *plain) {
  test_exp();
  test_norm(plain);
  test_layer_norm(plain);
  test_activations(plain);
  test_tanh_and_erf(plain);
  test_rotation(plain);
  test_rounding(plain);
  test_groups();
  for (apus_cache_format format = APUS_CACHE_BFLOAT16; format <= APUS_CACHE_INT8; format++) {
    test_attention_truth(plain, format, 0);
    test_attention_truth(plain, format, 16);
    test_attention_nan(plain, format);
  }
}
