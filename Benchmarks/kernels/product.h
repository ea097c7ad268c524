// One product of a layer, with memory for weights that no cache holds.
#ifndef PRODUCT_H
#define PRODUCT_H

#include <stddef.h>

#include "ckernels.h"

typedef struct {
  const char *name;
  apus_panel_format format;
  size_t outputs, inputs;  // N and K
} product_shape;

/// Seconds of one product with so many rows of activations.
///
/// Each run takes the next of several copies of the weights, as many as fill `weight_bytes`.
double product_seconds(const apus_kernels *kernels, const product_shape *shape, size_t rows,
                       size_t weight_bytes, int members, double shortest, int runs);

#endif
