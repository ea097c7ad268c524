// Comparing a table with the plain one on small inputs. The sizes are such that every function runs
// its main loop and its remainder.
#pragma STDC FP_CONTRACT OFF

#include "cache_formats.h"
#include "formats.h"
#include "plain.h"
#include "probe.h"
#include "scalar.h"

enum { COUNT = 83, K = 544, N = 24, PANELS = 2, T = 9, D = 48, HEADS = 3, ROWS = 3, PAGES = 10 };
enum { STATES = 6, RECURRENCE = 2 * COUNT };
enum { PRODUCT_K = 256 };  // the columns of products, in the same activations
enum { LATENT = 32 };      // elements of keys that are values

/// Numbers between -2 and 2 that look random.
static void fill(float *x, size_t n, uint32_t seed) {
  for (size_t i = 0; i < n; i++) {
    seed = seed * 1664525 + 1013904223;
    x[i] = (float)(int32_t)seed * 0x1p-30f;
  }
}

/// Equal bits, where one NaN counts as another.
static bool same(const float *a, const float *b, size_t n) {
  for (size_t i = 0; i < n; i++) {
    bool both_nan = a[i] != a[i] && b[i] != b[i];
    if (!both_nan && apus_bits_of_float(a[i]) != apus_bits_of_float(b[i])) return false;
  }
  return true;
}

static bool rotations_agree(const apus_kernels *table, bool interleaved) {
  float angles[COUNT], x[2][COUNT];
  fill(angles, COUNT, 1);
  fill(x[0], COUNT, 2);
  __builtin_memcpy(x[1], x[0], sizeof x[0]);
  table->rotate(x[0], 1, COUNT, COUNT - 3, angles, angles + COUNT / 2, interleaved);
  apus_plain_kernels.rotate(x[1], 1, COUNT, COUNT - 3, angles, angles + COUNT / 2, interleaved);
  return same(x[0], x[1], COUNT);
}

static bool activations_agree(const apus_kernels *table, const float *gate, const float *up) {
  float out[2][COUNT];
  for (int i = 0; i < 2 * (APUS_RELU_SQUARED + 1); i++) {
    const apus_activation_kind kind = (apus_activation_kind)(i / 2);
    table->gated(kind, gate, i % 2 == 0 ? up : NULL, out[0], COUNT);
    apus_plain_kernels.gated(kind, gate, i % 2 == 0 ? up : NULL, out[1], COUNT);
    if (!same(out[0], out[1], COUNT)) return false;
  }
  return true;
}

static bool elementwise_agrees(const apus_kernels *table) {
  const apus_kernels *plain = &apus_plain_kernels;
  float a[COUNT], b[COUNT], out[2][COUNT];
  fill(a, COUNT, 3);
  fill(b, COUNT, 4);
  table->rms_norm(a, b, out[0], COUNT, 1e-5f);
  plain->rms_norm(a, b, out[1], COUNT, 1e-5f);
  if (!same(out[0], out[1], COUNT)) return false;
  for (int i = 0; i < 2; i++) {
    const float *bias = i == 0 ? a : NULL, *weight = i == 0 ? b : NULL;
    table->layer_norm(a, weight, bias, out[0], COUNT, 1e-5f);
    plain->layer_norm(a, weight, bias, out[1], COUNT, 1e-5f);
    if (!same(out[0], out[1], COUNT)) return false;
  }
  if (!activations_agree(table, a, b)) return false;
  for (int i = 0; i < 2; i++) {
    const apus_kernels *one = i == 0 ? table : plain;
    __builtin_memcpy(out[i], a, sizeof a);
    one->xielu(out[i], COUNT, &(apus_xielu){0.7f, 0.9f, 0.5f, -1e-6f});
    one->bounded_gate(out[i], b, COUNT, &(apus_bounded_gate){0.6f, 1.7f});
    one->soft_cap(out[i], COUNT, 0.8f);
    one->add(out[i], b, COUNT);
    one->scale(out[i], COUNT, 0.3f);
    one->clamp(out[i], COUNT, 0.25f);
  }
  if (!same(out[0], out[1], COUNT)) return false;
  float blocks[2][2];
  const uint64_t masks[2] = {0x9249249249249249, UINT64_MAX / 3};
  for (int i = 0; i < 2; i++) {
    const uint64_t *allowed = i == 0 ? NULL : masks;
    const apus_weighing how = {.best = 2, .sharpness = 0.7f};
    size_t best = plain->survey(a, COUNT, allowed, blocks[1]);
    if (table->survey(a, COUNT, allowed, blocks[0]) != best) return false;
    if (!same(blocks[0], blocks[1], 2)) return false;
    table->weigh(a, COUNT, allowed, how, out[0], blocks[0]);
    plain->weigh(a, COUNT, allowed, how, out[1], blocks[1]);
    if (!same(out[0], out[1], COUNT) || !same(blocks[0], blocks[1], 2)) return false;
  }
  return rotations_agree(table, false) && rotations_agree(table, true);
}

/// What layers with a state are tried on. Too large for the stack; one probe runs at a time.
static struct {
  float rows[2][ROWS * RECURRENCE], out[2][3 * ROWS * COUNT], state[2][STATES * COUNT];
  float decay[STATES * COUNT];
} recurrence;

static bool recurrences_agree(const apus_kernels *table) {
  float(*rows)[ROWS * RECURRENCE] = recurrence.rows;
  fill(recurrence.decay, STATES * COUNT, 12);
  for (int i = 0; i < 2; i++) {
    const apus_kernels *one = i == 0 ? table : &apus_plain_kernels;
    float *x = rows[i], *state = recurrence.state[i], *out = recurrence.out[i];
    fill(x, ROWS * RECURRENCE, 13);
    fill(state, STATES * COUNT, 14);
    one->softplus(x, recurrence.decay, COUNT);
    one->sigmoid_gate(x, recurrence.decay, COUNT);
    for (size_t k = 3; k < 5; k++) {
      one->convolve(&(apus_convolution){x, RECURRENCE, ROWS, COUNT, k, state, COUNT,
                                        recurrence.decay, COUNT, k == 3 ? x + COUNT : NULL,
                                        k == 4 ? x + COUNT : NULL, k == 4 ? x + 4 : NULL, k == 3});
    }
    one->advance_head(&(apus_state_space_head){x, x + COUNT, x + COUNT + STATES, x + 1, RECURRENCE,
                                               ROWS, COUNT, STATES, -0.7f, 0.3f, state, out,
                                               COUNT});
    out += ROWS * COUNT;
    one->advance_channels(&(apus_state_space_channels){
      x, RECURRENCE, x + 1, RECURRENCE, x + COUNT, x + COUNT + STATES, RECURRENCE, ROWS, COUNT,
      STATES, recurrence.decay, x + 2, state, COUNT, out, COUNT});
    out += ROWS * COUNT;
    one->advance_delta(&(apus_delta_head){x, x + STATES, x + COUNT, x + 1, x + 2, RECURRENCE, ROWS,
                                          STATES, COUNT, -0.2f, state, out, COUNT});
  }
  return same(recurrence.out[0], recurrence.out[1], 3 * ROWS * COUNT) &&
         same(recurrence.state[0], recurrence.state[1], STATES * COUNT) &&
         same(rows[0], rows[1], ROWS * RECURRENCE);
}

/// Activations and the memory behind them.
typedef struct {
  int8_t digits[2 * T * K];
  float scales[T * K / APUS_BLOCK], scaled_sums[T * K / APUS_BLOCK];
  int32_t sums[T * K / APUS_BLOCK], half_sums[2 * T * K / APUS_BLOCK];
} activation_memory;

static apus_activations activations_in(activation_memory *memory, size_t columns) {
  return (apus_activations){memory->digits,    memory->scales,      memory->sums,
                            memory->half_sums, memory->scaled_sums, columns};
}

static bool rounding_agrees(const apus_kernels *table, activation_memory *memory) {
  static const float last[] = {0, 1e-39f, __builtin_inff()};
  activation_memory other = {0};
  apus_activations activations = activations_in(memory, K), others = activations_in(&other, K);
  for (size_t t = 0; t < T; t++) {
    float row[K];
    fill(row, K, 5 + (uint32_t)t);
    if (t >= T - 3) {
      for (int i = 0; i < APUS_BLOCK; i++) row[i] = last[t - (T - 3)];
    }
    table->quantize_row(row, t, &activations);
    apus_plain_quantize_row(row, t, &others);
  }
  const size_t blocks = T * K / APUS_BLOCK;
  return __builtin_memcmp(memory->digits, other.digits, sizeof other.digits) == 0 &&
         __builtin_memcmp(memory->sums, other.sums, sizeof other.sums) == 0 &&
         __builtin_memcmp(memory->half_sums, other.half_sums, sizeof other.half_sums) == 0 &&
         same(memory->scales, other.scales, blocks) &&
         same(memory->scaled_sums, other.scaled_sums, blocks);
}

/// Arbitrary numbers between 1/32 and 1/8, one of each column.
static void fill_numbers(const apus_format format, uint8_t *numbers, size_t count, size_t seed) {
  const size_t size = apus_number_bytes(format);
  const uint8_t upper = format.number == APUS_HALF ? 0x2c : 0x3d;
  for (size_t i = 0; i < count * size; i++) {
    numbers[i] = (uint8_t)(i % size == size - 1 ? upper : i * 37 + seed);
  }
}

/// Panels of arbitrary values and numbers.
static void fill_panels(const apus_format format, uint8_t *panels) {
  const size_t blocks = PANELS * PRODUCT_K / APUS_BLOCK, block_bytes = apus_block_bytes(format);
  const size_t value_bytes = apus_value_bytes(format);
  for (size_t b = 0; b < blocks; b++) {
    uint8_t *block = panels + apus_block_offset(format, b);
    for (size_t i = 0; i < block_bytes; i++) block[i] = (uint8_t)(i * 89 + b * 7 + i / 64);
    if (format.shared == 0) {
      const size_t count = (block_bytes - value_bytes) / apus_number_bytes(format);
      fill_numbers(format, block + value_bytes, count, 0);
    } else if (b % (size_t)format.shared == 0) {
      uint8_t *factors = block - apus_factor_bytes(format);
      const size_t numbers = format.has_minimum ? 2 * APUS_PANEL : APUS_PANEL;
      fill_numbers(format, factors, numbers, b);
      for (size_t c = 0; c < APUS_PANEL && format.has_zeros; c++) {
        factors[apus_zero_offset(format) + c] = (uint8_t)(c * 29 + b);
      }
    }
  }
}

static bool products_agree(const apus_kernels *table, activation_memory *memory,
                           apus_panel_format format) {
  static const size_t rows[] = {1, 2, 3, 4, T};
  uint8_t panels[PANELS * PRODUCT_K / APUS_BLOCK * APUS_LARGEST_BLOCK];
  apus_activations activations = activations_in(memory, PRODUCT_K);
  fill_panels(apus_formats[format], panels);
  float out[2][T * N] = {0}, bias[N];
  fill(bias, N, 6);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    apus_destination to = {out[0], N, i > 0, i % 2 == 0 ? bias : NULL};
    table->multiply(format, panels, 0, PANELS, N, &activations, rows[i], to);
    to.out = out[1];
    apus_plain_multiply(format, panels, 0, PANELS, N, &activations, rows[i], to);
    if (!same(out[0], out[1], T * N)) return false;
  }
  return true;
}

/// What attention is tried on: more than one group. Too large for the stack; one probe runs at a time.
static struct {
  uint8_t pages[2][PAGES][2 * D * APUS_PAGE * sizeof(float)];
  float scratch[ROWS * HEADS * (D / 2 + 2 * (D + 2) + APUS_GROUP) + APUS_PAGE * (D / 2 + LATENT)];
} cache;

/// Work is tried all at once, and in groups that are merged.
static bool work_agrees(const apus_kernels *table, apus_attention work) {
  enum { LENGTH = ROWS * HEADS * D };
  float out[3][LENGTH], states[2][LENGTH + 2 * ROWS * HEADS];
  const apus_group_range groups = apus_attention_groups(&work);
  __builtin_memset(out, 0, sizeof out);
  work.out = out[0];
  table->attend(&work);
  work.out = out[1];
  for (uint32_t g = groups.first; g < groups.end; g++) {
    table->attend_group(&work, g, states[g - groups.first]);
  }
  table->merge_groups(&work, states[0], LENGTH + 2 * ROWS * HEADS);
  work.out = out[2];
  apus_plain_attend(&work);
  return same(out[0], out[2], LENGTH) && same(out[1], out[2], LENGTH);
}

static bool attention_agrees(const apus_kernels *table, apus_cache_format format, uint32_t latent) {
  enum { PART = sizeof cache.pages[0][0], LENGTH = ROWS * HEADS * D, LIMIT = APUS_GROUP + 32 };
  int32_t order[PAGES];
  float both[2 * D], queries[LENGTH];
  __builtin_memset(cache.pages, 0xff, sizeof cache.pages);
  for (int p = 0; p < PAGES; p++) order[p] = PAGES - 1 - p;
  for (size_t i = 0; i < LIMIT + ROWS - 1; i++) {
    int32_t page = order[i / APUS_PAGE];
    apus_page_part part = {cache.pages[0][page], format, D, latent};
    apus_page_part other = {cache.pages[1][page], format, D, latent};
    fill(both, 2 * D, 50 + (uint32_t)i);
    table->append_position(both, both + D, part, i % APUS_PAGE);
    apus_plain_append_position(both, both + D, other, i % APUS_PAGE);
  }
  if (__builtin_memcmp(cache.pages[0], cache.pages[1], sizeof cache.pages[0]) != 0) return false;
  fill(queries, LENGTH, 90);
  apus_attention work = {
    queries, HEADS * D, queries, HEADS * D, ROWS, HEADS, D, LIMIT, format,
    cache.pages[0][0], PART, 0, order, 0.15f, cache.scratch,
  };
  work.latent_length = latent;
  if (!work_agrees(table, work)) return false;
  // The window of the first row starts before the second group, that of the last in it.
  const float sinks[HEADS] = {0.5f, -1, 2}, slopes[HEADS] = {0.25f, 0.01f, 0.3f};
  work.window = LIMIT + 1 - APUS_GROUP;
  work.cap = 0.9f;
  work.sinks = sinks;
  work.slopes = slopes;
  if (!work_agrees(table, work)) return false;
  // Every row sees to the end, the later ones less of the beginning.
  work.slopes = NULL;
  work.first_limit = LIMIT + ROWS - 2;
  work.end = LIMIT + ROWS - 2;
  return work_agrees(table, work);
}

bool apus_agrees_with_plain(const apus_kernels *table) {
  activation_memory memory = {0};
  if (!elementwise_agrees(table) || !recurrences_agree(table)) return false;
  if (!rounding_agrees(table, &memory)) return false;
#define PRODUCTS_DIFFER(FORMAT) || !products_agree(table, &memory, FORMAT)
  if (false APUS_EACH_LAYOUT(PRODUCTS_DIFFER)) return false;
#define ATTENTION_DIFFERS(FORMAT) \
  || !attention_agrees(table, FORMAT, 0) || !attention_agrees(table, FORMAT, LATENT)
  return !(false APUS_EACH_CACHE_FORMAT(ATTENTION_DIFFERS));
}
