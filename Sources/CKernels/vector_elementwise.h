// The element-wise kernels on vectors of 16; the orders are those of the plain table.
#include "ckernels.h"
#include "vector_functions.h"

static void rms_norm(const float *x, const float *weight, float *out, size_t n, float epsilon) {
  size_t whole = n / 16 * 16;
  v16f sum = 0.0f;
  for (size_t i = 0; i < whole; i += 16) {
    v16f v = load(x + i);
    sum = fma16(v, v, sum);
  }
  v16f rest = load_first(x + whole, n - whole, 0);
  float mean = fold_sum(fma16(rest, rest, sum)) / (float)n;
  float r = 1.0f / __builtin_elementwise_sqrt(mean + epsilon);
  for (size_t i = 0; i < whole; i += 16) store(out + i, (load(x + i) * r) * load(weight + i));
  v16f scale = load_first(weight + whole, n - whole, 0);
  store_first(out + whole, (rest * r) * scale, n - whole);
}

/// The sum of (x - mean)^2.
APUS_INLINE float sum_of_deviations(const float *x, size_t n, float mean) {
  size_t whole = n / 16 * 16;
  v16f sum = 0.0f;
  for (size_t i = 0; i < whole; i += 16) {
    v16f v = load(x + i) - mean;
    sum = fma16(v, v, sum);
  }
  v16f rest = load_first(x + whole, n - whole, mean) - mean;
  return fold_sum(fma16(rest, rest, sum));
}

/// Up to 16 elements of a row, normalised.
APUS_INLINE v16f deviation16(const float *x, const float *weight, const float *bias, float mean,
                             float r, size_t n) {
  v16f value = (load_first(x, n, 0) - mean) * r;
  if (weight != NULL) value *= load_first(weight, n, 0);
  return bias != NULL ? value + load_first(bias, n, 0) : value;
}

static void layer_norm(const float *x, const float *weight, const float *bias, float *out, size_t n,
                       float epsilon) {
  size_t whole = n / 16 * 16;
  v16f sum = 0.0f;
  for (size_t i = 0; i < whole; i += 16) sum += load(x + i);
  float mean = fold_sum(sum + load_first(x + whole, n - whole, 0)) / (float)n;
  float r = 1.0f / __builtin_elementwise_sqrt(sum_of_deviations(x, n, mean) / (float)n + epsilon);
  for (size_t i = 0; i < n; i += 16) {
    size_t count = n - i < 16 ? n - i : 16;
    const float *factors = weight != NULL ? weight + i : NULL;
    const float *terms = bias != NULL ? bias + i : NULL;
    store_first(out + i, deviation16(x + i, factors, terms, mean, r, count), count);
  }
}

/// Rotates pairs (a[i], b[i]).
APUS_INLINE void rotate_lanes(v16f *a, v16f *b, v16f cosine, v16f sine) {
  v16f old = *a;
  *a = fma16(old, cosine, -(*b * sine));
  *b = fma16(old, sine, *b * cosine);
}

static void rotate_halves(float *x, size_t pairs, const float *cosines, const float *sines) {
  for (size_t i = 0; i < pairs; i += 16) {
    size_t n = pairs - i < 16 ? pairs - i : 16;
    v16f a = load_first(x + i, n, 0), b = load_first(x + pairs + i, n, 0);
    rotate_lanes(&a, &b, load_first(cosines + i, n, 0), load_first(sines + i, n, 0));
    store_first(x + i, a, n);
    store_first(x + pairs + i, b, n);
  }
}

static void rotate_neighbours(float *x, size_t pairs, const float *cosines, const float *sines) {
  for (size_t i = 0; i < pairs; i += 16) {
    size_t n = pairs - i < 16 ? pairs - i : 16;
    float both[32] = {0};
    __builtin_memcpy(both, x + 2 * i, 2 * n * sizeof *x);
    v16f low = load(both), high = load(both + 16);
    v16f a = __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26,
                                     28, 30);
    v16f b = __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27,
                                     29, 31);
    rotate_lanes(&a, &b, load_first(cosines + i, n, 0), load_first(sines + i, n, 0));
    low = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    high = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                   31);
    store(both, low);
    store(both + 16, high);
    __builtin_memcpy(x + 2 * i, both, 2 * n * sizeof *x);
  }
}

static void rotate(float *x, size_t heads, size_t head_length, size_t dimensions,
                   const float *cosines, const float *sines, bool interleaved) {
  for (size_t h = 0; h < heads; h++) {
    if (interleaved) {
      rotate_neighbours(x + h * head_length, dimensions / 2, cosines, sines);
    } else {
      rotate_halves(x + h * head_length, dimensions / 2, cosines, sines);
    }
  }
}

/// h (1 + f), 0 where f is -1: there h may be infinite.
APUS_INLINE v16f gelu16(v16f h, v16f f) {
  return select16(f == -1.0f, (v16f)0.0f, fma16(h, f, h));
}

APUS_INLINE v16f activation16(const apus_activation_kind kind, v16f x) {
  switch (kind) {
    case APUS_SILU: return x / (1.0f + exp16(-x));
    case APUS_GELU: return gelu16(0.5f * x, erf16(x * APUS_SQRT_HALF));
    case APUS_GELU_TANH: {
      v16f bent = fma16(APUS_GELU_CUBE, x * x, 1.0f);
      return gelu16(0.5f * x, tanh16(APUS_GELU_SLOPE * x * bent));
    }
    case APUS_RELU: return select16(x < 0.0f, (v16f)0.0f, x);
    case APUS_RELU_SQUARED: return select16(x < 0.0f, (v16f)0.0f, x * x);
  }
}

/// The activation of up to 16 values, times those of `up` where there is one.
APUS_INLINE void gate_few(const apus_activation_kind kind, const float *gate, const float *up,
                          float *out, const bool has_up, size_t n) {
  v16f value = activation16(kind, load_first(gate, n, 0));
  if (has_up) value *= load_first(up, n, 0);
  store_first(out, value, n);
}

APUS_INLINE void gate_all(const apus_activation_kind kind, const float *gate, const float *up,
                          float *out, const bool has_up, size_t n) {
  size_t whole = n / 16 * 16;
  for (size_t i = 0; i < whole; i += 16) gate_few(kind, gate + i, up + i, out + i, has_up, 16);
  gate_few(kind, gate + whole, up + whole, out + whole, has_up, n - whole);
}

#define APUS_EACH_ACTIVATION(DO) \
  DO(APUS_SILU) DO(APUS_GELU) DO(APUS_GELU_TANH) DO(APUS_RELU) DO(APUS_RELU_SQUARED)

static void gated(apus_activation_kind kind, const float *gate, const float *up, float *out,
                  size_t n) {
  // Where there is no `up`, the gate stands in for an address.
  const float *other = up != NULL ? up : gate;
#define GATE_CASE(KIND)                                    \
  case KIND:                                               \
    if (up != NULL) {                                      \
      gate_all(KIND, gate, other, out, true, n);           \
    } else {                                               \
      gate_all(KIND, gate, other, out, false, n);          \
    }                                                      \
    break;
  switch (kind) { APUS_EACH_ACTIVATION(GATE_CASE) }
}

APUS_INLINE v16f xielu16(v16f x, const apus_xielu *figures) {
  v16f ceiling = figures->ceiling, line = figures->slope * x;
  v16f bent = (exp16(select16(x < ceiling, x, ceiling)) - 1.0f) - x;
  v16f above = fma16(figures->square * x, x, line);
  return select16(x > 0.0f, above, fma16(figures->exponential, bent, line));
}

static void xielu(float *x, size_t n, const apus_xielu *figures) {
  size_t whole = n / 16 * 16;
  for (size_t i = 0; i < whole; i += 16) store(x + i, xielu16(load(x + i), figures));
  store_first(x + whole, xielu16(load_first(x + whole, n - whole, 0), figures), n - whole);
}

APUS_INLINE v16f bounded16(v16f x, const v16f most) {
  x = select16(x > most, most, x);
  return select16(x < -most, -most, x);
}

APUS_INLINE v16f bounded_gate16(v16f g, v16f u, const apus_bounded_gate *figures) {
  const v16f most = figures->limit;
  g = select16(g > most, most, g);
  v16f value = g / (1.0f + exp16(-(figures->slope * g)));
  return (bounded16(u, most) + 1.0f) * value;
}

static void bounded_gate(float *gate, const float *up, size_t n,
                         const apus_bounded_gate *figures) {
  for (size_t i = 0; i < n; i += 16) {
    size_t count = n - i < 16 ? n - i : 16;
    v16f g = load_first(gate + i, count, 0), u = load_first(up + i, count, 0);
    store_first(gate + i, bounded_gate16(g, u, figures), count);
  }
}

static void soft_cap(float *x, size_t n, float cap) {
  size_t whole = n / 16 * 16;
  for (size_t i = 0; i < whole; i += 16) store(x + i, cap * tanh16(load(x + i) / cap));
  v16f rest = load_first(x + whole, n - whole, 0);
  store_first(x + whole, cap * tanh16(rest / cap), n - whole);
}

static void clamp(float *x, size_t n, float bound) {
  const v16f most = bound;
  for (size_t i = 0; i < n; i += 16) {
    size_t count = n - i < 16 ? n - i : 16;
    store_first(x + i, bounded16(load_first(x + i, count, 0), most), count);
  }
}

static void add(float *x, const float *y, size_t n) {
  size_t whole = n / 16 * 16, rest = n - whole;
  for (size_t i = 0; i < whole; i += 16) store(x + i, load(x + i) + load(y + i));
  store_first(x + whole, load_first(x + whole, rest, 0) + load_first(y + whole, rest, 0), rest);
}

static void scale(float *x, size_t n, float factor) {
  size_t whole = n / 16 * 16, rest = n - whole;
  for (size_t i = 0; i < whole; i += 16) store(x + i, load(x + i) * factor);
  store_first(x + whole, load_first(x + whole, rest, 0) * factor, rest);
}

/// Those of 16 elements whose bits are set in the low half of a word's quarter; minus infinity for others.
APUS_INLINE v16f allowed16(v16f x, uint64_t bits) {
  const v16i lane = {1 << 0, 1 << 1, 1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
                     1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15};
  const v16i all = (int)(bits & 0xffff);
  const v16f none = -__builtin_inff();
  return select16((all & lane) != 0, x, none);
}

APUS_INLINE size_t survey_of(const float *x, size_t n, const uint64_t *allowed, float *maxima) {
  v16i strange = 0;
  v16f greatest = -__builtin_inff();
  for (size_t first = 0; first < n; first += APUS_LOGIT_BLOCK) {
    v16f most = -__builtin_inff();
    const uint64_t bits = allowed == NULL ? 0 : allowed[first / APUS_LOGIT_BLOCK];
    if (allowed != NULL && bits == 0) {
      maxima[first / APUS_LOGIT_BLOCK] = -__builtin_inff();
      continue;
    }
    APUS_UNROLL for (int k = 0; k < APUS_LOGIT_BLOCK / 16; k++) {
      const size_t i = first + 16 * (size_t)k;
      size_t left = i < n ? n - i : 0;
      v16f v = load_first(x + i, left < 16 ? left : 16, -__builtin_inff());
      if (allowed != NULL) v = allowed16(v, bits >> 16 * k);
      strange |= ~(v < __builtin_inff());
      most = greater16(v, most);
    }
    maxima[first / APUS_LOGIT_BLOCK] = fold_greatest(most);
    greatest = greater16(most, greatest);
  }
  float best = fold_greatest(greatest);
  if (any16(strange) || !(best > -__builtin_inff())) return n;
  size_t block = 0;
  while (maxima[block] != best) block++;
  size_t i = block * APUS_LOGIT_BLOCK;
  const uint64_t bits = allowed == NULL ? UINT64_MAX : allowed[block];
  while (x[i] != best || (bits >> i % APUS_LOGIT_BLOCK & 1) == 0) i++;
  return i;
}

static size_t survey(const float *x, size_t n, const uint64_t *allowed, float *maxima) {
  return allowed == NULL ? survey_of(x, n, NULL, maxima) : survey_of(x, n, allowed, maxima);
}

APUS_INLINE void weigh_of(const float *x, size_t n, const uint64_t *allowed,
                          apus_weighing how, float *weights, float *sums) {
  const float best = how.best, sharpness = how.sharpness;
  for (size_t first = 0; first < n; first += APUS_LOGIT_BLOCK) {
    v16f sum = 0.0f;
    const uint64_t bits = allowed == NULL ? 0 : allowed[first / APUS_LOGIT_BLOCK];
    if (allowed != NULL && bits == 0) {
      sums[first / APUS_LOGIT_BLOCK] = 0;
      continue;
    }
    APUS_UNROLL for (int k = 0; k < APUS_LOGIT_BLOCK / 16; k++) {
      const size_t i = first + 16 * (size_t)k;
      size_t left = i < n ? n - i : 0;
      if (left > 16) left = 16;
      v16f v = load_first(x + i, left, -__builtin_inff());
      if (allowed != NULL) v = allowed16(v, bits >> 16 * k);
      v16f weight = exp16((v - best) * sharpness);
      store_first(weights + i, weight, left);
      sum += weight;
    }
    sums[first / APUS_LOGIT_BLOCK] = fold_sum(sum);
  }
}

static void weigh(const float *x, size_t n, const uint64_t *allowed, apus_weighing how,
                  float *weights, float *sums) {
  if (allowed == NULL) {
    weigh_of(x, n, NULL, how, weights, sums);
  } else {
    weigh_of(x, n, allowed, how, weights, sums);
  }
}
