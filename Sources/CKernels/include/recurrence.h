// Layers with a state of fixed size for each sequence: what one head, or some channels, make of the rows
// of a sequence, one after the other.
#ifndef APUS_RECURRENCE_H
#define APUS_RECURRENCE_H

#include <stdbool.h>
#include <stddef.h>

#pragma clang assume_nonnull begin

/// The longest convolution, K.
#define APUS_LONGEST_CONVOLUTION 16

/// A causal convolution of each of some channels.
typedef struct {
  float *rows;           // row t at rows + t * stride; the results take the place of the inputs
  size_t stride;
  size_t count;          // rows, T
  size_t channels;
  size_t length;         // K, at most APUS_LONGEST_CONVOLUTION
  float *state;          // [K - 1, state_stride]: the last inputs, the oldest first
  size_t state_stride;
  const float *weights;  // [K, weight_stride]: that of the oldest input first
  size_t weight_stride;
  const float *_Nullable bias;    // [channels]; null for none
  const float *_Nullable before;  // laid out like rows: factors on the inputs; null for none
  const float *_Nullable after;   // likewise, on the results
  bool activates;        // whether a result y becomes y / (1 + exp(-y))
} apus_convolution;

/// One head of a state space whose decay is a number for the whole head: Mamba 2.
typedef struct {
  const float *x;        // row t at x + t * stride, as all that follow, [length]
  const float *input;    // B, [states]
  const float *output;   // C, [states]
  const float *step;     // dt, one number
  size_t stride;
  size_t count;          // rows, T
  size_t length;
  size_t states;
  float decay;           // A
  float skip;            // D
  float *state;          // [states, length]
  float *out;            // row t at out + t * out_stride, [length]
  size_t out_stride;
} apus_state_space_head;

/// Some channels of a state space with a decay for each channel and state: Mamba 1.
typedef struct {
  const float *x;        // row t at x + t * x_stride, [channels]
  size_t x_stride;
  const float *step;     // dt, row t at step + t * step_stride, [channels]
  size_t step_stride;
  const float *input;    // B, row t at input + t * stride, [states]
  const float *output;   // C, likewise
  size_t stride;
  size_t count;          // rows, T
  size_t channels;
  size_t states;
  const float *decay;    // A, [states, state_stride]
  const float *skip;     // D, [channels]
  float *state;          // [states, state_stride]
  size_t state_stride;
  float *out;            // row t at out + t * out_stride, [channels]; may be x
  size_t out_stride;
} apus_state_space_channels;

/// One head of the gated delta rule.
typedef struct {
  const float *query;    // row t at query + t * stride, as all that follow, [key_length]
  const float *key;      // [key_length]
  const float *value;    // [value_length]
  const float *rate;     // b, one number
  const float *step;     // one number
  size_t stride;
  size_t count;          // rows, T
  size_t key_length;
  size_t value_length;
  float decay;           // a
  float *state;          // S, [key_length, value_length]
  float *out;            // row t at out + t * out_stride, [value_length]
  size_t out_stride;
} apus_delta_head;

#pragma clang assume_nonnull end
#endif
