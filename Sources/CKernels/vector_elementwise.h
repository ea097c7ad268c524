// The element-wise kernels on vectors of 16; the orders are those of the plain table.
#include "ckernels.h"
#include "vector.h"

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

APUS_INLINE v16f swiglu16(v16f gate, v16f up) { return gate / (1.0f + exp16(-gate)) * up; }

static void swiglu(const float *gate, const float *up, float *out, size_t n) {
  size_t whole = n / 16 * 16;
  for (size_t i = 0; i < whole; i += 16) store(out + i, swiglu16(load(gate + i), load(up + i)));
  size_t rest = n - whole;
  v16f last = swiglu16(load_first(gate + whole, rest, 0), load_first(up + whole, rest, 0));
  store_first(out + whole, last, rest);
}

static float softmax(float *x, size_t n) {
  const float infinity = __builtin_inff();
  size_t whole = n / 16 * 16;
  v16f lanes = -infinity;
  for (size_t i = 0; i < whole; i += 16) lanes = greater16(load(x + i), lanes);
  v16f rest = load_first(x + whole, n - whole, -infinity);
  float greatest = fold_greatest(greater16(rest, lanes));
  v16f sum = 0.0f;
  for (size_t i = 0; i < whole; i += 16) {
    v16f p = exp16(load(x + i) - greatest);
    store(x + i, p);
    sum += p;
  }
  rest = exp16(rest - greatest);
  float total = fold_sum(sum + rest);
  for (size_t i = 0; i < whole; i += 16) store(x + i, load(x + i) / total);
  store_first(x + whole, rest / total, n - whole);
  return greatest;
}

/// The greatest element of x [n], or NaN when some element is.
APUS_INLINE float greatest_or_nan(const float *x, size_t n) {
  v16f lanes[4] = {x[0], x[0], x[0], x[0]};
  v16i strange = 0;
  size_t i = 0;
  for (; i + 64 <= n; i += 64) {
    APUS_UNROLL for (size_t k = 0; k < 4; k++) {
      v16f v = load(x + i + 16 * k);
      lanes[k] = greater16(v, lanes[k]);
      strange |= v != v;
    }
  }
  for (; i < n; i += 16) {
    v16f v = load_first(x + i, n - i < 16 ? n - i : 16, x[0]);
    lanes[0] = greater16(v, lanes[0]);
    strange |= v != v;
  }
  if (any16(strange)) return __builtin_nanf("");
  return fold_greatest(greater16(greater16(lanes[0], lanes[1]), greater16(lanes[2], lanes[3])));
}

static size_t arg_max(const float *x, size_t n) {
  float greatest = greatest_or_nan(x, n);
  size_t i = 0;
  while (i + 16 <= n && !any16(load(x + i) == greatest)) i += 16;
  while (i < n && x[i] != greatest) i++;
  return i;
}

static size_t survey(const float *x, size_t n, float *maxima) {
  v16i strange = 0;
  v16f greatest = -__builtin_inff();
  for (size_t first = 0; first < n; first += APUS_LOGIT_BLOCK) {
    v16f most = -__builtin_inff();
    APUS_UNROLL for (int k = 0; k < APUS_LOGIT_BLOCK / 16; k++) {
      const size_t i = first + 16 * (size_t)k;
      size_t left = i < n ? n - i : 0;
      v16f v = load_first(x + i, left < 16 ? left : 16, -__builtin_inff());
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
  while (x[i] != best) i++;
  return i;
}

static void weigh(const float *x, size_t n, float best, float sharpness, float *weights,
                  float *sums) {
  for (size_t first = 0; first < n; first += APUS_LOGIT_BLOCK) {
    v16f sum = 0.0f;
    APUS_UNROLL for (int k = 0; k < APUS_LOGIT_BLOCK / 16; k++) {
      const size_t i = first + 16 * (size_t)k;
      size_t left = i < n ? n - i : 0;
      if (left > 16) left = 16;
      v16f weight = exp16((load_first(x + i, left, -__builtin_inff()) - best) * sharpness);
      store_first(weights + i, weight, left);
      sum += weight;
    }
    sums[first / APUS_LOGIT_BLOCK] = fold_sum(sum);
  }
}
