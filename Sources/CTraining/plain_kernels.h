// The plain twins: the definition of what the vector tables compute, for float and for double.
// Includers define APUS_REAL, APUS_OF, APUS_TABLE, APUS_EXP, APUS_SQRT and APUS_FMA.
#pragma STDC FP_CONTRACT OFF

#include "ctraining.h"

#include <math.h>

typedef APUS_REAL real;

enum { LANES = 16, PANEL = 16 };

/// Folds 16 lanes: adds those 8 apart, then 4, 2 and 1.
static real fold(real *lane) {
  for (int width = LANES / 2; width >= 1; width /= 2) {
    for (int i = 0; i < width; i++) lane[i] += lane[i + width];
  }
  return lane[0];
}

static real dot_row(const real *x, const real *y, size_t n) {
  real lanes[LANES] = {0};
  for (size_t i = 0; i < n; i++) lanes[i % LANES] = APUS_FMA(x[i], y[i], lanes[i % LANES]);
  return fold(lanes);
}

static void scale_row(real *x, real factor, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] *= factor;
}

static void pack(APUS_OF(apus_view) b, size_t depth, size_t columns, real *packed) {
  for (size_t start = 0; start < columns; start += PANEL) {
    for (size_t k = 0; k < depth; k++) {
      for (size_t n = start; n < start + PANEL; n++) {
        *packed++ = n < columns ? b.base[k * b.row + n * b.column] : 0;
      }
    }
  }
}

static void multiply(const APUS_OF(apus_matmul) *w) {
  for (size_t m = 0; m < w->rows; m++) {
    for (size_t n = 0; n < w->columns; n++) {
      const real *b = w->b + n / PANEL * PANEL * w->depth + n % PANEL;
      real *c = w->c + m * w->c_row + n;
      real sum = w->accumulates ? *c : 0;
      for (size_t k = 0; k < w->depth; k++) {
        sum = APUS_FMA(w->a.base[m * w->a.row + k * w->a.column], b[k * PANEL], sum);
      }
      *c = sum;
    }
  }
}

static real inverse_root(const APUS_OF(apus_row_norm) *w, const real *x) {
  return 1 / APUS_SQRT(dot_row(x, x, w->width) / (real)w->width + w->epsilon);
}

static void norm(const APUS_OF(apus_row_norm) *w, real *y) {
  for (size_t row = 0; row < w->rows; row++, y += w->width) {
    const real *x = w->x + row * w->width, r = inverse_root(w, x);
    for (size_t i = 0; i < w->width; i++) y[i] = x[i] * r * w->g[i];
  }
}

/// With u = dy g: dx += r (u - x r² mean(u x)), dg += dy x r.
static void norm_backward(const APUS_OF(apus_row_norm) *w, const real *dy, real *dx, real *dg) {
  for (size_t row = 0; row < w->rows; row++, dy += w->width, dx += w->width) {
    const real *x = w->x + row * w->width, r = inverse_root(w, x);
    real lanes[LANES] = {0};
    for (size_t i = 0; i < w->width; i++) {
      lanes[i % LANES] = APUS_FMA(dy[i] * w->g[i], x[i], lanes[i % LANES]);
    }
    const real pull = r * r * (fold(lanes) / (real)w->width);
    for (size_t i = 0; i < w->width; i++) {
      dx[i] = APUS_FMA(r, APUS_FMA(-x[i], pull, dy[i] * w->g[i]), dx[i]);
      dg[i] = APUS_FMA(dy[i], x[i] * r, dg[i]);
    }
  }
}

static void rotate(const APUS_OF(apus_rotation) *w, real *x) {
  for (size_t row = 0; row < w->rows; row++) {
    const real *cosines = w->cosines + w->positions[row] * w->head_length;
    const real *sines = w->sines + w->positions[row] * w->head_length;
    for (size_t head = 0; head < w->heads; head++, x += w->head_length) {
      for (size_t i = 0; i < w->head_length; i += 2) {
        const real a = x[i], b = x[i + 1];
        const real sign = w->inverse ? -1 : 1;
        x[i] = APUS_FMA(a, cosines[i], b * (sign * sines[i]));
        x[i + 1] = APUS_FMA(b, cosines[i + 1], a * (sign * sines[i + 1]));
      }
    }
  }
}

static real sigmoid(real x) { return 1 / (1 + APUS_EXP(-x)); }

static void swiglu(const real *gate, const real *up, real *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = gate[i] * sigmoid(gate[i]) * up[i];
}

/// With s = sigmoid(a): db = dh a s, da = dh b s (1 + a (1 - s)).
static void swiglu_backward(real *gate, real *up, const real *dout, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const real a = gate[i], b = up[i], s = sigmoid(a);
    up[i] = dout[i] * (a * s);
    gate[i] = dout[i] * b * (s * APUS_FMA(a, 1 - s, (real)1));
  }
}

static real greater(real a, real b) { return a > b ? a : b; }

static bool is_seen(size_t column, size_t low, size_t high) { return column >= low && column < high; }

static real soften_columns(real *scores, size_t low, size_t high, real scale, real *greatest,
                           real *sum) {
  real largest = *greatest, lanes[LANES] = {0};
  if (high <= low) {
    for (size_t i = 0; i < APUS_ATTENTION_TILE; i++) scores[i] = 0;
    return 1;
  }
  for (size_t i = low; i < high; i++) largest = greater(scores[i] * scale, largest);
  for (size_t i = 0; i < APUS_ATTENTION_TILE; i++) {
    scores[i] = is_seen(i, low, high) ? APUS_EXP(scores[i] * scale - largest) : 0;
    lanes[i % LANES] += scores[i];
  }
  const real factor = APUS_EXP(*greatest - largest);
  *greatest = largest;
  *sum = *sum * factor + fold(lanes);
  return factor;
}

static void score_gradient_columns(real *scores, real *gradients, size_t low, size_t high, real scale,
                                   real greatest, real inverse_sum, real delta) {
  for (size_t i = 0; i < APUS_ATTENTION_TILE; i++) {
    const bool seen = is_seen(i, low, high);
    scores[i] = seen ? APUS_EXP(scores[i] * scale - greatest) * inverse_sum : 0;
    gradients[i] = seen ? scores[i] * (gradients[i] - delta) * scale : 0;
  }
}

#define soften_row(scores, seen, scale, greatest, sum) \
  soften_columns(scores, (seen).low, (seen).high, scale, greatest, sum)
#define score_gradient_row(scores, gradients, seen, ...) \
  score_gradient_columns(scores, gradients, (seen).low, (seen).high, __VA_ARGS__)

#include "attention.h"

static double cross_entropy(real *logits, size_t n, size_t target, real weight) {
  real largest = -INFINITY, lanes[LANES] = {0};
  for (size_t i = 0; i < n; i++) largest = greater(logits[i], largest);
  const double chosen = (double)logits[target] - (double)largest;
  for (size_t i = 0; i < n; i++) {
    logits[i] = APUS_EXP(logits[i] - largest);
    lanes[i % LANES] += logits[i];
  }
  const real total = fold(lanes), factor = weight / total;
  for (size_t i = 0; i < n; i++) logits[i] *= factor;
  logits[target] -= weight;
  return chosen - apus_logarithm((double)total);
}

static void add(real *x, const real *y, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] += y[i];
}

static void blend(real *x, real a, const real *y, real b, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] = APUS_FMA(a, x[i], b * y[i]);
}

static double sum_squares(const real *x, size_t n) {
  double lanes[LANES] = {0};
  for (size_t i = 0; i < n; i++) {
    const double value = (double)x[i];
    lanes[i % LANES] = __builtin_fma(value, value, lanes[i % LANES]);
  }
  for (int width = LANES / 2; width >= 1; width /= 2) {
    for (int i = 0; i < width; i++) lanes[i] += lanes[i + width];
  }
  return lanes[0];
}

static void adamw(const APUS_OF(apus_adamw_constants) *c, real *weights, real *first, real *second,
                  const real *gradient, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const real g = gradient[i] * c->scale;
    first[i] = APUS_FMA(c->beta1, first[i], c->one_less_beta1 * g);
    second[i] = APUS_FMA(c->beta2, second[i], c->one_less_beta2 * (g * g));
    const real size = APUS_SQRT(second[i] * c->correction2) + c->epsilon;
    const real step = first[i] * c->correction1 / size;
    weights[i] = APUS_FMA(-c->rate, step, weights[i] * c->kept);
  }
}

const APUS_OF(apus_training_kernels) APUS_TABLE = {
    .name = "plain",
    .panel = PANEL,
    .pack = pack,
    .multiply = multiply,
    .norm = norm,
    .norm_backward = norm_backward,
    .rotate = rotate,
    .swiglu = swiglu,
    .swiglu_backward = swiglu_backward,
    .attend = attend,
    .attend_backward = attend_backward,
    .cross_entropy = cross_entropy,
    .add = add,
    .blend = blend,
    .sum_squares = sum_squares,
    .adamw = adamw,
};
