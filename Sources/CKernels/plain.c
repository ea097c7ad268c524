// The plain table and its element-wise kernels.
#pragma STDC FP_CONTRACT OFF

#include "functions.h"
#include "plain.h"

static void rms_norm(const float *x, const float *weight, float *out, size_t n, float epsilon) {
  float lane[16] = {0};
  for (size_t i = 0; i < n; i++) lane[i % 16] = __builtin_fmaf(x[i], x[i], lane[i % 16]);
  float mean = apus_plain_fold(lane) / (float)n;
  float r = 1.0f / __builtin_elementwise_sqrt(mean + epsilon);
  for (size_t i = 0; i < n; i++) out[i] = (x[i] * r) * weight[i];
}

static void layer_norm(const float *x, const float *weight, const float *bias, float *out, size_t n,
                       float epsilon) {
  float sums[16] = {0}, squares[16] = {0};
  for (size_t i = 0; i < n; i++) sums[i % 16] += x[i];
  float mean = apus_plain_fold(sums) / (float)n;
  for (size_t i = 0; i < n; i++) {
    squares[i % 16] = __builtin_fmaf(x[i] - mean, x[i] - mean, squares[i % 16]);
  }
  float r = 1.0f / __builtin_elementwise_sqrt(apus_plain_fold(squares) / (float)n + epsilon);
  for (size_t i = 0; i < n; i++) {
    float value = (x[i] - mean) * r;
    if (weight != NULL) value *= weight[i];
    out[i] = bias != NULL ? value + bias[i] : value;
  }
}

static void rotate(float *x, size_t heads, size_t head_length, size_t dimensions,
                   const float *cosines, const float *sines, bool interleaved) {
  size_t pairs = dimensions / 2;
  for (size_t h = 0; h < heads; h++) {
    for (size_t i = 0; i < pairs; i++) {
      float *a = x + h * head_length + (interleaved ? 2 * i : i);
      float *b = interleaved ? a + 1 : a + pairs;
      float old_a = *a, old_b = *b;
      *a = __builtin_fmaf(old_a, cosines[i], -(old_b * sines[i]));
      *b = __builtin_fmaf(old_a, sines[i], old_b * cosines[i]);
    }
  }
}

/// h (1 + f), 0 where f is -1: there h may be infinite.
static float gelu(float h, float f) { return f == -1 ? 0 : __builtin_fmaf(h, f, h); }

static float activation(apus_activation_kind kind, float x) {
  switch (kind) {
    case APUS_SILU: return x / (1.0f + apus_exp(-x));
    case APUS_GELU: return gelu(0.5f * x, apus_erf(x * APUS_SQRT_HALF));
    case APUS_GELU_TANH: {
      float bent = __builtin_fmaf(APUS_GELU_CUBE, x * x, 1.0f);
      return gelu(0.5f * x, apus_tanh(APUS_GELU_SLOPE * x * bent));
    }
    case APUS_RELU: return x < 0 ? 0 : x;
    case APUS_RELU_SQUARED: return x < 0 ? 0 : x * x;
  }
}

static void gated(apus_activation_kind kind, const float *gate, const float *up, float *out,
                  size_t n) {
  for (size_t i = 0; i < n; i++) {
    float value = activation(kind, gate[i]);
    out[i] = up != NULL ? value * up[i] : value;
  }
}

static void xielu(float *x, size_t n, const apus_xielu *figures) {
  for (size_t i = 0; i < n; i++) {
    float line = figures->slope * x[i];
    float power = x[i] < figures->ceiling ? x[i] : figures->ceiling;
    float bent = (apus_exp(power) - 1.0f) - x[i];
    x[i] = x[i] > 0 ? __builtin_fmaf(figures->square * x[i], x[i], line)
                    : __builtin_fmaf(figures->exponential, bent, line);
  }
}

static float bounded(float x, float bound) { return x < -bound ? -bound : x > bound ? bound : x; }

static void bounded_gate(float *gate, const float *up, size_t n,
                         const apus_bounded_gate *figures) {
  for (size_t i = 0; i < n; i++) {
    float g = gate[i] > figures->limit ? figures->limit : gate[i];
    float value = g / (1.0f + apus_exp(-(figures->slope * g)));
    gate[i] = (bounded(up[i], figures->limit) + 1.0f) * value;
  }
}

static void soft_cap(float *x, size_t n, float cap) {
  for (size_t i = 0; i < n; i++) x[i] = cap * apus_tanh(x[i] / cap);
}

static void clamp(float *x, size_t n, float bound) {
  for (size_t i = 0; i < n; i++) x[i] = bounded(x[i], bound);
}

static void add(float *x, const float *y, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] += y[i];
}

static void scale(float *x, size_t n, float factor) {
  for (size_t i = 0; i < n; i++) x[i] *= factor;
}

static bool is_allowed(const uint64_t *allowed, size_t i) {
  return allowed == NULL || (allowed[i / APUS_LOGIT_BLOCK] >> i % APUS_LOGIT_BLOCK & 1) != 0;
}

static size_t survey(const float *x, size_t n, const uint64_t *allowed, float *maxima) {
  size_t best = 0;
  float greatest = -__builtin_inff();
  bool strange = false;
  for (size_t i = 0; i < n; i++) {
    float *block = maxima + i / APUS_LOGIT_BLOCK;
    if (i % APUS_LOGIT_BLOCK == 0) *block = -__builtin_inff();
    if (!is_allowed(allowed, i)) continue;
    if (!(x[i] < __builtin_inff())) strange = true;
    if (x[i] > *block) *block = x[i];
    if (x[i] > greatest) {
      greatest = x[i];
      best = i;
    }
  }
  return strange || !(greatest > -__builtin_inff()) ? n : best;
}

static void weigh(const float *x, size_t n, const uint64_t *allowed, apus_weighing how,
                  float *weights, float *sums) {
  for (size_t first = 0; first < n; first += APUS_LOGIT_BLOCK) {
    float lane[16] = {0};
    sums[first / APUS_LOGIT_BLOCK] = 0;
    if (allowed != NULL && allowed[first / APUS_LOGIT_BLOCK] == 0) continue;
    for (size_t i = first; i < first + APUS_LOGIT_BLOCK && i < n; i++) {
      weights[i] = is_allowed(allowed, i) ? apus_exp((x[i] - how.best) * how.sharpness) : 0;
      lane[i % 16] += weights[i];
    }
    sums[first / APUS_LOGIT_BLOCK] = apus_plain_fold(lane);
  }
}

const apus_kernels apus_plain_kernels = {
  .name = "plain",
  .quantize_row = apus_plain_quantize_row,
  .multiply = apus_plain_multiply,
  .rms_norm = rms_norm,
  .layer_norm = layer_norm,
  .rotate = rotate,
  .gated = gated,
  .xielu = xielu,
  .bounded_gate = bounded_gate,
  .soft_cap = soft_cap,
  .clamp = clamp,
  .add = add,
  .scale = scale,
  .softplus = apus_plain_softplus,
  .sigmoid_gate = apus_plain_sigmoid_gate,
  .convolve = apus_plain_convolve,
  .advance_head = apus_plain_advance_head,
  .advance_channels = apus_plain_advance_channels,
  .advance_delta = apus_plain_advance_delta,
  .append_position = apus_plain_append_position,
  .attend_group = apus_plain_attend_group,
  .merge_groups = apus_plain_merge_groups,
  .attend = apus_plain_attend,
  .survey = survey,
  .weigh = weigh,
};
