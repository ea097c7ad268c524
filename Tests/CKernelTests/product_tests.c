// Rounding and products of a table have the plain table's bits for every format and shape.
#include "support.h"

/// Blocks of every kind: random, halfway cases, all zero, too small, not finite.
static void fill_row(float *row, size_t columns, int kind) {
  const int limit = APUS_ACTIVATION_LIMIT;
  fill(row, columns, 3);
  if (kind == 1) {
    for (size_t i = 0; i < columns; i++) {
      row[i] = (float)(int)(next_random() % (2 * limit + 1)) * 0.5f - limit * 0.5f;
    }
    for (size_t i = 0; i < columns; i += APUS_BLOCK) row[i] = limit;
  }
  if (kind == 2) memset(row, 0, columns * sizeof *row);
  if (kind == 3) fill(row, columns, 6e-35f);
  if (kind == 4) fill(row, columns, 3.4e38f);
  if (kind == 5) row[next_random() % columns] = INFINITY;
  if (kind == 6) row[next_random() % columns] = -NAN;
}

static void test_rounding(const apus_kernels *plain, const apus_kernels *table, size_t columns) {
  size_t rows = 7, blocks = rows * columns / APUS_BLOCK;
  guarded_activations a = guard_activations(rows, columns), b = guard_activations(rows, columns);
  for (size_t t = 0; t < rows; t++) {
    guarded row = guard_floats(columns, 1);
    fill_row(row.data, columns, (int)t);
    table->quantize_row(row.data, t, &a.view);
    plain->quantize_row(row.data, t, &b.view);
    release(row);
  }
  CHECK(memcmp(a.view.digits, b.view.digits, 2 * rows * columns) == 0, "%s digits", table->name);
  CHECK(memcmp(a.view.sums, b.view.sums, 4 * blocks) == 0, "%s sums", table->name);
  CHECK(memcmp(a.view.half_sums, b.view.half_sums, 8 * blocks) == 0, "%s half sums", table->name);
  CHECK(same(a.view.scales, b.view.scales, blocks), "%s scales", table->name);
  CHECK(same(a.view.scaled_sums, b.view.scaled_sums, blocks), "%s scaled sums", table->name);
  release_activations(a), release_activations(b);
}

typedef struct {
  int format;
  size_t rows, outputs, columns, first, last;
  bool accumulate, extreme, has_bias;
} shape;

static guarded make_panels(shape s) {
  size_t bad, panels = (s.outputs + APUS_PANEL - 1) / APUS_PANEL;
  apus_panel_format format = (apus_panel_format)s.format;
  guarded source = make_source(s.format, s.outputs, s.columns, s.extreme);
  guarded memory = guard(apus_panel_bytes(format, s.outputs, s.columns));
  CHECK(apus_pack(format, source.data, memory.data, 0, panels, s.outputs, s.columns, &bad), "pack");
  release(source);
  return memory;
}

static guarded_activations make_activations(const apus_kernels *plain, shape s) {
  guarded_activations a = guard_activations(s.rows, s.columns);
  for (size_t t = 0; t < s.rows; t++) {
    float row[s.columns];
    fill(row, s.columns, 1);
    for (size_t i = 0; s.extreme && i < s.columns; i++) row[i] = row[i] < 0.8f ? 1 : -1;
    plain->quantize_row(row, t, &a.view);
  }
  return a;
}

static void test_product(const apus_kernels *plain, const apus_kernels *table, shape s) {
  size_t n = s.rows * s.outputs;
  guarded weights = make_panels(s);
  guarded_activations a = make_activations(plain, s);
  guarded x = guard_floats(n, 1), y = guard_copy(x, n * sizeof(float));
  guarded bias = guard_floats(s.outputs, 3);
  apus_destination to = {x.data, s.outputs, s.accumulate, s.has_bias ? bias.data : NULL};
  table->multiply((apus_panel_format)s.format, weights.data, s.first, s.last, s.outputs, &a.view,
                  s.rows, to);
  to.out = y.data;
  plain->multiply((apus_panel_format)s.format, weights.data, s.first, s.last, s.outputs, &a.view,
                  s.rows, to);
  CHECK(same(x.data, y.data, n), "%s %s rows %zu N %zu K %zu panels %zu..<%zu", table->name,
        file_formats[s.format].name, s.rows, s.outputs, s.columns, s.first, s.last);
  release(weights), release(x), release(y), release(bias);
  release_activations(a);
}

/// The most rows that a format is tried with. What differs between the later ones in the code that
/// the tables share is how blocks are read, which one tile of rows and the next show.
static size_t most_rows(int format) { return format <= APUS_MXFP4 ? 18 : 9; }

void test_products(const apus_kernels *plain, const apus_kernels *table) {
  static const size_t outputs[] = {1, 15, 16, 17, 100, 250};
  for (size_t columns = 32; columns <= 1120; columns += 32) test_rounding(plain, table, columns);
  for (int format = 0; format < FORMATS; format++) {
    const size_t length = file_formats[format].length;
    for (size_t rows = 0; rows <= most_rows(format); rows++) {
      for (int i = 0; i < (format <= APUS_MXFP4 ? 6 : 5); i++) {
        size_t panels = (outputs[i] + 15) / 16, first = next_random() % panels;
        size_t columns = 32 * (1 + next_random() % 4), last = first + next_random() % 4;
        if (length > 32) columns = length * (1 + next_random() % 2);
        if (last > panels) last = panels;
        shape s = {format, rows, outputs[i], columns, 0, panels, rows % 2, i % 2, i / 2 % 2};
        test_product(plain, table, s);
        s.first = first, s.last = last;
        test_product(plain, table, s);
      }
    }
  }
}
