// Panels hold what the file holds, products use it, and widening is exact.
#include "support.h"

static const size_t source_bytes[] = {18, 20, 34};

/// Weight k of a block as the file's format defines it.
static double weight(int format, const uint8_t *block, int k) {
  _Float16 d, m = 0;
  memcpy(&d, block, 2);
  if (format == APUS_Q8_0) return (double)d * (int8_t)block[2 + k];
  const uint8_t *values = block + 2;
  if (format == APUS_Q4_1) {
    memcpy(&m, block + 2, 2);
    values += 2;
  }
  int stored = k < 16 ? values[k] & 15 : values[k - 16] >> 4;
  return format == APUS_Q4_0 ? (double)d * (stored - 8) : (double)d * stored + (double)m;
}

static guarded make_source(int format, size_t rows, size_t columns) {
  size_t blocks = rows * columns / 32;
  guarded memory = guard(blocks * source_bytes[format]);
  for (size_t b = 0; b < blocks; b++) {
    uint8_t *block = (uint8_t *)memory.data + b * source_bytes[format];
    for (size_t i = 0; i < source_bytes[format]; i++) block[i] = (uint8_t)next_random();
    _Float16 scale = (_Float16)(next_float() * 0.1f), minimum = (_Float16)next_float();
    memcpy(block, &scale, 2);
    if (format == APUS_Q4_1) memcpy(block + 2, &minimum, 2);
  }
  return memory;
}

static void test_product(const apus_kernels *plain, int format, const uint8_t *panels,
                         const float *weights, size_t rows, size_t columns) {
  float x[2 * columns], out[2 * rows];
  guarded_activations a = guard_activations(2, columns);
  fill(x, 2 * columns, 2);
  for (size_t t = 0; t < 2; t++) plain->quantize_row(x + t * columns, t, &a.view);
  for (size_t i = 0; i < 2 * rows; i++) out[i] = 1;
  plain->multiply((apus_panel_format)format, panels, 0, (rows + 15) / 16, rows, &a.view, 2,
                  (apus_destination){out, rows, true});
  for (size_t i = 0; i < 2 * rows; i++) {
    double truth = 1, magnitude = 1;
    for (size_t k = 0; k < columns; k++) {
      size_t t = i / rows;
      double product = (double)rounded_value(&a.view, t, k) *
                       a.view.scales[(t * columns + k) / 32] * weights[i % rows * columns + k];
      truth += product;
      magnitude += fabs(product);
    }
    CHECK(fabs(out[i] - truth) <= 1e-6 * magnitude, "format %d product %zu: %g, not %g", format, i,
          out[i], truth);
  }
  release_activations(a);
}

static void test_format(const apus_kernels *plain, int format, size_t rows, size_t columns) {
  const apus_panel_format name = (apus_panel_format)format;
  guarded source = make_source(format, rows, columns);
  guarded panels = guard(apus_panel_bytes(name, rows, columns));
  guarded weights = guard(rows * columns * sizeof(float));
  float *w = weights.data;
  size_t bad = 0, count = (rows + 15) / 16;
  bool done = apus_pack(name, source.data, panels.data, 0, count / 2, rows, columns, &bad) &&
              apus_pack(name, source.data, panels.data, count / 2, count, rows, columns, &bad);
  CHECK(done, "format %d does not pack", format);
  for (size_t n = 0; n < rows; n++) {
    apus_unpack_row(name, panels.data, n, columns, w + n * columns);
    const uint8_t *row = (uint8_t *)source.data + n * columns / 32 * source_bytes[format];
    for (size_t k = 0; k < columns; k++) {
      double truth = weight(format, row + k / 32 * source_bytes[format], (int)k % 32);
      CHECK(w[n * columns + k] == (float)truth, "format %d row %zu value %zu", format, n, k);
    }
  }
  test_product(plain, format, panels.data, w, rows, columns);
  uint16_t infinity = 0x7c00;
  memcpy((uint8_t *)source.data + (rows * columns / 32 - 1) * source_bytes[format], &infinity, 2);
  done = apus_pack(name, source.data, panels.data, 0, count, rows, columns, &bad);
  CHECK(!done && bad == rows - 1, "format %d packs an infinite scale (row %zu)", format, bad);
  release(source), release(panels), release(weights);
}

static void test_widening(void) {
  uint16_t bits;
  float out;
  for (uint32_t i = 0; i < 65536; i++) {
    bits = (uint16_t)i;
    _Float16 half;
    memcpy(&half, &bits, 2);
    float truth = (float)half;
    bool finite = apus_widen_half(&bits, &out, 1);
    CHECK(same(&out, &truth, 1) && finite == (bool)isfinite(truth), "half %04x", i);
    uint32_t wide = i << 16;
    memcpy(&truth, &wide, 4);
    finite = apus_widen_bfloat(&bits, &out, 1);
    CHECK(same(&out, &truth, 1) && finite == (bool)isfinite(truth), "bfloat %04x", i);
    CHECK(apus_all_finite(&truth, 1) == (bool)isfinite(truth), "all_finite %04x", i);
  }
  for (size_t n = 1; n < 70; n++) {
    guarded source = guard(2 * n), to = guard(4 * n);
    memset(source.data, 0, 2 * n);
    CHECK(apus_widen_half(source.data, to.data, n), "half array");
    ((uint16_t *)source.data)[next_random() % n] = 0xfc00;
    CHECK(!apus_widen_half(source.data, to.data, n), "half array with infinity");
    CHECK(!apus_all_finite(to.data, n), "array with infinity");
    release(source), release(to);
  }
}

void test_storage(const apus_kernels *plain) {
  for (int format = 0; format < 3; format++) {
    test_format(plain, format, 1, 32);
    test_format(plain, format, 37, 96);
    test_format(plain, format, 48, 64);
  }
  test_widening();
}
