#include "product.h"

#include <stdlib.h>
#include <string.h>

#include "team.h"

typedef struct {
  const apus_kernels *kernels;
  const product_shape *shape;
  uint8_t *weights;
  size_t copy_bytes, copies, rows;
  apus_activations activations;
  float *out;
} product_work;

static void *memory_for(size_t bytes) {
  bytes = (bytes + 4095) / 4096 * 4096;
  void *memory = aligned_alloc(4096, bytes);
  if (memory == NULL) abort();
  memset(memory, 0, bytes);
  return memory;
}

/// Multiplies with the member's share of the panels of one copy after the other.
static void multiply_all(void *context, int member, int members, size_t times) {
  const product_work *work = context;
  size_t panels = (work->shape->outputs + APUS_PANEL - 1) / APUS_PANEL;
  size_t first = panels * (size_t)member / (size_t)members;
  size_t last = panels * ((size_t)member + 1) / (size_t)members;
  apus_destination to = {work->out, work->shape->outputs, false};
  for (size_t time = 0; time < times; time++) {
    const uint8_t *weights = work->weights + time % work->copies * work->copy_bytes;
    work->kernels->multiply(work->shape->format, weights, first, last, work->shape->outputs,
                            &work->activations, work->rows, to);
  }
}

/// Fills panels with values and with scales of 1: what arithmetic costs does not depend on them.
static void fill(const product_work *work) {
  const uint16_t one = 0x3c00;
  size_t values = work->shape->format == APUS_Q8_0 ? 512 : 256;
  size_t block = apus_panel_bytes(work->shape->format, APUS_PANEL, APUS_BLOCK);
  for (size_t at = 0; at + block <= work->copy_bytes * work->copies; at += block) {
    for (size_t i = 0; i < values; i++) work->weights[at + i] = (uint8_t)(i * 37 + at / block);
    for (size_t i = values; i < block; i += 2) memcpy(work->weights + at + i, &one, 2);
  }
}

double product_seconds(const apus_kernels *kernels, const product_shape *shape, size_t rows,
                       size_t weight_bytes, int members, double shortest, int runs) {
  product_work work = {.kernels = kernels, .shape = shape, .rows = rows};
  size_t blocks = shape->inputs / APUS_BLOCK;
  work.copy_bytes = apus_panel_bytes(shape->format, shape->outputs, shape->inputs);
  work.copies = weight_bytes / work.copy_bytes;
  if (work.copies == 0) work.copies = 1;
  work.weights = memory_for(work.copies * work.copy_bytes);
  fill(&work);
  work.out = memory_for(rows * shape->outputs * sizeof(float));
  work.activations = (apus_activations){
    .digits = memory_for(2 * rows * shape->inputs),
    .scales = memory_for(rows * blocks * sizeof(float)),
    .sums = memory_for(rows * blocks * sizeof(int32_t)),
    .half_sums = memory_for(2 * rows * blocks * sizeof(int32_t)),
    .scaled_sums = memory_for(rows * blocks * sizeof(float)),
    .columns = shape->inputs,
  };
  float *row = memory_for(shape->inputs * sizeof(float));
  for (size_t t = 0; t < rows; t++) {
    for (size_t k = 0; k < shape->inputs; k++) row[k] = (float)((k * 31 + t * 17) % 101) - 50.0f;
    kernels->quantize_row(row, t, &work.activations);
  }
  double seconds = team_seconds(multiply_all, &work, members, shortest, runs);
  free(row);
  free(work.weights);
  free(work.out);
  free(work.activations.digits);
  free(work.activations.scales);
  free(work.activations.sums);
  free(work.activations.half_sums);
  free(work.activations.scaled_sums);
  return seconds;
}
