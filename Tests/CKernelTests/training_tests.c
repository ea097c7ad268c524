// The kernels of training against their plain twins.
#include "support.h"

#include "ctraining.h"

enum { POSITIONS = 9 };

static guarded packed_copy(const apus_training_kernels *table, apus_view b, size_t k, size_t n) {
  const size_t columns = (n + table->panel - 1) / table->panel * table->panel;
  guarded packed = guard(k * columns * sizeof(float));
  table->pack(b, k, n, packed.data);
  return packed;
}

/// The product by one table, with the left matrix turned or not.
static guarded product(const apus_training_kernels *table, size_t m, size_t n, size_t k, guarded a,
                       guarded b, guarded before, bool turned) {
  guarded c = guard_copy(before, m * n * sizeof(float));
  guarded scratch = guard(APUS_MATMUL_SCRATCH * sizeof(float));
  const apus_view right = {b.data, turned ? 1 : n, turned ? k : 1};
  guarded packed = packed_copy(table, right, k, n);
  const apus_matmul work = {.rows = m, .columns = n, .depth = k,
                            .a = {a.data, turned ? 1 : k, turned ? m : 1},
                            .b = packed.data, .c = c.data, .c_row = n, .accumulates = !turned,
                            .scratch = scratch.data};
  table->multiply(&work);
  release(packed), release(scratch);
  return c;
}

static void test_products_of_training(const apus_training_kernels *plain,
                                      const apus_training_kernels *table) {
  static const size_t shapes[][3] = {{1, 1, 1},    {2, 16, 3},  {13, 31, 5},   {14, 32, 8},
                                     {15, 33, 9},  {6, 17, 257}, {29, 65, 255}, {64, 64, 64},
                                     {230, 48, 20}, {7, 129, 300}};
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    const size_t m = shapes[i][0], n = shapes[i][1], k = shapes[i][2];
    guarded a = guard_floats(m * k, 2), b = guard_floats(k * n, 2), c = guard_floats(m * n, 2);
    for (int turned = 0; turned < 2; turned++) {
      guarded one = product(plain, m, n, k, a, b, c, turned);
      guarded other = product(table, m, n, k, a, b, c, turned);
      CHECK(same(one.data, other.data, m * n), "product %zu %zu %zu", m, n, k);
      release(one), release(other);
    }
    release(a), release(b), release(c);
  }
}

static void test_norms_of_training(const apus_training_kernels *plain,
                                   const apus_training_kernels *table) {
  for (size_t width = 1; width < 70; width += 4) {
    guarded x = guard_floats(2 * width, 2), g = guard_floats(width, 2);
    guarded dy = guard_floats(2 * width, 2);
    guarded y[2], dx[2], dg[2];
    const apus_row_norm work = {2, width, x.data, g.data, 1e-5f};
    for (int i = 0; i < 2; i++) {
      const apus_training_kernels *kernels = i == 0 ? plain : table;
      y[i] = guard(2 * width * sizeof(float));
      dx[i] = guard_copy(dy, 2 * width * sizeof(float));
      dg[i] = guard_copy(g, width * sizeof(float));
      kernels->norm(&work, y[i].data);
      kernels->norm_backward(&work, dy.data, dx[i].data, dg[i].data);
    }
    CHECK(same(y[0].data, y[1].data, 2 * width), "norm of %zu", width);
    CHECK(same(dx[0].data, dx[1].data, 2 * width), "gradient of %zu", width);
    CHECK(same(dg[0].data, dg[1].data, width), "gradient of the factors of %zu", width);
    for (int i = 0; i < 2; i++) release(y[i]), release(dx[i]), release(dg[i]);
    release(x), release(g), release(dy);
  }
}

static void test_rows_of_training(const apus_training_kernels *plain,
                                  const apus_training_kernels *table) {
  for (size_t n = 1; n < 70; n += 3) {
    guarded source = guard_floats(n, 20), d = guard_floats(n, 2);
    guarded gate[2], up[2], out[2], first[2], second[2];
    double squares[2], chosen[2];
    for (int i = 0; i < 2; i++) {
      const apus_training_kernels *kernels = i == 0 ? plain : table;
      gate[i] = guard_copy(source, n * sizeof(float)), up[i] = guard_copy(d, n * sizeof(float));
      out[i] = guard(n * sizeof(float));
      first[i] = guard_copy(source, n * sizeof(float)), second[i] = guard(n * sizeof(float));
      kernels->swiglu(gate[i].data, up[i].data, out[i].data, n);
      kernels->swiglu_backward(gate[i].data, up[i].data, d.data, n);
      kernels->add(out[i].data, d.data, n);
      kernels->blend(out[i].data, 0.7f, source.data, -1.3f, n);
      squares[i] = kernels->sum_squares(source.data, n);
      const apus_adamw_constants constants = {0.3f, 0.9f, 0.1f,  0.95f, 0.05f,
                                              2.0f, 3.0f, 0.99f, 0.01f, 1e-8f};
      kernels->adamw(&constants, out[i].data, first[i].data, second[i].data, d.data, n);
      chosen[i] = kernels->cross_entropy(first[i].data, n, n / 2, 0.75f);
    }
    CHECK(same(gate[0].data, gate[1].data, n) && same(up[0].data, up[1].data, n), "swiglu %zu", n);
    CHECK(same(out[0].data, out[1].data, n) && same(second[0].data, second[1].data, n),
          "adamw %zu", n);
    CHECK(squares[0] == squares[1], "squares %zu", n);
    CHECK(chosen[0] == chosen[1] && same(first[0].data, first[1].data, n), "entropy %zu", n);
    for (int i = 0; i < 2; i++) {
      release(gate[i]), release(up[i]), release(out[i]), release(first[i]), release(second[i]);
    }
    release(source), release(d);
  }
}

static void test_rotation_of_training(const apus_training_kernels *plain,
                                      const apus_training_kernels *table) {
  for (size_t length = 16; length <= 64; length += 16) {
    guarded cosines = guard_floats(POSITIONS * length, 1), sines = guard_floats(POSITIONS * length, 1);
    guarded x = guard_floats(2 * 3 * length, 2), one = guard_copy(x, 6 * length * sizeof(float));
    const uint32_t positions[2] = {0, POSITIONS - 1};
    for (int inverse = 0; inverse < 2; inverse++) {
      const apus_rotation work = {2, 3, length, positions, cosines.data, sines.data, inverse};
      plain->rotate(&work, one.data);
      table->rotate(&work, x.data);
      CHECK(same(one.data, x.data, 6 * length), "rotation of %zu", length);
    }
    release(cosines), release(sines), release(x), release(one);
  }
}

/// Results of attention over three documents, forward and backward.
typedef struct {
  guarded out, states, q, k, v;
} attention_results;

enum { HEADS = 4, GROUPS = 2, LENGTH = 32, TOKENS = 131 };

static attention_results attend_documents(const apus_training_kernels *table, guarded q, guarded k,
                                          guarded v, guarded d) {
  uint32_t first[TOKENS];
  for (uint32_t i = 0; i < TOKENS; i++) first[i] = i < 3 ? 0 : i < 70 ? 3 : 70;
  const size_t query = TOKENS * HEADS * LENGTH * sizeof(float);
  const size_t key = TOKENS * GROUPS * LENGTH * sizeof(float);
  attention_results r = {guard(query), guard(2 * TOKENS * HEADS * sizeof(float)), guard(query),
                         guard(key), guard(key)};
  guarded scratch = guard(apus_training_attention_scratch(TOKENS, LENGTH) * sizeof(float));
  const apus_leaf_attention work = {.tokens = TOKENS, .query_heads = HEADS,
                                    .key_value_heads = GROUPS, .head_length = LENGTH,
                                    .first = first, .q = q.data, .k = k.data, .v = v.data,
                                    .out = r.out.data, .greatest = r.states.data,
                                    .inverse_sum = (float *)r.states.data + TOKENS * HEADS,
                                    .scratch = scratch.data};
  table->attend(&work);
  const apus_leaf_attention_gradients gradients = {d.data, r.q.data, r.k.data, r.v.data};
  table->attend_backward(&work, &gradients);
  release(scratch);
  return r;
}

static void test_attention_of_training(const apus_training_kernels *plain,
                                       const apus_training_kernels *table) {
  const size_t query = TOKENS * HEADS * LENGTH, key = TOKENS * GROUPS * LENGTH;
  guarded q = guard_floats(query, 2), k = guard_floats(key, 2), v = guard_floats(key, 2);
  guarded d = guard_floats(query, 2);
  attention_results a = attend_documents(plain, q, k, v, d);
  attention_results b = attend_documents(table, q, k, v, d);
  CHECK(same(a.out.data, b.out.data, query), "what attention gathers");
  CHECK(same(a.states.data, b.states.data, 2 * TOKENS * HEADS), "states of softmax");
  CHECK(same(a.q.data, b.q.data, query), "gradient of queries");
  CHECK(same(a.k.data, b.k.data, key) && same(a.v.data, b.v.data, key), "gradients of keys, values");
  release(q), release(k), release(v), release(d);
  const guarded all[] = {a.out, a.states, a.q, a.k, a.v, b.out, b.states, b.q, b.k, b.v};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) release(all[i]);
}

void test_training(apus_level level) {
  const apus_training_kernels *plain = apus_training_kernels_for(APUS_LEVEL_PLAIN);
  const apus_training_kernels *table = apus_training_kernels_for(level);
  CHECK(plain != NULL && (table == NULL) == (apus_kernels_for(level) == NULL), "tables");
  if (table == NULL) return;
  test_products_of_training(plain, table);
  test_norms_of_training(plain, table);
  test_rows_of_training(plain, table);
  test_rotation_of_training(plain, table);
  test_attention_of_training(plain, table);
}
