// What the products with weight panels pass among themselves.
#ifndef APUS_PRODUCTS_H
#define APUS_PRODUCTS_H

#include "formats.h"

#pragma clang assume_nonnull begin

/// The arguments of apus_kernels.multiply.
typedef struct {
  apus_panel_format format;
  const uint8_t *panels;
  size_t first_panel, last_panel;
  size_t columns;
  const apus_activations *activations;
  size_t rows;
  apus_destination to;
} product_job;

/// One block of some activation rows, and of all rows below: row r is r strides further.
typedef struct {
  const int8_t *digits;
  const int32_t *sums;
  const int32_t *half_sums;
  const float *scales;
  const float *scaled_sums;
  size_t columns;  // a row has twice as many digits
  size_t blocks;   // the stride of the others; a row has twice as many half sums
} activation_rows;

/// A few rows by a few panels: the first of each, and how many panels lie between two streams. And
/// the first part that is wanted of each panel.
typedef struct {
  size_t row, panel, apart;
  int part;
} product_tile;

#pragma clang assume_nonnull end
#endif
