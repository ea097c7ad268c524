// The kernels of layers with a state: those of a table have the plain table's bits, rows that come one by one
// give the bits of rows that come together, and the plain ones are near sums in double precision.
#include "support.h"

/// Rows of a sequence, the memory of a state and results, twice.
typedef struct {
  guarded rows[2], state[2], out[2];
  size_t row_bytes, state_bytes, out_bytes;
} twins;

static twins make_twins(size_t rows, size_t state, size_t out) {
  twins t = {.row_bytes = rows * 4, .state_bytes = state * 4, .out_bytes = out * 4};
  t.rows[0] = guard_floats(rows, 1), t.rows[1] = guard_copy(t.rows[0], t.row_bytes);
  t.state[0] = guard_floats(state, 1), t.state[1] = guard_copy(t.state[0], t.state_bytes);
  t.out[0] = guard(t.out_bytes), t.out[1] = guard(t.out_bytes);
  return t;
}

static void check_twins(twins t, const char *name, const char *what, size_t size) {
  CHECK(same(t.rows[0].data, t.rows[1].data, t.row_bytes / 4), "%s %s rows %zu", name, what, size);
  CHECK(same(t.state[0].data, t.state[1].data, t.state_bytes / 4), "%s %s state %zu", name, what,
        size);
  CHECK(same(t.out[0].data, t.out[1].data, t.out_bytes / 4), "%s %s %zu", name, what, size);
  for (int i = 0; i < 2; i++) release(t.rows[i]), release(t.state[i]), release(t.out[i]);
}

enum { T = 5 };

/// All rows together on one table, one by one on the other.
#define IN_PARTS(CALL)                               \
  for (int i = 0; i < 2; i++) {                      \
    const apus_kernels *one = i == 0 ? table : plain; \
    for (size_t first = 0; first < T; first += i == 0 ? T : 1) CALL; \
  }

static void test_convolution(const apus_kernels *plain, const apus_kernels *table, size_t channels,
                             size_t length) {
  size_t stride = 3 * channels;
  twins t = make_twins(T * stride, (length - 1) * channels, 1);
  guarded weights = guard_floats(length * channels, 1), bias = guard_floats(channels, 1);
  bool all = length % 2 == 1;
  IN_PARTS({
    float *x = (float *)t.rows[i].data + first * stride;
    one->convolve(&(apus_convolution){x, stride, i == 0 ? T : 1, channels, length, t.state[i].data,
                                      channels, weights.data, channels, all ? bias.data : NULL,
                                      all ? x + channels : NULL, all ? x + 2 * channels : NULL,
                                      !all});
  })
  check_twins(t, table->name, "convolve", channels);
  release(weights), release(bias);
}

static void test_state_spaces(const apus_kernels *plain, const apus_kernels *table, size_t length) {
  enum { STATES = 7 };
  size_t stride = length + 2 * STATES + 1;
  twins t = make_twins(T * stride, STATES * length, T * length);
  IN_PARTS({
    float *x = (float *)t.rows[i].data + first * stride;
    float *out = (float *)t.out[i].data + first * length;
    one->advance_head(&(apus_state_space_head){x, x + length, x + length + STATES,
                                               x + length + 2 * STATES, stride, i == 0 ? T : 1,
                                               length, STATES, -0.5f, 0.75f, t.state[i].data, out,
                                               length});
  })
  check_twins(t, table->name, "advance_head", length);
  stride = 2 * length + 2 * STATES;
  t = make_twins(T * stride, STATES * length, T * length);
  guarded decay = guard_floats(STATES * length, 1), skip = guard_floats(length, 1);
  IN_PARTS({
    float *x = (float *)t.rows[i].data + first * stride;
    float *out = (float *)t.out[i].data + first * length;
    one->advance_channels(&(apus_state_space_channels){
      x, stride, x + length, stride, x + 2 * length, x + 2 * length + STATES, stride,
      i == 0 ? T : 1, length, STATES, decay.data, skip.data, t.state[i].data, length, out, length});
  })
  check_twins(t, table->name, "advance_channels", length);
  release(decay), release(skip);
}

static void test_delta(const apus_kernels *plain, const apus_kernels *table, size_t length) {
  enum { KEYS = 9 };
  size_t stride = length + 2 * KEYS + 2;
  twins t = make_twins(T * stride, KEYS * length, T * length);
  IN_PARTS({
    float *x = (float *)t.rows[i].data + first * stride;
    float *out = (float *)t.out[i].data + first * length;
    one->advance_delta(&(apus_delta_head){x, x + KEYS, x + 2 * KEYS, x + 2 * KEYS + length,
                                          x + 2 * KEYS + length + 1, stride, i == 0 ? T : 1, KEYS,
                                          length, -0.5f, t.state[i].data, out, length});
  })
  check_twins(t, table->name, "advance_delta", length);
}

static void test_softplus(const apus_kernels *plain, const apus_kernels *table, size_t n) {
  static const float strange[] = {0, -0.0f, 87.4f, -87.4f, 200, -200, 3e38f, -3e38f, INFINITY, NAN};
  guarded x = guard_floats(n, 30), bias = guard_floats(n, 1);
  for (size_t i = 0; i < n; i++) {
    if (next_random() % 4 == 0) ((float *)x.data)[i] = strange[next_random() % 10];
  }
  guarded y = guard_copy(x, n * 4);
  table->softplus(x.data, bias.data, n), plain->softplus(y.data, bias.data, n);
  CHECK(same(x.data, y.data, n), "%s softplus %zu", table->name, n);
  table->softplus(x.data, NULL, n), plain->softplus(y.data, NULL, n);
  CHECK(same(x.data, y.data, n), "%s softplus %zu without bias", table->name, n);
  guarded other = guard_floats(n, 1), copy = guard_copy(other, n * 4);
  table->sigmoid_gate(other.data, x.data, n), plain->sigmoid_gate(copy.data, x.data, n);
  CHECK(same(other.data, copy.data, n), "%s sigmoid_gate %zu", table->name, n);
  release(other), release(copy);
  release(x), release(y), release(bias);
}

void test_recurrence(const apus_kernels *plain, const apus_kernels *table) {
  for (size_t n = 1; n < 84; n++) {
    test_softplus(plain, table, n);
    for (size_t length = 1; length < 6; length++) test_convolution(plain, table, n, length);
    test_state_spaces(plain, table, n);
    test_delta(plain, table, n);
  }
  test_convolution(plain, table, 33, APUS_LONGEST_CONVOLUTION);
}

void test_recurrence_definitions(const apus_kernels *plain) {
  for (int i = -3000; i <= 3000; i++) {
    float x = (float)i * 0.01f, y = x;
    plain->softplus(&y, NULL, 1);
    double exact = log1p(exp(-fabs((double)x))) + (x > 0 ? x : 0);
    CHECK(fabs(y - exact) <= 5e-7 * exact + 1e-37, "softplus of %g is %g, not %g", x, y, exact);
  }
  float gated = 3;
  plain->sigmoid_gate(&gated, &(float){0.5f}, 1);
  CHECK(fabs(gated - 3 / (1 + exp(-0.5))) < 1e-6, "sigmoid_gate gives %g", gated);
  // One number in a state, by hand.
  float state = 2, out, row[] = {3, 0.5f, 0.25f, 0.125f};
  plain->advance_head(&(apus_state_space_head){row, row + 1, row + 2, row + 3, 4, 1, 1, 1, -2, 10,
                                               &state, &out, 1});
  CHECK(fabs(state - (2 * exp(-0.25) + 0.5 * 0.375)) < 1e-6, "the state is %g", state);
  CHECK(fabs(out - (0.25 * state + 30)) < 1e-5, "the result is %g", out);
  state = 2;
  const float decay = -2, skip = 10;
  plain->advance_channels(&(apus_state_space_channels){row, 4, row + 3, 4, row + 1, row + 2, 4, 1, 1,
                                                       1, &decay, &skip, &state, 1, &out, 1});
  CHECK(fabs(state - (2 * exp(-0.25) + 0.5 * 0.375)) < 1e-6, "the state is %g", state);
  CHECK(fabs(out - (0.25 * state + 30)) < 1e-5, "the result is %g", out);
  state = 2;
  float words[] = {0.5f, 0.25f, 3, -1, 0.125f};
  plain->advance_delta(&(apus_delta_head){words, words + 1, words + 2, words + 3, words + 4, 5, 1, 1,
                                          1, -2, &state, &out, 1});
  double kept = 2 * exp(-0.25), d = (3 - 0.25 * kept) / (1 + exp(1));
  CHECK(fabs(state - (kept + 0.25 * d)) < 1e-6, "the state is %g", state);
  CHECK(fabs(out - 0.5 * state) < 1e-6, "the result is %g", out);
}
