// The plain kernels: the definition that the vector tables are compared with.
#ifndef APUS_PLAIN_H
#define APUS_PLAIN_H

#include "ckernels.h"

#pragma clang assume_nonnull begin

extern const apus_kernels apus_plain_kernels;

void apus_plain_quantize_row(const float *row, size_t t, const apus_activations *to);
void apus_plain_multiply(apus_panel_format format, const uint8_t *panels, size_t first_panel,
                         size_t last_panel, size_t columns, const apus_activations *activations,
                         size_t rows, apus_destination to);
void apus_plain_append_position(const float *key, const float *value, apus_page_part to,
                                size_t slot);
void apus_plain_attend_group(const apus_attention *work, uint32_t group, float *state);
void apus_plain_merge_groups(const apus_attention *work, float *states, size_t stride);
void apus_plain_attend(const apus_attention *work);
void apus_plain_softplus(float *x, const float *_Nullable bias, size_t n);
void apus_plain_sigmoid_gate(float *x, const float *gate, size_t n);
void apus_plain_convolve(const apus_convolution *work);
void apus_plain_advance_head(const apus_state_space_head *work);
void apus_plain_advance_channels(const apus_state_space_channels *work);
void apus_plain_advance_delta(const apus_delta_head *work);

/// Folds 16 lanes: adds those 8 apart, then 4, 2 and 1.
static inline float apus_plain_fold(float *lane) {
  for (int width = 8; width >= 1; width /= 2) {
    for (int i = 0; i < width; i++) lane[i] += lane[i + width];
  }
  return lane[0];
}

#pragma clang assume_nonnull end
#endif
