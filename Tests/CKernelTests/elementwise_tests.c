// The element-wise kernels of a table have the plain table's bits at every length.
#include "support.h"

static const float strange[] = {0, -0.0f, 1e-39f, 88.72f, -87.3f, -200, 200, 3e38f, -3e38f, 1e-20f};

static void put_strange(float *x, size_t n, int round) {
  for (size_t i = 0; round > 0 && i < n; i++) {
    if (next_random() % 3 == 0) x[i] = strange[next_random() % 10];
  }
  if (round == 2) x[next_random() % n] = INFINITY;
  if (round == 3) x[next_random() % n] = NAN;
}

static void test_length(const apus_kernels *plain, const apus_kernels *table, size_t n, int round) {
  size_t bytes = n * sizeof(float);
  guarded x = guard_floats(n, 8), y = guard_floats(n, 2), a = guard(bytes), b = guard(bytes);
  put_strange(x.data, n, round);
  table->rms_norm(x.data, y.data, a.data, n, 1e-5f);
  plain->rms_norm(x.data, y.data, b.data, n, 1e-5f);
  CHECK(same(a.data, b.data, n), "%s rms_norm %zu round %d", table->name, n, round);
  for (int parts = 0; parts < 4; parts++) {
    const float *weight = parts % 2 ? y.data : NULL, *bias = parts > 1 ? y.data : NULL;
    table->layer_norm(x.data, weight, bias, a.data, n, 1e-5f);
    plain->layer_norm(x.data, weight, bias, b.data, n, 1e-5f);
    CHECK(same(a.data, b.data, n), "%s layer_norm %d, %zu round %d", table->name, parts, n, round);
  }
  for (apus_activation_kind kind = APUS_SILU; kind <= APUS_RELU_SQUARED; kind++) {
    for (int has_up = 0; has_up < 2; has_up++) {
      table->gated(kind, x.data, has_up ? y.data : NULL, a.data, n);
      plain->gated(kind, x.data, has_up ? y.data : NULL, b.data, n);
      CHECK(same(a.data, b.data, n), "%s activation %d, gate %d, %zu round %d", table->name, kind,
            has_up, n, round);
    }
  }
  memcpy(a.data, x.data, bytes), memcpy(b.data, x.data, bytes);
  table->soft_cap(a.data, n, 3), plain->soft_cap(b.data, n, 3);
  CHECK(same(a.data, b.data, n), "%s soft_cap %zu round %d", table->name, n, round);
  table->clamp(a.data, n, 1.5f), plain->clamp(b.data, n, 1.5f);
  CHECK(same(a.data, b.data, n), "%s clamp %zu round %d", table->name, n, round);
  table->add(a.data, y.data, n), plain->add(b.data, y.data, n);
  CHECK(same(a.data, b.data, n), "%s add %zu round %d", table->name, n, round);
  table->scale(a.data, n, 0.7f), plain->scale(b.data, n, 0.7f);
  CHECK(same(a.data, b.data, n), "%s scale %zu round %d", table->name, n, round);
  release(x), release(y), release(a), release(b);
}

/// What sampling asks of logits, some of them impossible or broken.
static void test_logits(const apus_kernels *plain, const apus_kernels *table, size_t n) {
  static const float odd[] = {-INFINITY, NAN, INFINITY, -1e30f, 0};
  size_t blocks = (n + 63) / 64;
  guarded x = guard_floats(n, 20), a = guard(n * 4), b = guard(n * 4);
  guarded sums = guard(blocks * 4), others = guard(blocks * 4);
  for (int round = 0; round < 8; round++) {
    float *data = x.data;
    if (round > 0) data[next_random() % n] = odd[round % 5];
    size_t best = plain->survey(data, n, NULL, others.data);
    CHECK(table->survey(data, n, NULL, sums.data) == best, "%s survey %zu", table->name, n);
    CHECK(same(sums.data, others.data, blocks), "%s maxima %zu", table->name, n);
    apus_weighing how = {best < n ? data[best] : 0, round == 7 ? 3e38f : 0.7f};
    table->weigh(data, n, NULL, how, a.data, sums.data);
    plain->weigh(data, n, NULL, how, b.data, others.data);
    CHECK(same(a.data, b.data, n) && same(sums.data, others.data, blocks), "%s weigh %zu round %d",
          table->name, n, round);
  }
  release(x), release(a), release(b), release(sums), release(others);
}

/// Some of the logits count: the same as if the others were minus infinity.
static void test_allowed(const apus_kernels *table, size_t n, int round) {
  size_t blocks = (n + 63) / 64;
  guarded x = guard_floats(n, 20), y = guard_copy(x, n * 4), a = guard(n * 4), b = guard(n * 4);
  guarded sums = guard(blocks * 4), others = guard(blocks * 4), allowed = guard(blocks * 8);
  float *data = x.data, *filled = y.data;
  uint64_t *bits = allowed.data;
  for (size_t i = 0; i < blocks; i++) {
    uint64_t word = (uint64_t)next_random() << 32 ^ (uint64_t)next_random();
    bits[i] = round == 0 ? 0 : round == 1 ? UINT64_MAX : round == 2 ? 1ull << word % 64 : word;
    if (round == 3 && i % 2 == 0) bits[i] = 0;
  }
  for (size_t i = 0; i < n; i++) {
    if (bits[i / 64] >> i % 64 & 1) continue;
    filled[i] = -INFINITY;
    // What is not allowed is not looked at.
    if (next_random() % 4 == 0) data[i] = next_random() % 2 == 0 ? NAN : INFINITY;
  }
  size_t best = table->survey(filled, n, NULL, others.data);
  CHECK(table->survey(data, n, bits, sums.data) == best, "%s survey of some %zu", table->name, n);
  CHECK(same(sums.data, others.data, blocks), "%s maxima of some %zu", table->name, n);
  apus_weighing how = {best < n ? filled[best] : 0, 0.7f};
  table->weigh(filled, n, NULL, how, b.data, others.data);
  table->weigh(data, n, bits, how, a.data, sums.data);
  CHECK(same(sums.data, others.data, blocks), "%s sums of some %zu", table->name, n);
  for (size_t i = 0; i < blocks; i++) {
    float *some = (float *)a.data + 64 * i, *all = (float *)b.data + 64 * i;
    size_t count = n - 64 * i < 64 ? n - 64 * i : 64;
    CHECK(bits[i] == 0 || same(some, all, count), "%s weigh some %zu", table->name, n);
  }
  release(x), release(y), release(a), release(b);
  release(sums), release(others), release(allowed);
}

static void test_ties(const apus_kernels *table, size_t n) {
  guarded x = guard_floats(n, 1), maxima = guard((n + 63) / 64 * sizeof(float));
  float *data = x.data;
  size_t first = next_random() % n, second = next_random() % n;
  data[first] = data[second] = 2;
  size_t best = table->survey(data, n, NULL, maxima.data);
  CHECK(best == (first < second ? first : second), "%s tie", table->name);
  for (size_t i = 0; i < n; i++) data[i] = -1e30f;
  CHECK(table->survey(data, n, NULL, maxima.data) == 0, "%s all the same", table->name);
  data[n - 1] = NAN;
  CHECK(table->survey(data, n, NULL, maxima.data) == n, "%s NaN", table->name);
  release(x), release(maxima);
}

static void test_rotation(const apus_kernels *plain, const apus_kernels *table, size_t dimensions,
                          bool interleaved) {
  size_t heads = 3, length = dimensions + next_random() % 3, n = heads * length;
  guarded x = guard_floats(n, 1), y = guard_copy(x, n * sizeof(float));
  guarded cosines = guard_floats(dimensions / 2, 1), sines = guard_floats(dimensions / 2, 1);
  table->rotate(x.data, heads, length, dimensions, cosines.data, sines.data, interleaved);
  plain->rotate(y.data, heads, length, dimensions, cosines.data, sines.data, interleaved);
  CHECK(same(x.data, y.data, n), "%s rotate %zu %d", table->name, dimensions, interleaved);
  release(x), release(y), release(cosines), release(sines);
}

void test_elementwise(const apus_kernels *plain, const apus_kernels *table) {
  for (size_t n = 1; n <= 150; n++) {
    for (int round = 0; round < 4; round++) test_length(plain, table, n, round);
    test_ties(table, n);
    test_logits(plain, table, n);
    for (int round = 0; round < 6; round++) {
      test_allowed(plain, n, round);
      test_allowed(table, n, round);
    }
  }
  for (size_t dimensions = 2; dimensions <= 132; dimensions += 2) {
    test_rotation(plain, table, dimensions, false);
    test_rotation(plain, table, dimensions, true);
  }
}
