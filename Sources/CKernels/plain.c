// The plain table and its element-wise kernels.
#pragma STDC FP_CONTRACT OFF

#include "plain.h"
#include "scalar.h"

float apus_exp(float x) {
  if (x != x) return x;
  if (x < APUS_EXP_LOWEST) return 0;
  if (x > APUS_EXP_HIGHEST) return __builtin_inff();
  float rounded = __builtin_fmaf(x, APUS_EXP_LOG2E, APUS_EXP_ROUNDER);
  float n = rounded - APUS_EXP_ROUNDER;
  float r = __builtin_fmaf(n, -APUS_EXP_LN2_HIGH, x);
  r = __builtin_fmaf(n, -APUS_EXP_LN2_LOW, r);
  float q = __builtin_fmaf(APUS_EXP_C6, r, APUS_EXP_C5);
  q = __builtin_fmaf(q, r, APUS_EXP_C4);
  q = __builtin_fmaf(q, r, APUS_EXP_C3);
  q = __builtin_fmaf(q, r, APUS_EXP_C2);
  float power = __builtin_fmaf(q, r * r, r) + 1.0f;
  return apus_float_of_bits(apus_bits_of_float(power) + (apus_bits_of_float(rounded) << 23));
}

static void rms_norm(const float *x, const float *weight, float *out, size_t n, float epsilon) {
  float lane[16] = {0};
  for (size_t i = 0; i < n; i++) lane[i % 16] = __builtin_fmaf(x[i], x[i], lane[i % 16]);
  float mean = apus_plain_fold(lane) / (float)n;
  float r = 1.0f / __builtin_elementwise_sqrt(mean + epsilon);
  for (size_t i = 0; i < n; i++) out[i] = (x[i] * r) * weight[i];
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

static void swiglu(const float *gate, const float *up, float *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = gate[i] / (1.0f + apus_exp(-gate[i])) * up[i];
}

static float softmax(float *x, size_t n) {
  float greatest[16], sum[16] = {0};
  for (int i = 0; i < 16; i++) greatest[i] = -__builtin_inff();
  for (size_t i = 0; i < n; i++) {
    if (x[i] > greatest[i % 16]) greatest[i % 16] = x[i];
  }
  for (int width = 8; width >= 1; width /= 2) {
    for (int i = 0; i < width; i++) {
      if (greatest[i + width] > greatest[i]) greatest[i] = greatest[i + width];
    }
  }
  for (size_t i = 0; i < n; i++) {
    x[i] = apus_exp(x[i] - greatest[0]);
    sum[i % 16] += x[i];
  }
  float total = apus_plain_fold(sum);
  for (size_t i = 0; i < n; i++) x[i] /= total;
  return greatest[0];
}

static size_t arg_max(const float *x, size_t n) {
  size_t best = 0;
  for (size_t i = 0; i < n; i++) {
    if (x[i] != x[i]) return n;
    if (x[i] > x[best]) best = i;
  }
  return best;
}

static size_t survey(const float *x, size_t n, float *maxima) {
  size_t best = 0;
  bool strange = false;
  for (size_t i = 0; i < n; i++) {
    float *block = maxima + i / APUS_LOGIT_BLOCK;
    if (i % APUS_LOGIT_BLOCK == 0) *block = -__builtin_inff();
    if (!(x[i] < __builtin_inff())) strange = true;
    if (x[i] > *block) *block = x[i];
    if (x[i] > x[best]) best = i;
  }
  return strange || !(x[best] > -__builtin_inff()) ? n : best;
}

static void weigh(const float *x, size_t n, float best, float sharpness, float *weights,
                  float *sums) {
  for (size_t first = 0; first < n; first += APUS_LOGIT_BLOCK) {
    float lane[16] = {0};
    for (size_t i = first; i < first + APUS_LOGIT_BLOCK && i < n; i++) {
      weights[i] = apus_exp((x[i] - best) * sharpness);
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
  .rotate = rotate,
  .swiglu = swiglu,
  .softmax = softmax,
  .append_position = apus_plain_append_position,
  .attend_group = apus_plain_attend_group,
  .merge_groups = apus_plain_merge_groups,
  .attend = apus_plain_attend,
  .arg_max = arg_max,
  .survey = survey,
  .weigh = weigh,
};
