// The kernels of layers with a state on vectors of 16; the orders are those of the plain table. A state is
// laid out so that lanes are outputs that do not mix, and a part of it stays in the nearest cache for all
// rows of a sequence.
#include "ckernels.h"
#include "vector_functions.h"

APUS_INLINE v16f silu16(v16f x) { return x / (1.0f + exp16(-x)); }

APUS_INLINE v16f softplus16(v16f y) {
  const v16f t = exp16(-magnitude16(y)), z = t / (2.0f + t), w = z * z;
  v16f p = APUS_AREA_TANGENT_C7;
  p = fma16(p, w, APUS_AREA_TANGENT_C6);
  p = fma16(p, w, APUS_AREA_TANGENT_C5);
  p = fma16(p, w, APUS_AREA_TANGENT_C4);
  p = fma16(p, w, APUS_AREA_TANGENT_C3);
  p = fma16(p, w, APUS_AREA_TANGENT_C2);
  p = fma16(p, w, APUS_AREA_TANGENT_C1);
  p = fma16(p, w, 1.0f);
  return fma16(2.0f * z, p, select16(y > 0.0f, y, (v16f)0.0f));
}

static void softplus(float *x, const float *bias, size_t n) {
  for (size_t i = 0; i < n; i += 16) {
    const size_t count = n - i < 16 ? n - i : 16;
    v16f y = load_first(x + i, count, 0);
    if (bias != NULL) y += load_first(bias + i, count, 0);
    store_first(x + i, softplus16(y), count);
  }
}

static void sigmoid_gate(float *x, const float *gate, size_t n) {
  for (size_t i = 0; i < n; i += 16) {
    const size_t count = n - i < 16 ? n - i : 16;
    const v16f own = load_first(gate + i, count, 0);
    store_first(x + i, load_first(x + i, count, 0) / (1.0f + exp16(-own)), count);
  }
}

/// Convolves `n` channels from `c` on, at most 16.
APUS_INLINE void convolve_lanes(const apus_convolution *work, size_t c, size_t n,
                                const size_t length) {
  v16f inputs[APUS_LONGEST_CONVOLUTION], weights[APUS_LONGEST_CONVOLUTION];
  for (size_t k = 0; k < length; k++) {
    weights[k] = load_first(work->weights + k * work->weight_stride + c, n, 0);
    if (k > 0) inputs[k - 1] = load_first(work->state + (k - 1) * work->state_stride + c, n, 0);
  }
  const v16f bias = work->bias != NULL ? load_first(work->bias + c, n, 0) : (v16f)0.0f;
  for (size_t t = 0; t < work->count; t++) {
    const size_t place = t * work->stride + c;
    v16f x = load_first(work->rows + place, n, 0), sum = bias;
    if (work->before != NULL) x *= load_first(work->before + place, n, 0);
    inputs[length - 1] = x;
    for (size_t k = 0; k < length; k++) sum = fma16(weights[k], inputs[k], sum);
    if (work->activates) sum = silu16(sum);
    if (work->after != NULL) sum *= load_first(work->after + place, n, 0);
    store_first(work->rows + place, sum, n);
    for (size_t k = 1; k < length; k++) inputs[k - 1] = inputs[k];
  }
  for (size_t k = 1; k < length; k++) {
    store_first(work->state + (k - 1) * work->state_stride + c, inputs[k - 1], n);
  }
}

static void convolve(const apus_convolution *work) {
  for (size_t c = 0; c < work->channels; c += 16) {
    const size_t n = work->channels - c < 16 ? work->channels - c : 16;
    if (work->length == 4 && n == 16) {
      convolve_lanes(work, c, 16, 4);
    } else {
      convolve_lanes(work, c, n, work->length);
    }
  }
}

/// Moves `vectors` times 16 outputs of a head on, from `p` on; `n` of the last are there.
APUS_INLINE void advance_lanes(const apus_state_space_head *work, size_t p, const int vectors,
                               size_t n) {
  for (size_t t = 0; t < work->count; t++) {
    const size_t row = t * work->stride;
    const float *input = work->input + row, *output = work->output + row;
    const float step = work->step[row], a = apus_exp(work->decay * step);
    v16f x[2], u[2], y[2];
    APUS_UNROLL for (int v = 0; v < vectors; v++) {
      x[v] = load_first(work->x + row + p + 16 * (size_t)v, n, 0);
      u[v] = step * x[v];
      y[v] = 0.0f;
    }
    for (size_t s = 0; s < work->states; s++) {
      float *state = work->state + s * work->length + p;
      APUS_UNROLL for (int v = 0; v < vectors; v++) {
        const v16f own = load_first(state + 16 * (size_t)v, n, 0);
        const v16f moved = fma16(own, (v16f)a, input[s] * u[v]);
        store_first(state + 16 * (size_t)v, moved, n);
        y[v] = fma16(moved, (v16f)output[s], y[v]);
      }
    }
    APUS_UNROLL for (int v = 0; v < vectors; v++) {
      store_first(work->out + t * work->out_stride + p + 16 * (size_t)v,
                  fma16((v16f)work->skip, x[v], y[v]), n);
    }
  }
}

static void advance_head(const apus_state_space_head *work) {
  size_t p = 0;
  for (; p + 32 <= work->length; p += 32) advance_lanes(work, p, 2, 16);
  if (p + 16 <= work->length) {
    advance_lanes(work, p, 1, 16);
    p += 16;
  }
  if (p < work->length) advance_lanes(work, p, 1, work->length - p);
}

/// Moves `n` channels on, from `c` on, at most 16.
APUS_INLINE void advance_channel_lanes(const apus_state_space_channels *work, size_t c, size_t n) {
  for (size_t t = 0; t < work->count; t++) {
    const float *input = work->input + t * work->stride, *output = work->output + t * work->stride;
    const v16f x = load_first(work->x + t * work->x_stride + c, n, 0);
    const v16f step = load_first(work->step + t * work->step_stride + c, n, 0), u = step * x;
    v16f y = 0.0f;
    for (size_t s = 0; s < work->states; s++) {
      float *state = work->state + s * work->state_stride + c;
      const v16f decay = load_first(work->decay + s * work->state_stride + c, n, 0);
      const v16f moved = fma16(load_first(state, n, 0), exp16(decay * step), u * input[s]);
      store_first(state, moved, n);
      y = fma16(moved, (v16f)output[s], y);
    }
    const v16f skip = load_first(work->skip + c, n, 0);
    store_first(work->out + t * work->out_stride + c, fma16(skip, x, y), n);
  }
}

static void advance_channels(const apus_state_space_channels *work) {
  size_t c = 0;
  for (; c + 16 <= work->channels; c += 16) advance_channel_lanes(work, c, 16);
  if (c < work->channels) advance_channel_lanes(work, c, work->channels - c);
}

/// Moves `vectors` times 16 values of a head on, from `j` on; `n` of the last are there.
APUS_INLINE void delta_lanes(const apus_delta_head *work, size_t j, const int vectors, size_t n) {
  for (size_t t = 0; t < work->count; t++) {
    const size_t row = t * work->stride;
    const float *query = work->query + row, *key = work->key + row;
    const float g = apus_exp(work->decay * work->step[row]);
    const float r = 1.0f / (1.0f + apus_exp(-work->rate[row]));
    v16f met[2], y[2], d[2];
    APUS_UNROLL for (int v = 0; v < vectors; v++) met[v] = y[v] = 0.0f;
    for (size_t i = 0; i < work->key_length; i++) {
      const float *state = work->state + i * work->value_length + j;
      APUS_UNROLL for (int v = 0; v < vectors; v++) {
        met[v] = fma16((v16f)key[i], load_first(state + 16 * (size_t)v, n, 0), met[v]);
      }
    }
    APUS_UNROLL for (int v = 0; v < vectors; v++) {
      d[v] = (load_first(work->value + row + j + 16 * (size_t)v, n, 0) - g * met[v]) * r;
    }
    for (size_t i = 0; i < work->key_length; i++) {
      float *state = work->state + i * work->value_length + j;
      APUS_UNROLL for (int v = 0; v < vectors; v++) {
        const v16f own = load_first(state + 16 * (size_t)v, n, 0);
        const v16f moved = fma16((v16f)key[i], d[v], g * own);
        store_first(state + 16 * (size_t)v, moved, n);
        y[v] = fma16((v16f)query[i], moved, y[v]);
      }
    }
    APUS_UNROLL for (int v = 0; v < vectors; v++) {
      store_first(work->out + t * work->out_stride + j + 16 * (size_t)v, y[v], n);
    }
  }
}

static void advance_delta(const apus_delta_head *work) {
  size_t j = 0;
  for (; j + 32 <= work->value_length; j += 32) delta_lanes(work, j, 2, 16);
  if (j + 16 <= work->value_length) {
    delta_lanes(work, j, 1, 16);
    j += 16;
  }
  if (j < work->value_length) delta_lanes(work, j, 1, work->value_length - j);
}
