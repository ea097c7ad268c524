// The plain kernels of layers with a state.
#pragma STDC FP_CONTRACT OFF

#include "functions.h"
#include "plain.h"

static float silu(float x) { return x / (1.0f + apus_exp(-x)); }

void apus_plain_softplus(float *x, const float *bias, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const float y = bias != NULL ? x[i] + bias[i] : x[i];
    const float t = apus_exp(-__builtin_fabsf(y));
    const float z = t / (2.0f + t), w = z * z;
    float p = APUS_AREA_TANGENT_C7;
    p = __builtin_fmaf(p, w, APUS_AREA_TANGENT_C6);
    p = __builtin_fmaf(p, w, APUS_AREA_TANGENT_C5);
    p = __builtin_fmaf(p, w, APUS_AREA_TANGENT_C4);
    p = __builtin_fmaf(p, w, APUS_AREA_TANGENT_C3);
    p = __builtin_fmaf(p, w, APUS_AREA_TANGENT_C2);
    p = __builtin_fmaf(p, w, APUS_AREA_TANGENT_C1);
    p = __builtin_fmaf(p, w, 1.0f);
    x[i] = __builtin_fmaf(2.0f * z, p, y > 0 ? y : 0);
  }
}

void apus_plain_sigmoid_gate(float *x, const float *gate, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] = x[i] / (1.0f + apus_exp(-gate[i]));
}

static void convolve_channel(const apus_convolution *work, size_t c) {
  const size_t past = work->length - 1;
  float inputs[APUS_LONGEST_CONVOLUTION];
  for (size_t k = 0; k < past; k++) inputs[k] = work->state[k * work->state_stride + c];
  for (size_t t = 0; t < work->count; t++) {
    const size_t place = t * work->stride + c;
    const float x = work->rows[place];
    inputs[past] = work->before != NULL ? x * work->before[place] : x;
    float sum = work->bias != NULL ? work->bias[c] : 0;
    for (size_t k = 0; k <= past; k++) {
      sum = __builtin_fmaf(work->weights[k * work->weight_stride + c], inputs[k], sum);
    }
    if (work->activates) sum = silu(sum);
    work->rows[place] = work->after != NULL ? sum * work->after[place] : sum;
    for (size_t k = 0; k < past; k++) inputs[k] = inputs[k + 1];
  }
  for (size_t k = 0; k < past; k++) work->state[k * work->state_stride + c] = inputs[k];
}

void apus_plain_convolve(const apus_convolution *work) {
  for (size_t c = 0; c < work->channels; c++) convolve_channel(work, c);
}

void apus_plain_advance_head(const apus_state_space_head *work) {
  for (size_t t = 0; t < work->count; t++) {
    const float *x = work->x + t * work->stride;
    const float *input = work->input + t * work->stride, *output = work->output + t * work->stride;
    const float step = work->step[t * work->stride], a = apus_exp(work->decay * step);
    for (size_t p = 0; p < work->length; p++) {
      const float u = step * x[p];
      float y = 0;
      for (size_t n = 0; n < work->states; n++) {
        float *state = work->state + n * work->length + p;
        *state = __builtin_fmaf(*state, a, input[n] * u);
        y = __builtin_fmaf(*state, output[n], y);
      }
      work->out[t * work->out_stride + p] = __builtin_fmaf(work->skip, x[p], y);
    }
  }
}

void apus_plain_advance_channels(const apus_state_space_channels *work) {
  for (size_t t = 0; t < work->count; t++) {
    const float *input = work->input + t * work->stride, *output = work->output + t * work->stride;
    for (size_t c = 0; c < work->channels; c++) {
      const float x = work->x[t * work->x_stride + c], step = work->step[t * work->step_stride + c];
      const float u = step * x;
      float y = 0;
      for (size_t n = 0; n < work->states; n++) {
        float *state = work->state + n * work->state_stride + c;
        const float a = apus_exp(work->decay[n * work->state_stride + c] * step);
        *state = __builtin_fmaf(*state, a, u * input[n]);
        y = __builtin_fmaf(*state, output[n], y);
      }
      work->out[t * work->out_stride + c] = __builtin_fmaf(work->skip[c], x, y);
    }
  }
}

void apus_plain_advance_delta(const apus_delta_head *work) {
  for (size_t t = 0; t < work->count; t++) {
    const size_t row = t * work->stride;
    const float *query = work->query + row, *key = work->key + row, *value = work->value + row;
    const float g = apus_exp(work->decay * work->step[row]);
    const float r = 1.0f / (1.0f + apus_exp(-work->rate[row]));
    for (size_t j = 0; j < work->value_length; j++) {
      float *state = work->state + j;
      float met = 0, y = 0;
      for (size_t i = 0; i < work->key_length; i++) {
        met = __builtin_fmaf(key[i], state[i * work->value_length], met);
      }
      const float d = (value[j] - g * met) * r;
      for (size_t i = 0; i < work->key_length; i++) {
        float *own = state + i * work->value_length;
        *own = __builtin_fmaf(key[i], d, g * *own);
        y = __builtin_fmaf(query[i], *own, y);
      }
      work->out[t * work->out_stride + j] = y;
    }
  }
}
