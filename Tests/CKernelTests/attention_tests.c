// Attention and the cache of a table have the plain table's bits, rows together or alone.
#include "support.h"

typedef struct {
  uint32_t rows, heads, length, first_limit;
} shape;

/// A cache in which everything not written by append_position is NaN.
typedef struct {
  guarded pages, table;
  size_t stride, offset;
} cache;

static cache make_cache(const apus_kernels *kernels, shape s) {
  uint32_t positions = s.first_limit + s.rows - 1, pages = (positions + 31) / 32;
  cache c = {.offset = 2 * 32 * s.length, .stride = 3 * 2 * 32 * s.length};
  size_t bytes = 2 * (c.stride * (pages - 1) + c.offset + 2 * 32 * s.length);
  c.pages = guard(bytes);
  c.table = guard(pages * sizeof(int32_t));
  memset(c.pages.data, 0xff, bytes);
  for (uint32_t p = 0; p < pages; p++) ((int32_t *)c.table.data)[p] = (int32_t)(pages - 1 - p);
  for (uint32_t i = 0; i < positions; i++) {
    guarded key = guard_floats(s.length, 2), value = guard_floats(s.length, 2);
    uint16_t *page = (uint16_t *)c.pages.data + (pages - 1 - i / 32) * c.stride + c.offset;
    kernels->append_position(key.data, value.data, page, s.length, i % 32);
    release(key), release(value);
  }
  return c;
}

static void attend(const apus_kernels *kernels, shape s, cache c, const float *queries,
                   float *out) {
  size_t width = s.heads * s.length;
  guarded scratch = guard_floats(apus_attention_scratch(s.rows, s.heads, s.length), 1);
  apus_attention work = {
    queries, width, out, width, s.rows, s.heads, s.length, s.first_limit, c.pages.data, c.stride,
    c.offset, c.table.data, 0.3f, scratch.data,
  };
  kernels->attend(&work);
  release(scratch);
}

static void test_shape(const apus_kernels *plain, const apus_kernels *table, shape s) {
  size_t width = s.heads * s.length, n = s.rows * width;
  cache c = make_cache(table, s);
  guarded queries = guard_floats(n, 2), a = guard_floats(n, 1), b = guard_floats(n, 1);
  attend(table, s, c, queries.data, a.data);
  attend(plain, s, c, queries.data, b.data);
  CHECK(same(a.data, b.data, n), "%s rows %u heads %u D %u limit %u", table->name, s.rows, s.heads,
        s.length, s.first_limit);
  bool finite = apus_all_finite(a.data, n);
  CHECK(finite, "%s read a position that is not visible", table->name);
  for (uint32_t r = 0; r < s.rows; r++) {
    shape alone = {1, s.heads, s.length, s.first_limit + r};
    guarded query = guard(width * 4), out = guard(width * 4);
    memcpy(query.data, (float *)queries.data + r * width, width * 4);
    attend(table, alone, c, query.data, out.data);
    CHECK(same(out.data, (float *)a.data + r * width, width), "%s row %u alone", table->name, r);
    release(query), release(out);
  }
  release(queries), release(a), release(b), release(c.pages), release(c.table);
}

static void test_rounding(const apus_kernels *plain, const apus_kernels *table) {
  enum { D = 64 };
  uint16_t x[2 * 32 * D], y[2 * 32 * D];
  for (uint32_t round = 0; round < 200; round++) {
    uint32_t bits[2 * D];
    for (int i = 0; i < 2 * D; i++) bits[i] = next_random();
    bits[0] = 0x3f808000, bits[1] = 0x3f818000, bits[2] = 0x7f7fffff, bits[3] = 0x7f800001;
    float numbers[2 * D];
    memcpy(numbers, bits, sizeof bits);
    memset(x, 0, sizeof x), memset(y, 0, sizeof y);
    table->append_position(numbers, numbers + D, x, D, round % 32);
    plain->append_position(numbers, numbers + D, y, D, round % 32);
    CHECK(memcmp(x, y, sizeof x) == 0, "%s append_position %u", table->name, round);
  }
}

void test_attention(const apus_kernels *plain, const apus_kernels *table) {
  static const uint32_t lengths[] = {16, 32, 48, 64, 80, 128, 256};
  test_rounding(plain, table);
  for (int i = 0; i < 7; i++) {
    for (uint32_t heads = 1; heads <= 5; heads++) {
      shape decode = {1, heads, lengths[i], 1 + next_random() % 100};
      test_shape(plain, table, decode);
      shape prompt = {2 + next_random() % 5, heads, lengths[i], 1 + next_random() % 70};
      test_shape(plain, table, prompt);
    }
  }
  for (uint32_t limit = 1; limit <= 66; limit++) {
    test_shape(plain, table, (shape){3, 3, 16, limit});
  }
}
