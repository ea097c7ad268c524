// Products of matrices in packed panels. Includers define `lanes`, a vector of floats, and
//   TILE_ROWS, TILE_VECTORS   rows of a tile, and vectors in each, that registers hold at once
//   DEPTH_BLOCK, ROW_BLOCK    of a block of A that stays in the second cache; whole tiles
// How blocks are cut does not show in results: a tile takes up every sum where C has left it.
#include "vector.h"

#include "ctraining.h"

#include <string.h>

enum {
  WIDTH = sizeof(lanes) / sizeof(float),
  PANEL = TILE_VECTORS * WIDTH,
};
_Static_assert(DEPTH_BLOCK * ROW_BLOCK <= APUS_MATMUL_SCRATCH, "a block fits the scratch");
_Static_assert(ROW_BLOCK % TILE_ROWS == 0, "a block has whole tiles");
_Static_assert(APUS_ATTENTION_TILE % PANEL == 0, "a tile of attention has whole panels");

APUS_INLINE lanes load_lanes(const float *x) {
  lanes v;
  __builtin_memcpy(&v, x, sizeof v);
  return v;
}

APUS_INLINE void store_lanes(float *x, lanes v) { __builtin_memcpy(x, &v, sizeof v); }

/// c += a b for one tile: a [depth, TILE_ROWS] and b [depth, PANEL], both packed.
APUS_INLINE void multiply_tile(const float *a, const float *b, size_t depth, float *c, size_t c_row,
                               bool accumulates) {
  lanes sum[TILE_ROWS][TILE_VECTORS];
  APUS_UNROLL for (int r = 0; r < TILE_ROWS; r++) {
    APUS_UNROLL for (int v = 0; v < TILE_VECTORS; v++) {
      sum[r][v] = accumulates ? load_lanes(c + r * c_row + v * WIDTH) : (lanes)0.0f;
    }
  }
  for (size_t k = 0; k < depth; k++, a += TILE_ROWS, b += PANEL) {
    lanes column[TILE_VECTORS];
    APUS_UNROLL for (int v = 0; v < TILE_VECTORS; v++) column[v] = load_lanes(b + v * WIDTH);
    APUS_UNROLL for (int r = 0; r < TILE_ROWS; r++) {
      const lanes row = a[r];
      APUS_UNROLL for (int v = 0; v < TILE_VECTORS; v++) {
        sum[r][v] = __builtin_elementwise_fma(row, column[v], sum[r][v]);
      }
    }
  }
  APUS_UNROLL for (int r = 0; r < TILE_ROWS; r++) {
    APUS_UNROLL for (int v = 0; v < TILE_VECTORS; v++) {
      store_lanes(c + r * c_row + v * WIDTH, sum[r][v]);
    }
  }
}

/// The same where C has fewer rows or columns than a tile: on a copy of it.
static void multiply_edge(const float *a, const float *b, size_t depth, float *c, size_t c_row,
                          size_t rows, size_t columns, bool accumulates) {
  float tile[TILE_ROWS * PANEL] = {0};
  for (size_t r = 0; accumulates && r < rows; r++) {
    memcpy(tile + r * PANEL, c + r * c_row, columns * sizeof *c);
  }
  multiply_tile(a, b, depth, tile, PANEL, true);
  for (size_t r = 0; r < rows; r++) memcpy(c + r * c_row, tile + r * PANEL, columns * sizeof *c);
}

static void pack(apus_view b, size_t depth, size_t columns, float *packed) {
  for (size_t start = 0; start < columns; start += PANEL, packed += depth * PANEL) {
    const size_t count = columns - start < PANEL ? columns - start : PANEL;
    const float *base = b.base + start * b.column;
    if (count < PANEL) memset(packed, 0, depth * PANEL * sizeof *packed);
    if (b.column == 1) {
      for (size_t k = 0; k < depth; k++) {
        memcpy(packed + k * PANEL, base + k * b.row, count * sizeof *packed);
      }
      continue;
    }
    // Few columns at a time, so that the lines of the panel are filled while they are near.
    for (size_t first = 0; first < count; first += 4) {
      const size_t end = first + 4 < count ? first + 4 : count;
      for (size_t k = 0; k < depth; k++) {
        for (size_t n = first; n < end; n++) {
          packed[k * PANEL + n] = base[k * b.row + n * b.column];
        }
      }
    }
  }
}

/// Turns four rows of four numbers.
APUS_INLINE void turn_four(const float *x, size_t row, float *out, size_t out_row) {
  v4f a, b, c, d;
  __builtin_memcpy(&a, x, sizeof a);
  __builtin_memcpy(&b, x + row, sizeof b);
  __builtin_memcpy(&c, x + 2 * row, sizeof c);
  __builtin_memcpy(&d, x + 3 * row, sizeof d);
  const v4f ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const v4f ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const v4f cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const v4f cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  const v4f turned[4] = {__builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5),
                         __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7),
                         __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5),
                         __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7)};
  APUS_UNROLL for (int k = 0; k < 4; k++) {
    __builtin_memcpy(out + k * out_row, &turned[k], sizeof turned[k]);
  }
}

/// TILE_ROWS rows, whose elements are neighbours, as [depth, TILE_ROWS].
APUS_INLINE void turn_tile(const float *x, size_t row, size_t depth, float *out) {
  const size_t fours = depth / 4 * 4;
  for (size_t k = 0; k < fours; k += 4) {
    APUS_UNROLL for (int r = 0; r + 4 <= TILE_ROWS; r += 4) {
      turn_four(x + r * row + k, row, out + k * TILE_ROWS + r, TILE_ROWS);
    }
    APUS_UNROLL for (int r = TILE_ROWS / 4 * 4; r < TILE_ROWS; r++) {
      APUS_UNROLL for (int i = 0; i < 4; i++) out[(k + i) * TILE_ROWS + r] = x[r * row + k + i];
    }
  }
  for (size_t k = fours; k < depth; k++) {
    for (int r = 0; r < TILE_ROWS; r++) out[k * TILE_ROWS + r] = x[r * row + k];
  }
}

/// Rearranges rows of A into tiles [depth, TILE_ROWS], with zeros for rows that there are not.
static void pack_rows(apus_view a, size_t rows, size_t depth, float *packed) {
  for (size_t start = 0; start < rows; start += TILE_ROWS, packed += depth * TILE_ROWS) {
    const float *base = a.base + start * a.row;
    const size_t count = rows - start < TILE_ROWS ? rows - start : TILE_ROWS;
    if (count == TILE_ROWS && a.column == 1) {
      turn_tile(base, a.row, depth, packed);
    } else if (count == TILE_ROWS && a.row == 1) {
      for (size_t k = 0; k < depth; k++) {
        __builtin_memcpy(packed + k * TILE_ROWS, base + k * a.column, TILE_ROWS * sizeof(float));
      }
    } else {
      for (size_t k = 0; k < depth; k++) {
        for (size_t r = 0; r < TILE_ROWS; r++) {
          packed[k * TILE_ROWS + r] = r < count ? base[r * a.row + k * a.column] : 0;
        }
      }
    }
  }
}

/// A block of packed rows with one panel.
static void multiply_panel(const float *a, const float *b, size_t depth, float *c, size_t c_row,
                           size_t rows, size_t columns, bool accumulates) {
  for (size_t m = 0; m < rows; m += TILE_ROWS, a += depth * TILE_ROWS) {
    if (rows - m < TILE_ROWS || columns < PANEL) {
      const size_t left = rows - m < TILE_ROWS ? rows - m : TILE_ROWS;
      multiply_edge(a, b, depth, c + m * c_row, c_row, left, columns, accumulates);
    } else if (accumulates) {
      multiply_tile(a, b, depth, c + m * c_row, c_row, true);
    } else {
      multiply_tile(a, b, depth, c + m * c_row, c_row, false);
    }
  }
}

static void multiply(const apus_matmul *w) {
  for (size_t k = 0; k < w->depth; k += DEPTH_BLOCK) {
    const size_t depth = w->depth - k < DEPTH_BLOCK ? w->depth - k : DEPTH_BLOCK;
    for (size_t m = 0; m < w->rows; m += ROW_BLOCK) {
      const size_t rows = w->rows - m < ROW_BLOCK ? w->rows - m : ROW_BLOCK;
      const apus_view a = {w->a.base + m * w->a.row + k * w->a.column, w->a.row, w->a.column};
      pack_rows(a, rows, depth, w->scratch);
      for (size_t n = 0; n < w->columns; n += PANEL) {
        const size_t columns = w->columns - n < PANEL ? w->columns - n : PANEL;
        multiply_panel(w->scratch, w->b + n * w->depth + k * PANEL, depth,
                       w->c + m * w->c_row + n, w->c_row, rows, columns, w->accumulates || k > 0);
      }
    }
  }
}

/// As many chains as a tile has, on registers alone.
static size_t keep_busy(size_t rounds, float *sums) {
  lanes sum[TILE_ROWS][TILE_VECTORS];
  lanes factor = sums[0], term = sums[1];
  APUS_UNROLL for (int r = 0; r < TILE_ROWS; r++) {
    APUS_UNROLL for (int v = 0; v < TILE_VECTORS; v++) sum[r][v] = (lanes)(float)(r + v);
  }
  for (size_t i = 0; i < rounds; i++) {
    APUS_UNROLL for (int r = 0; r < TILE_ROWS; r++) {
      APUS_UNROLL for (int v = 0; v < TILE_VECTORS; v++) {
        sum[r][v] = __builtin_elementwise_fma(sum[r][v], factor, term);
      }
    }
  }
  lanes total = sum[0][0];
  APUS_UNROLL for (int r = 0; r < TILE_ROWS; r++) {
    APUS_UNROLL for (int v = 0; v < TILE_VECTORS; v++) total += sum[r][v];
  }
  store_lanes(sums, total);
  return 2 * rounds * TILE_ROWS * PANEL;
}
