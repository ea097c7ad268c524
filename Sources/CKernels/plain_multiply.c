// Rounding activations to 15 bits and multiplying them with weight panels, in plain C.
#pragma STDC FP_CONTRACT OFF

#include "panel_scales.h"
#include "plain.h"

/// Where one block of one activation row is stored.
typedef struct {
  int8_t *high, *low;
  float *scale;
  int32_t *sum, *half_sums;
  float *scaled_sum;
} activation_block;

static activation_block block_at(const apus_activations *activations, size_t t, size_t b) {
  size_t index = t * (activations->columns / APUS_BLOCK) + b;
  int8_t *digits = activations->digits + 2 * index * APUS_BLOCK;
  return (activation_block){
    digits,
    digits + APUS_BLOCK,
    activations->scales + index,
    activations->sums + index,
    activations->half_sums + 2 * index,
    activations->scaled_sums + index,
  };
}

static void store_empty(activation_block to, float scale) {
  __builtin_memset(to.high, 0, APUS_BLOCK);
  __builtin_memset(to.low, 0, APUS_BLOCK);
  *to.scale = scale;
  *to.sum = to.half_sums[0] = to.half_sums[1] = 0;
  *to.scaled_sum = scale;
}

static void quantize_block(const float *x, activation_block to) {
  float greatest = 0;
  for (int k = 0; k < APUS_BLOCK; k++) {
    float magnitude = __builtin_fabsf(x[k]);
    if (!(magnitude < __builtin_inff())) return store_empty(to, __builtin_nanf(""));
    if (magnitude > greatest) greatest = magnitude;
  }
  // Below about 4.8e-35 the inverse would overflow: such a block counts as zero.
  float inverse = APUS_ACTIVATION_LIMIT / greatest;
  if (!(inverse < __builtin_inff())) return store_empty(to, 0);
  to.half_sums[0] = to.half_sums[1] = 0;
  for (int k = 0; k < APUS_BLOCK; k++) {
    // The roundings of inverse and product err by 0.002 at most, so the limit is never passed.
    int32_t q = (int32_t)__builtin_rintf(x[k] * inverse);
    int32_t high = (q + 64) >> 7;
    to.high[k] = (int8_t)high;
    to.low[k] = (int8_t)(q - 128 * high);
    to.half_sums[k / 16] += q;
  }
  *to.scale = greatest / APUS_ACTIVATION_LIMIT;
  *to.sum = to.half_sums[0] + to.half_sums[1];
  *to.scaled_sum = *to.scale * (float)*to.sum;
}

void apus_plain_quantize_row(const float *row, size_t t, const apus_activations *to) {
  for (size_t b = 0; b < to->columns / APUS_BLOCK; b++) {
    quantize_block(row + b * APUS_BLOCK, block_at(to, t, b));
  }
}

/// One output: column c of a panel with row t of the activations.
static float product(const apus_format format, const uint8_t *panel, size_t c,
                     const apus_activations *activations, size_t t) {
  const size_t scales = (size_t)format.scales, length = APUS_BLOCK / scales;
  float total = 0;
  for (size_t i = 0; i < activations->columns / length; i++) {
    const size_t b = i / scales, first = i % scales * length;
    int stored[APUS_BLOCK];
    apus_stored_column(format, panel + apus_block_offset(format, b), c, stored);
    const apus_column_scale scale = apus_scale_at(format, panel, b, c, i % scales);
    const activation_block row = block_at(activations, t, b);
    const int32_t part = scales == 1 ? *row.sum : row.half_sums[i % scales];
    // At most 32 * 255 * 16319 and 128 * 32 * 16319, together below 2^28.
    int32_t sum = -scale.zero * part;
    for (size_t k = first; k < first + length; k++) {
      sum += stored[k] * (128 * row.high[k] + row.low[k]);
    }
    total = __builtin_fmaf((float)sum, scale.d * *row.scale, total);
    if (format.has_minimum) {
      total = __builtin_fmaf(scale.m, *row.scale * (float)part, total);
    }
  }
  return total;
}

void apus_plain_multiply(apus_panel_format format, const uint8_t *panels, size_t first_panel,
                         size_t last_panel, size_t columns, const apus_activations *activations,
                         size_t rows, apus_destination to) {
  const apus_format layout = apus_formats[format];
  size_t panel_bytes = apus_one_panel_bytes(layout, activations->columns / APUS_BLOCK);
  size_t last_column = last_panel * APUS_PANEL < columns ? last_panel * APUS_PANEL : columns;
  for (size_t n = first_panel * APUS_PANEL; n < last_column; n++) {
    const uint8_t *panel = panels + n / APUS_PANEL * panel_bytes;
    for (size_t t = 0; t < rows; t++) {
      float value = product(layout, panel, n % APUS_PANEL, activations, t);
      if (to.bias != NULL) value += to.bias[n];
      float *out = to.out + t * to.out_stride + n;
      *out = to.accumulate ? *out + value : value;
    }
  }
}
