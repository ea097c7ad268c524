// What is not a product of matrices, in vectors of 16 floats: the chains of the plain twins.
#include "vector_functions.h"

#include "ctraining.h"

#include <math.h>

typedef double v16d __attribute__((ext_vector_type(16)));
typedef double v8d __attribute__((ext_vector_type(8)));
typedef double v4d __attribute__((ext_vector_type(4)));
typedef double v2d __attribute__((ext_vector_type(2)));

APUS_INLINE size_t lanes_left(size_t n, size_t i) { return n - i < 16 ? n - i : 16; }

APUS_INLINE float dot_row(const float *x, const float *y, size_t n) {
  v16f sum = 0.0f;
  for (size_t i = 0; i < n; i += 16) {
    const size_t left = lanes_left(n, i);
    sum = fma16(load_first(x + i, left, 0), load_first(y + i, left, 0), sum);
  }
  return fold_sum(sum);
}

static void scale_row(float *x, float factor, size_t n) {
  for (size_t i = 0; i < n; i += 16) {
    const size_t left = lanes_left(n, i);
    store_first(x + i, load_first(x + i, left, 0) * factor, left);
  }
}

APUS_INLINE float inverse_root(const apus_row_norm *w, const float *x) {
  return 1 / __builtin_sqrtf(dot_row(x, x, w->width) / (float)w->width + w->epsilon);
}

static void norm(const apus_row_norm *w, float *y) {
  for (size_t row = 0; row < w->rows; row++, y += w->width) {
    const float *x = w->x + row * w->width;
    const v16f r = inverse_root(w, x);
    for (size_t i = 0; i < w->width; i += 16) {
      const size_t left = lanes_left(w->width, i);
      store_first(y + i, load_first(x + i, left, 0) * r * load_first(w->g + i, left, 0), left);
    }
  }
}

static void norm_backward(const apus_row_norm *w, const float *dy, float *dx, float *dg) {
  for (size_t row = 0; row < w->rows; row++, dy += w->width, dx += w->width) {
    const float *x = w->x + row * w->width, root = inverse_root(w, x);
    v16f sum = 0.0f;
    for (size_t i = 0; i < w->width; i += 16) {
      const size_t left = lanes_left(w->width, i);
      const v16f u = load_first(dy + i, left, 0) * load_first(w->g + i, left, 0);
      sum = fma16(u, load_first(x + i, left, 0), sum);
    }
    const v16f r = root, pull = root * root * (fold_sum(sum) / (float)w->width);
    for (size_t i = 0; i < w->width; i += 16) {
      const size_t left = lanes_left(w->width, i);
      const v16f d = load_first(dy + i, left, 0), value = load_first(x + i, left, 0);
      const v16f u = d * load_first(w->g + i, left, 0);
      const v16f inner = fma16(-value, pull, u);
      store_first(dx + i, fma16(r, inner, load_first(dx + i, left, 0)), left);
      store_first(dg + i, fma16(d, value * r, load_first(dg + i, left, 0)), left);
    }
  }
}

static void rotate(const apus_rotation *w, float *x) {
  for (size_t row = 0; row < w->rows; row++) {
    const float *cosines = w->cosines + w->positions[row] * w->head_length;
    const float *sines = w->sines + w->positions[row] * w->head_length;
    for (size_t head = 0; head < w->heads; head++, x += w->head_length) {
      for (size_t i = 0; i < w->head_length; i += 16) {
        const size_t left = lanes_left(w->head_length, i);
        const v16f value = load_first(x + i, left, 0);
        const v16f swapped = __builtin_shufflevector(value, value, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11,
                                                     10, 13, 12, 15, 14);
        v16f sine = load_first(sines + i, left, 0);
        if (w->inverse) sine = -sine;
        const v16f turned = fma16(value, load_first(cosines + i, left, 0), swapped * sine);
        store_first(x + i, turned, left);
      }
    }
  }
}

APUS_INLINE v16f sigmoid16(v16f x) { return 1.0f / (1.0f + exp16(-x)); }

static void swiglu(const float *gate, const float *up, float *out, size_t n) {
  for (size_t i = 0; i < n; i += 16) {
    const size_t left = lanes_left(n, i);
    const v16f a = load_first(gate + i, left, 0);
    store_first(out + i, a * sigmoid16(a) * load_first(up + i, left, 0), left);
  }
}

static void swiglu_backward(float *gate, float *up, const float *dout, size_t n) {
  const v16f one = 1.0f;
  for (size_t i = 0; i < n; i += 16) {
    const size_t left = lanes_left(n, i);
    const v16f a = load_first(gate + i, left, 0), b = load_first(up + i, left, 0);
    const v16f d = load_first(dout + i, left, 0), s = sigmoid16(a);
    store_first(up + i, d * (a * s), left);
    store_first(gate + i, d * b * (s * fma16(a, one - s, one)), left);
  }
}

static const v16i lane_numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// All ones in the lanes of columns i ... i + 15 that lie in [low, high).
APUS_INLINE v16i seen16(size_t i, size_t low, size_t high) {
  const v16i column = lane_numbers + (int32_t)i;
  return (column >= (int32_t)low) & (column < (int32_t)high);
}

static float soften_columns(float *scores, size_t low, size_t high, float scale, float *greatest,
                            float *sum) {
  enum { PARTS = APUS_ATTENTION_TILE / 16 };
  v16f part[PARTS], largest = *greatest, total = 0.0f;
  if (high <= low) {
    APUS_UNROLL for (int i = 0; i < PARTS; i++) store(scores + 16 * i, (v16f)0.0f);
    return 1;
  }
  APUS_UNROLL for (int i = 0; i < PARTS; i++) {
    part[i] = load(scores + 16 * i) * scale;
    part[i] = select16(seen16(16 * (size_t)i, low, high), part[i], (v16f)-INFINITY);
    largest = greater16(part[i], largest);
  }
  const float most = fold_greatest(largest), factor = apus_exp(*greatest - most);
  APUS_UNROLL for (int i = 0; i < PARTS; i++) {
    part[i] = exp16(part[i] - most);
    store(scores + 16 * i, part[i]);
    total += part[i];
  }
  *greatest = most;
  *sum = *sum * factor + fold_sum(total);
  return factor;
}

static void score_gradient_columns(float *scores, float *gradients, size_t low, size_t high,
                                   float scale, float greatest, float inverse_sum, float delta) {
  const v16f zero = 0.0f;
  APUS_UNROLL for (size_t i = 0; i < APUS_ATTENTION_TILE; i += 16) {
    const v16i seen = seen16(i, low, high);
    const v16f p = select16(seen, exp16(load(scores + i) * scale - greatest) * inverse_sum, zero);
    store(scores + i, p);
    store(gradients + i, select16(seen, p * (load(gradients + i) - delta) * scale, zero));
  }
}

#define soften_row(scores, seen, scale, greatest, sum) \
  soften_columns(scores, (seen).low, (seen).high, scale, greatest, sum)
#define score_gradient_row(scores, gradients, seen, ...) \
  score_gradient_columns(scores, gradients, (seen).low, (seen).high, __VA_ARGS__)

static double cross_entropy(float *logits, size_t n, size_t target, float weight) {
  v16f largest = -INFINITY, sum = 0.0f;
  for (size_t i = 0; i < n; i += 16) {
    largest = greater16(load_first(logits + i, lanes_left(n, i), -INFINITY), largest);
  }
  const float most = fold_greatest(largest);
  const double chosen = (double)logits[target] - (double)most;
  for (size_t i = 0; i < n; i += 16) {
    const size_t left = lanes_left(n, i);
    const v16f e = exp16(load_first(logits + i, left, -INFINITY) - most);
    store_first(logits + i, e, left);
    sum += e;
  }
  const float total = fold_sum(sum);
  scale_row(logits, weight / total, n);
  logits[target] -= weight;
  return chosen - apus_logarithm((double)total);
}

static void add(float *x, const float *y, size_t n) {
  for (size_t i = 0; i < n; i += 16) {
    const size_t left = lanes_left(n, i);
    store_first(x + i, load_first(x + i, left, 0) + load_first(y + i, left, 0), left);
  }
}

static void blend(float *x, float a, const float *y, float b, size_t n) {
  const v16f factor = a;
  for (size_t i = 0; i < n; i += 16) {
    const size_t left = lanes_left(n, i);
    const v16f term = load_first(y + i, left, 0) * b;
    store_first(x + i, fma16(factor, load_first(x + i, left, 0), term), left);
  }
}

static double sum_squares(const float *x, size_t n) {
  v16d sum = 0.0;
  for (size_t i = 0; i < n; i += 16) {
    const v16d value = __builtin_convertvector(load_first(x + i, lanes_left(n, i), 0), v16d);
    sum = __builtin_elementwise_fma(value, value, sum);
  }
  const v8d a = sum.lo + sum.hi;
  const v4d b = a.lo + a.hi;
  const v2d c = b.lo + b.hi;
  return c.x + c.y;
}

static void adamw(const apus_adamw_constants *c, float *weights, float *first, float *second,
                  const float *gradient, size_t n) {
  const v16f beta1 = c->beta1, beta2 = c->beta2, back = -c->rate;
  for (size_t i = 0; i < n; i += 16) {
    const size_t left = lanes_left(n, i);
    const v16f g = load_first(gradient + i, left, 0) * c->scale;
    const v16f m = fma16(beta1, load_first(first + i, left, 0), c->one_less_beta1 * g);
    const v16f v = fma16(beta2, load_first(second + i, left, 0), c->one_less_beta2 * (g * g));
    const v16f size = __builtin_elementwise_sqrt(v * c->correction2) + c->epsilon;
    const v16f step = m * c->correction1 / size;
    const v16f kept = load_first(weights + i, left, 0) * c->kept;
    store_first(first + i, m, left);
    store_first(second + i, v, left);
    store_first(weights + i, fma16(back, step, kept), left);
  }
}
