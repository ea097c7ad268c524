// Attention and the cache of a table have the plain table's bits, rows together or alone.
#include "support.h"

typedef struct {
  apus_cache_format format;
  uint32_t rows, heads, length, first_limit, window;
  float cap;
  bool has_sinks, has_slopes;
  uint32_t latent;  // elements of a key that are its value; 0 for values apart
  uint32_t end;  // 0 for where the last row's limit is
} shape;

static size_t value_length(shape s) { return s.latent > 0 ? s.latent : s.length; }

static size_t part_bytes(shape s) { return apus_page_part_bytes(s.format, s.length, s.latent); }

static guarded make_scratch(shape s) {
  return guard_floats(apus_attention_scratch(s.rows, s.heads, s.length, s.latent), NAN);
}

/// A cache in which everything not written by append_position is NaN, or -1 where bytes are integers.
typedef struct {
  guarded pages, table;
  size_t stride, offset;
} cache;

static cache make_cache(const apus_kernels *kernels, shape s) {
  uint32_t positions = s.end > 0 ? s.end : s.first_limit + s.rows - 1, pages = (positions + 31) / 32;
  cache c = {.offset = part_bytes(s), .stride = 3 * part_bytes(s)};
  size_t bytes = c.stride * (pages - 1) + c.offset + part_bytes(s);
  c.pages = guard(bytes);
  c.table = guard(pages * sizeof(int32_t));
  memset(c.pages.data, 0xff, bytes);
  for (uint32_t p = 0; p < pages; p++) ((int32_t *)c.table.data)[p] = (int32_t)(pages - 1 - p);
  for (uint32_t i = 0; i < positions; i++) {
    guarded key = guard_floats(s.length, 2), value = guard_floats(s.length, 2);
    uint8_t *bytes = (uint8_t *)c.pages.data + (pages - 1 - i / 32) * c.stride + c.offset;
    apus_page_part part = {bytes, s.format, s.length, s.latent};
    kernels->append_position(key.data, value.data, part, i % 32);
    release(key), release(value);
  }
  return c;
}

/// Overwrites what no row sees because it is before the windows: numbers of whole pages with -1, the
/// rest with NaN.
static void hide(const apus_kernels *kernels, shape s, cache c) {
  uint32_t hidden = s.window > 0 && s.first_limit > s.window ? s.first_limit - s.window : 0;
  if (s.end > 0 && hidden > s.end) hidden = s.end;
  int32_t *table = c.table.data;
  for (uint32_t page = 0; page < hidden / 32; page++) table[page] = -1;
  float broken[640];
  for (uint32_t d = 0; d < s.length; d++) broken[d] = NAN;
  for (uint32_t i = hidden / 32 * 32; i < hidden; i++) {
    uint8_t *bytes = (uint8_t *)c.pages.data + (size_t)table[i / 32] * c.stride + c.offset;
    apus_page_part part = {bytes, s.format, s.length, s.latent};
    kernels->append_position(broken, broken, part, i % 32);
  }
}

static apus_attention work_of(shape s, cache c, const float *queries, float *out, guarded scratch) {
  static const float sinks[] = {0.3f, -2, 4, 0, 1}, slopes[] = {0.5f, 0.07f, 0, 0.0039f, 0.3f};
  size_t width = s.heads * s.length, out_width = s.heads * value_length(s);
  return (apus_attention){
    queries, width, out, out_width, s.rows, s.heads, s.length, s.first_limit, s.format, c.pages.data,
    c.stride, c.offset, c.table.data, 0.3f, scratch.data, s.window, s.cap,
    s.has_sinks ? sinks : NULL, s.has_slopes ? slopes : NULL, s.latent, s.end,
  };
}

static void attend(const apus_kernels *kernels, shape s, cache c, const float *queries,
                   float *out) {
  guarded scratch = make_scratch(s);
  apus_attention work = work_of(s, c, queries, out, scratch);
  kernels->attend(&work);
  release(scratch);
}

/// Computes each group by itself, the last one first, then merges them.
static void attend_by_group(const apus_kernels *kernels, shape s, cache c, const float *queries,
                            float *out) {
  size_t state = apus_attention_state(s.rows, s.heads, value_length(s));
  guarded scratch = make_scratch(s);
  apus_attention work = work_of(s, c, queries, out, scratch);
  apus_group_range groups = apus_attention_groups(&work);
  guarded states = guard_floats((groups.end - groups.first) * state, NAN);
  float *first = states.data;
  for (uint32_t g = groups.end; g-- > groups.first;) {
    kernels->attend_group(&work, g, first + (g - groups.first) * state);
  }
  kernels->merge_groups(&work, first, state);
  release(scratch), release(states);
}

static void test_shape(const apus_kernels *plain, const apus_kernels *table, shape s) {
  size_t width = s.heads * s.length, out_width = s.heads * value_length(s), n = s.rows * out_width;
  cache c = make_cache(table, s);
  hide(table, s, c);
  guarded queries = guard_floats(s.rows * width, 2), a = guard_floats(n, 1), b = guard_floats(n, 1);
  attend(table, s, c, queries.data, a.data);
  attend(plain, s, c, queries.data, b.data);
  CHECK(same(a.data, b.data, n), "%s format %d rows %u heads %u D %u V %u limit %u window %u",
        table->name, s.format, s.rows, s.heads, s.length, s.latent, s.first_limit, s.window);
  attend_by_group(table, s, c, queries.data, b.data);
  CHECK(same(a.data, b.data, n), "%s in groups: rows %u limit %u window %u", table->name, s.rows,
        s.first_limit, s.window);
  bool finite = apus_all_finite(a.data, n);
  CHECK(finite, "%s read a position that is not visible: rows %u limit %u window %u", table->name,
        s.rows, s.first_limit, s.window);
  for (uint32_t r = 0; r < s.rows; r++) {
    shape alone = s;
    alone.rows = 1, alone.first_limit = s.first_limit + r;
    hide(table, alone, c);  // more than for the rows before
    guarded query = guard(width * 4), out = guard(out_width * 4);
    memcpy(query.data, (float *)queries.data + r * width, width * 4);
    attend(table, alone, c, query.data, out.data);
    CHECK(same(out.data, (float *)a.data + r * out_width, out_width), "%s row %u alone, limit %u window %u",
          table->name, r, s.first_limit, s.window);
    release(query), release(out);
  }
  release(queries), release(a), release(b), release(c.pages), release(c.table);
}

/// Windows that start and end at and about the borders of pages and groups, with and without caps, sinks
/// and slopes.
static void test_windows(const apus_kernels *plain, const apus_kernels *table,
                         apus_cache_format format) {
  static const uint32_t windows[] = {1, 2, 7, 31, 32, 33, 64, 255, 256, 257, 300};
  static const uint32_t past[] = {0, 1, 31, 32, 33, 255, 256, 257};
  for (uint32_t i = 0; i < 11; i++) {
    for (uint32_t j = 0; j < 8; j++) {
      // The first row has a key before its window or the last one has, or some between.
      uint32_t limit = windows[i] + past[j], rows = 2 + next_random() % 8;
      shape s = {format, rows, 1 + next_random() % 5, j % 2 ? 48 : 16, limit, windows[i]};
      s.cap = (i + j) % 3 == 1 ? 0.8f : 0;
      s.has_sinks = (i + j) % 4 > 1;
      s.has_slopes = (i + j) % 5 > 2;
      test_shape(plain, table, s);
      if (windows[i] == 1) continue;
      s.first_limit -= 1, s.rows = 1 + j % 3, s.length = 64;
      test_shape(plain, table, s);
    }
  }
  test_shape(plain, table, (shape){format, 40, 3, 32, 250, 3, 0, true});
  test_shape(plain, table, (shape){format, 40, 2, 80, 600, 200, 0.5f, false});
  test_shape(plain, table, (shape){format, 3, 3, 32, 300, 0, 0.5f, true});
  test_shape(plain, table, (shape){format, 3, 3, 256, 40, UINT32_MAX, 0, true});
  test_shape(plain, table, (shape){format, 5, 3, 32, 530, 0, 0, false, true});
}

/// Rows that see beyond their own positions, as far as there are any: all of them, or a window about their own.
static void test_ends(const apus_kernels *plain, const apus_kernels *table,
                      apus_cache_format format) {
  static const uint32_t ends[] = {1, 2, 15, 31, 32, 33, 64, 255, 256, 257, 300, 520};
  for (uint32_t i = 0; i < 12; i++) {
    shape s = {format, 1 + next_random() % 8, 1 + next_random() % 5, i % 2 ? 48 : 16, ends[i]};
    s.end = ends[i];
    s.cap = i % 3 == 1 ? 0.8f : 0;
    test_shape(plain, table, s);
    if (ends[i] < s.rows) continue;
    static const uint32_t halves[] = {0, 1, 8, 16, 64, 128};
    for (uint32_t j = 0; j < 6; j++) {
      // The last rows of the text, then its first ones.
      s.window = 2 * halves[j] + 1, s.first_limit = ends[i] - s.rows + 1 + halves[j];
      test_shape(plain, table, s);
      s.first_limit = 1 + halves[j];
      test_shape(plain, table, s);
    }
  }
}

/// Changes every byte of the last page that belongs to a position which nobody sees.
static void test_invisible(const apus_kernels *table, apus_cache_format format) {
  for (uint32_t limit = 1; limit <= 32; limit++) {
    shape s = {format, 1, 3, 32, limit};
    cache c = make_cache(table, s);
    guarded queries = guard_floats(3 * 32, 2), a = guard_floats(3 * 32, 1);
    guarded b = guard_floats(3 * 32, 1);
    attend(table, s, c, queries.data, a.data);
    apus_page_part part = {(uint8_t *)c.pages.data + c.offset, format, 32};
    for (uint32_t slot = limit; slot < 32; slot++) {
      guarded key = guard_floats(32, 1e30f), value = guard_floats(32, 1e30f);
      table->append_position(key.data, value.data, part, slot);
      release(key), release(value);
    }
    attend(table, s, c, queries.data, b.data);
    CHECK(same(a.data, b.data, 3 * 32), "%s format %d: what follows position %u counts",
          table->name, format, limit);
    release(queries), release(a), release(b), release(c.pages), release(c.table);
  }
}

/// A key and a value: random bits, or numbers of one magnitude and what else rounding meets.
static void make_position(float *numbers, size_t n, uint32_t round) {
  static const float odd[] = {0, -0.0f, 1e-39f, 0x1p-130f, 3e-37f, 4e-37f, 3.4e38f};
  if (round % 2 == 0) {
    for (size_t i = 0; i < n; i++) {
      uint32_t bits = next_random();
      memcpy(numbers + i, &bits, sizeof bits);
    }
    static const uint32_t first[] = {0x3f808000, 0x3f818000, 0x7f7fffff, 0x7f800001};
    memcpy(numbers, first, sizeof first);
    return;
  }
  float magnitude = ldexpf(1, (int)(round % 60) - 30);
  for (size_t i = 0; i < n; i++) {  // halves of 127ths: ties
    numbers[i] = magnitude * (float)((int)(next_random() % 509) - 254);
  }
  numbers[round % n] = magnitude * 254;
  if (round % 3 == 0) numbers[next_random() % n] = round % 4 == 1 ? NAN : -INFINITY;
  if (round % 7 == 0) {
    for (size_t i = 0; i < n; i++) numbers[i] = odd[(round / 7 + i % 2) % 7];
  }
}

static void test_rounding(const apus_kernels *plain, const apus_kernels *table,
                          apus_cache_format format) {
  static const uint32_t lengths[] = {16, 48, 64, 256};
  for (uint32_t round = 0; round < 400; round++) {
    uint32_t length = lengths[round / 2 % 4];
    const uint32_t latent = round % 5 == 4 ? length : 0;
    size_t bytes = apus_page_part_bytes(format, length, latent);
    guarded x = guard(bytes), y = guard(bytes), key = guard(length * 4), value = guard(length * 4);
    make_position(key.data, length, round), make_position(value.data, length, round + 200);
    memset(x.data, 0x55, bytes), memset(y.data, 0x55, bytes);
    apus_page_part ours = {x.data, format, length, latent};
    apus_page_part theirs = {y.data, format, length, latent};
    table->append_position(key.data, value.data, ours, round % 32);
    plain->append_position(key.data, value.data, theirs, round % 32);
    CHECK(memcmp(x.data, y.data, bytes) == 0, "%s append_position %u", table->name, round);
    release(x), release(y), release(key), release(value);
  }
}

/// Values that are the first elements of keys, up to the lengths of the largest models; and keys that are
/// longer than most.
static void test_latents(const apus_kernels *plain, const apus_kernels *table,
                         apus_cache_format format) {
  static const uint32_t lengths[] = {16, 48, 48, 96, 288}, latents[] = {16, 32, 48, 64, 256};
  for (int i = 0; i < 5; i++) {
    for (uint32_t heads = 1; heads <= 5; heads += 2) {
      shape s = {format, 1 + next_random() % 5, heads, lengths[i], 1 + next_random() % 100};
      s.latent = latents[i];
      test_shape(plain, table, s);
      s.first_limit = 250 + next_random() % 80;
      s.window = i % 2 ? 40 : 0;
      s.cap = i % 3 ? 0 : 0.8f;
      test_shape(plain, table, s);
    }
  }
  for (uint32_t limit = 1; limit <= 34; limit++) {
    test_shape(plain, table, (shape){format, 2, 3, 32, limit, .latent = 16});
  }
  test_shape(plain, table, (shape){format, 2, 9, 576, 300, .latent = 512});
  test_shape(plain, table, (shape){format, 2, 2, 512, 70, 33});
}

static void test_format(const apus_kernels *plain, const apus_kernels *table,
                        apus_cache_format format) {
  static const uint32_t lengths[] = {16, 32, 48, 64, 80, 128, 256};
  test_rounding(plain, table, format);
  test_invisible(table, format);
  test_windows(plain, table, format);
  test_latents(plain, table, format);
  test_ends(plain, table, format);
  for (int i = 0; i < 7; i++) {
    for (uint32_t heads = 1; heads <= 5; heads++) {
      shape decode = {format, 1, heads, lengths[i], 1 + next_random() % 100};
      test_shape(plain, table, decode);
      shape prompt = {format, 2 + next_random() % 5, heads, lengths[i], 1 + next_random() % 70};
      test_shape(plain, table, prompt);
    }
  }
  for (uint32_t limit = 1; limit <= 66; limit++) {
    test_shape(plain, table, (shape){format, 3, 3, 16, limit});
  }
  for (uint32_t limit = 249; limit <= 258; limit++) {  // across a group's end
    test_shape(plain, table, (shape){format, 9, 2, 32, limit});
    test_shape(plain, table, (shape){format, 4, 3, 16, limit + 256});
  }
}

void test_attention(const apus_kernels *plain, const apus_kernels *table) {
  test_format(plain, table, APUS_CACHE_BFLOAT16);
  test_format(plain, table, APUS_CACHE_INT8);
  test_format(plain, table, APUS_CACHE_FLOAT32);
}
