// Panels hold what the file holds, products use it, and widening is exact.
#include "support.h"

const file_format file_formats[FORMATS] = {
  [APUS_Q4_0] = {"Q4_0", 32, 18, 0, -1},      [APUS_Q4_1] = {"Q4_1", 32, 20, 0, 2},
  [APUS_Q8_0] = {"Q8_0", 32, 34, 0, -1},      [APUS_Q5_0] = {"Q5_0", 32, 22, 0, -1},
  [APUS_Q5_1] = {"Q5_1", 32, 24, 0, 2},       [APUS_Q2_K] = {"Q2_K", 256, 84, 80, 82},
  [APUS_Q3_K] = {"Q3_K", 256, 110, 108, -1},  [APUS_Q4_K] = {"Q4_K", 256, 144, 0, 2},
  [APUS_Q5_K] = {"Q5_K", 256, 176, 0, 2},     [APUS_Q6_K] = {"Q6_K", 256, 210, 208, -1},
  [APUS_IQ4_NL] = {"IQ4_NL", 32, 18, 0, -1},  [APUS_IQ4_XS] = {"IQ4_XS", 256, 136, 0, -1},
  [APUS_MXFP4] = {"MXFP4", 32, 17, 0, -1, EXPONENT},
  [APUS_NVFP4] = {"NVFP4", 64, 36, 0, -1, SMALL},
  [APUS_TQ2_0] = {"TQ2_0", 256, 66, 64, -1},  [APUS_Q2_0] = {"Q2_0", 64, 18, 0, -1},
  [APUS_Q1_0] = {"Q1_0", 128, 18, 0, -1},
  [APUS_INT4_32] = {"INT4_G32", 32, 21, 0, -1, SINGLE},
  [APUS_INT4_128] = {"INT4_G128", 128, 69, 0, -1, SINGLE},
  [APUS_INT8_32] = {"INT8_G32", 32, 37, 0, -1, SINGLE},
  [APUS_IQ2_XXS] = {"IQ2_XXS", 256, 66, 0, -1}, [APUS_IQ2_XS] = {"IQ2_XS", 256, 74, 0, -1},
  [APUS_IQ2_S] = {"IQ2_S", 256, 82, 0, -1},     [APUS_IQ3_XXS] = {"IQ3_XXS", 256, 98, 0, -1},
  [APUS_IQ3_S] = {"IQ3_S", 256, 110, 0, -1},    [APUS_IQ1_S] = {"IQ1_S", 256, 50, 0, -1},
  [APUS_IQ1_M] = {"IQ1_M", 256, 56, 48, -1, SPREAD},
  [APUS_TQ1_0] = {"TQ1_0", 256, 54, 52, -1},
};

/// Puts a scale that stands for nothing finite into a unit, or else a moderate one.
static void put_scale(const file_format file, uint8_t *unit, bool is_finite) {
  const _Float16 half = (_Float16)(is_finite ? next_float() * 0.1f : INFINITY);
  const float single = is_finite ? next_float() * 0.1f : NAN;
  uint16_t bits;
  memcpy(&bits, &half, 2);
  switch (file.kind) {
    case HALF: memcpy(unit + file.scale, &half, 2); break;
    case EXPONENT: unit[file.scale] = (uint8_t)(is_finite ? 120 + next_random() % 8 : 253); break;
    case SINGLE: memcpy(unit + file.scale, &single, 4); break;
    case SMALL: break;
    case SPREAD:
      for (int i = 0; i < 4; i++) {
        uint8_t *upper = unit + file.scale + 2 * i + 1;
        *upper = (uint8_t)((*upper & 15) | (bits >> 4 * i & 15) << 4);
      }
  }
}

guarded make_source(int format, size_t rows, size_t columns, bool extreme) {
  const file_format file = file_formats[format];
  size_t units = rows * columns / file.length;
  guarded memory = guard(units * file.bytes);
  for (size_t u = 0; u < units; u++) {
    uint8_t *unit = (uint8_t *)memory.data + u * file.bytes;
    for (size_t i = 0; i < file.bytes; i++) {
      unit[i] = (uint8_t)next_random();
      if (extreme) unit[i] = (unit[i] & 1 ? 0xff : 0) ^ (format == APUS_Q8_0 ? 0x80 : 0);
    }
    _Float16 minimum = (_Float16)next_float();
    put_scale(file, unit, true);
    if (file.minimum >= 0) memcpy(unit + file.minimum, &minimum, 2);
  }
  return memory;
}

/// Weight k of a block as the file's format defines it, for the formats with simple definitions. The
/// reference of the others are the decoders in Swift, which are compared with another program's.
static double weight(int format, const uint8_t *block, int k) {
  _Float16 d, m = 0;
  memcpy(&d, block, 2);
  if (format == APUS_Q8_0) return (double)d * (int8_t)block[2 + k];
  const uint8_t *values = block + file_formats[format].bytes - 16;
  if (file_formats[format].minimum >= 0) memcpy(&m, block + 2, 2);
  int stored = k < 16 ? values[k] & 15 : values[k - 16] >> 4;
  if (format == APUS_Q5_0 || format == APUS_Q5_1) stored += ((values - 4)[k / 8] >> k % 8 & 1) * 16;
  if (format == APUS_Q4_0) stored -= 8;
  if (format == APUS_Q5_0) stored -= 16;
  return (double)d * stored + (double)m;
}

static bool is_simple(int format) {
  return format <= APUS_Q5_1;
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
  const file_format file = file_formats[format];
  const size_t row_bytes = columns / file.length * file.bytes;
  guarded source = make_source(format, rows, columns, false);
  guarded panels = guard(apus_panel_bytes(name, rows, columns));
  guarded weights = guard(rows * columns * sizeof(float));
  float *w = weights.data;
  size_t bad = 0, count = (rows + 15) / 16;
  bool done = apus_pack(name, source.data, panels.data, 0, count / 2, rows, columns, &bad) &&
              apus_pack(name, source.data, panels.data, count / 2, count, rows, columns, &bad);
  CHECK(done, "format %d does not pack", format);
  for (size_t n = 0; n < rows; n++) {
    apus_unpack_row(name, panels.data, n, columns, w + n * columns);
    const uint8_t *row = (uint8_t *)source.data + n * row_bytes;
    for (size_t k = 0; k < columns && is_simple(format); k++) {
      double truth = weight(format, row + k / 32 * file.bytes, (int)k % 32);
      CHECK(w[n * columns + k] == (float)truth, "format %d row %zu value %zu", format, n, k);
    }
  }
  test_product(plain, format, panels.data, w, rows, columns);
  uint8_t *last = (uint8_t *)source.data + rows * row_bytes - file.bytes;
  for (int i = file.kind == SMALL ? 2 : 0; i < (file.minimum >= 0 ? 2 : 1); i++) {
    const uint16_t infinity = 0x7c00;
    uint8_t before[file.bytes];
    memcpy(before, last, file.bytes);
    if (i == 0) put_scale(file, last, false);
    if (i == 1) memcpy(last + file.minimum, &infinity, 2);
    done = apus_pack(name, source.data, panels.data, 0, count, rows, columns, &bad);
    CHECK(!done && bad == rows - 1, "%s packs an infinite scale (row %zu)", file.name, bad);
    memcpy(last, before, file.bytes);
  }
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
  for (int format = 0; format < FORMATS; format++) {
    const size_t length = file_formats[format].length;
    test_format(plain, format, 1, length);
    test_format(plain, format, 37, 3 * length);
    test_format(plain, format, 48, 2 * length);
  }
  test_widening();
}
