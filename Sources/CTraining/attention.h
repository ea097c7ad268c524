// Attention in tiles of 64 x 64, forward and backward, over products of matrices and two functions for
// rows of a tile. Written once for every table; includers define APUS_REAL and APUS_OF, PANEL, and
//   pack, multiply        as in the table
//   soften_row            a row's part of a running softmax
//   score_gradient_row    a row's probabilities and the gradients of its scores
//   scale_row             x *= factor
//   dot_row               the sum of products of two rows
// The tiles of a softmax run as in Dao et al., "FlashAttention", 2022.
#ifndef APUS_TRAINING_ATTENTION_H
#define APUS_TRAINING_ATTENTION_H

#include "ctraining.h"

#include <math.h>
#include <string.h>

enum { TILE = APUS_ATTENTION_TILE };

/// The tokens of a tile.
typedef struct {
  size_t start, count;
} token_tile;

static inline token_tile tile_at(size_t start, size_t tokens) {
  return (token_tile){start, tokens - start < TILE ? tokens - start : TILE};
}

/// Columns of a tile that a token sees: [low, high), empty where high <= low.
typedef struct {
  size_t low, high;
} seen_columns;

static inline seen_columns columns_seen(const uint32_t *first, size_t token, token_tile columns) {
  const size_t end = token + 1 < columns.start + columns.count ? token + 1
                                                               : columns.start + columns.count;
  const size_t start = first[token] > columns.start ? first[token] : columns.start;
  if (end <= start) return (seen_columns){0, 0};
  return (seen_columns){start - columns.start, end - columns.start};
}

/// Whether no token of a tile of rows sees anything before the end of a tile of columns.
static inline bool is_hidden(const uint32_t *first, token_tile rows, token_tile columns) {
  return first[rows.start] >= columns.start + columns.count;
}

#endif

/// The scratch of attention, cut into its parts.
typedef struct {
  APUS_REAL *product;       // what `multiply` takes
  APUS_REAL *scores, *gradients;  // [TILE, TILE]
  APUS_REAL *left, *right, *third, *fourth;  // packed matrices of a tile, or of all tokens
} APUS_OF(attention_parts);

static size_t APUS_OF(packed_tile)(size_t head_length) {
  return TILE * ((head_length + TILE - 1) / TILE * TILE);
}

static APUS_OF(attention_parts) APUS_OF(cut_scratch)(APUS_REAL *scratch, size_t tiles,
                                                     size_t head_length) {
  APUS_OF(attention_parts) parts;
  const size_t all = tiles * APUS_OF(packed_tile)(head_length);
  parts.product = scratch;
  parts.scores = parts.product + APUS_MATMUL_SCRATCH;
  parts.gradients = parts.scores + TILE * TILE;
  parts.left = parts.gradients + TILE * TILE;
  parts.right = parts.left + all;
  parts.third = parts.right + all;
  parts.fourth = parts.third + APUS_OF(packed_tile)(head_length);
  return parts;
}

/// The rows of one head in a tile, [tokens, D].
static APUS_OF(apus_view) APUS_OF(head_rows)(const APUS_REAL *base, size_t heads, size_t head,
                                             size_t head_length, token_tile tile) {
  const size_t row = heads * head_length;
  return (APUS_OF(apus_view)){base + tile.start * row + head * head_length, row, 1};
}

static APUS_OF(apus_view) APUS_OF(turned)(APUS_OF(apus_view) view) {
  return (APUS_OF(apus_view)){view.base, view.column, view.row};
}

/// scores = q kᵀ of one tile.
static void APUS_OF(score_tile)(const APUS_OF(apus_leaf_attention) *w, size_t head, token_tile rows,
                                token_tile columns, const APUS_REAL *packed_keys,
                                APUS_OF(attention_parts) parts) {
  const APUS_OF(apus_matmul) product = {
      .rows = rows.count, .columns = columns.count, .depth = w->head_length,
      .a = APUS_OF(head_rows)(w->q, w->query_heads, head, w->head_length, rows),
      .b = packed_keys, .c = parts.scores, .c_row = TILE, .accumulates = false,
      .scratch = parts.product};
  multiply(&product);
}

/// Turns scores into weights of the running softmax, and what was gathered so far to its new maximum.
static void APUS_OF(soften_tile)(const APUS_OF(apus_leaf_attention) *w, size_t head, token_tile rows,
                                 token_tile columns, bool is_first, APUS_REAL *scores) {
  const APUS_REAL scale = 1 / (APUS_REAL)sqrt((double)w->head_length);
  for (size_t r = 0; r < rows.count; r++) {
    const size_t token = rows.start + r, place = token * w->query_heads + head;
    APUS_REAL *greatest = w->greatest + place, *sum = w->inverse_sum + place;
    if (is_first) *greatest = -INFINITY, *sum = 0;
    const APUS_REAL factor = soften_row(scores + r * TILE, columns_seen(w->first, token, columns),
                                        scale, greatest, sum);
    if (!is_first && factor != 1) {
      scale_row(w->out + place * w->head_length, factor, w->head_length);
    }
  }
}

static void APUS_OF(gather_tile)(const APUS_OF(apus_leaf_attention) *w, size_t head, token_tile rows,
                                 token_tile columns, bool is_first, APUS_OF(attention_parts) parts,
                                 const APUS_REAL *packed_values) {
  const size_t row = w->query_heads * w->head_length;
  const APUS_OF(apus_matmul) product = {
      .rows = rows.count, .columns = w->head_length, .depth = columns.count,
      .a = {parts.scores, TILE, 1}, .b = packed_values,
      .c = w->out + rows.start * row + head * w->head_length, .c_row = row,
      .accumulates = !is_first, .scratch = parts.product};
  multiply(&product);
}

static void APUS_OF(attend_rows)(const APUS_OF(apus_leaf_attention) *w, size_t head, token_tile rows,
                                 APUS_OF(attention_parts) parts) {
  const size_t packed = APUS_OF(packed_tile)(w->head_length);
  bool is_first = true;
  for (size_t start = w->first[rows.start] / TILE * TILE; start <= rows.start; start += TILE) {
    const token_tile columns = tile_at(start, w->tokens);
    const size_t place = start / TILE * packed;
    APUS_OF(score_tile)(w, head, rows, columns, parts.left + place, parts);
    APUS_OF(soften_tile)(w, head, rows, columns, is_first, parts.scores);
    APUS_OF(gather_tile)(w, head, rows, columns, is_first, parts, parts.right + place);
    is_first = false;
  }
  for (size_t token = rows.start; token < rows.start + rows.count; token++) {
    const size_t place = token * w->query_heads + head;
    w->inverse_sum[place] = 1 / w->inverse_sum[place];
    scale_row(w->out + place * w->head_length, w->inverse_sum[place], w->head_length);
  }
}

static void attend(const APUS_OF(apus_leaf_attention) *w) {
  const size_t group = w->query_heads / w->key_value_heads, length = w->head_length;
  const size_t packed = APUS_OF(packed_tile)(length);
  const APUS_OF(attention_parts) parts =
      APUS_OF(cut_scratch)(w->scratch, (w->tokens + TILE - 1) / TILE, length);
  for (size_t g = 0; g < w->key_value_heads; g++) {
    for (size_t start = 0; start < w->tokens; start += TILE) {
      const token_tile columns = tile_at(start, w->tokens);
      const APUS_OF(apus_view) keys = APUS_OF(head_rows)(w->k, w->key_value_heads, g, length, columns);
      pack(APUS_OF(turned)(keys), length, columns.count, parts.left + start / TILE * packed);
      pack(APUS_OF(head_rows)(w->v, w->key_value_heads, g, length, columns), columns.count, length,
           parts.right + start / TILE * packed);
    }
    for (size_t head = g * group; head < (g + 1) * group; head++) {
      for (size_t start = 0; start < w->tokens; start += TILE) {
        APUS_OF(attend_rows)(w, head, tile_at(start, w->tokens), parts);
      }
    }
  }
}

/// Multiplies a [TILE, TILE] matrix, turned or not, with packed rows, and adds to the rows of a head.
static void APUS_OF(spread)(APUS_OF(apus_view) weights, token_tile from, const APUS_REAL *packed,
                            APUS_REAL *to, size_t heads, size_t head, size_t length, token_tile rows,
                            APUS_REAL *scratch) {
  const size_t row = heads * length;
  const APUS_OF(apus_matmul) product = {
      .rows = rows.count, .columns = length, .depth = from.count, .a = weights, .b = packed,
      .c = to + rows.start * row + head * length, .c_row = row, .accumulates = true,
      .scratch = scratch};
  multiply(&product);
}

/// Probabilities into `scores`, and gradients of the scores into `gradients`.
static void APUS_OF(differentiate_rows)(const APUS_OF(apus_leaf_attention) *w, size_t head,
                                        const APUS_REAL *dout, token_tile rows, token_tile columns,
                                        APUS_OF(attention_parts) parts) {
  const APUS_REAL scale = 1 / (APUS_REAL)sqrt((double)w->head_length);
  for (size_t r = 0; r < rows.count; r++) {
    const size_t token = rows.start + r, place = token * w->query_heads + head;
    const APUS_REAL delta =
        dot_row(dout + place * w->head_length, w->out + place * w->head_length, w->head_length);
    score_gradient_row(parts.scores + r * TILE, parts.gradients + r * TILE,
                       columns_seen(w->first, token, columns), scale, w->greatest[place],
                       w->inverse_sum[place], delta);
  }
}

static void APUS_OF(attend_tile_backward)(const APUS_OF(apus_leaf_attention) *w,
                                          const APUS_OF(apus_leaf_attention_gradients) *d,
                                          size_t head, token_tile rows, token_tile columns,
                                          APUS_OF(attention_parts) parts) {
  const size_t length = w->head_length, heads = w->query_heads, packed = APUS_OF(packed_tile)(length);
  const size_t shared = head / (heads / w->key_value_heads);
  APUS_OF(score_tile)(w, head, rows, columns, parts.left, parts);
  const APUS_OF(apus_view) dout = APUS_OF(head_rows)(d->out, heads, head, length, rows);
  const APUS_OF(apus_matmul) product = {
      .rows = rows.count, .columns = columns.count, .depth = length, .a = dout,
      .b = parts.left + packed, .c = parts.gradients, .c_row = TILE, .accumulates = false,
      .scratch = parts.product};
  multiply(&product);
  APUS_OF(differentiate_rows)(w, head, d->out, rows, columns, parts);
  const APUS_OF(apus_view) scores = {parts.scores, TILE, 1}, gradients = {parts.gradients, TILE, 1};
  pack(dout, rows.count, length, parts.third);
  APUS_OF(spread)(APUS_OF(turned)(scores), rows, parts.third, d->v, w->key_value_heads, shared, length,
                  columns, parts.product);
  pack(APUS_OF(head_rows)(w->q, heads, head, length, rows), rows.count, length, parts.fourth);
  APUS_OF(spread)(APUS_OF(turned)(gradients), rows, parts.fourth, d->k, w->key_value_heads, shared,
                  length, columns, parts.product);
  APUS_OF(spread)(gradients, columns, parts.right, d->q, heads, head, length, rows, parts.product);
}

static void attend_backward(const APUS_OF(apus_leaf_attention) *w,
                            const APUS_OF(apus_leaf_attention_gradients) *d) {
  const size_t group = w->query_heads / w->key_value_heads, length = w->head_length;
  const size_t packed = APUS_OF(packed_tile)(length);
  // At least the two tiles that lie to the left are needed.
  const APUS_OF(attention_parts) parts =
      APUS_OF(cut_scratch)(w->scratch, (w->tokens + TILE - 1) / TILE + 1, length);
  memset(d->q, 0, w->tokens * w->query_heads * length * sizeof(APUS_REAL));
  memset(d->k, 0, w->tokens * w->key_value_heads * length * sizeof(APUS_REAL));
  memset(d->v, 0, w->tokens * w->key_value_heads * length * sizeof(APUS_REAL));
  for (size_t g = 0; g < w->key_value_heads; g++) {
    for (size_t start = 0; start < w->tokens; start += TILE) {
      const token_tile columns = tile_at(start, w->tokens);
      const APUS_OF(apus_view) keys = APUS_OF(head_rows)(w->k, w->key_value_heads, g, length, columns);
      const APUS_OF(apus_view) values =
          APUS_OF(head_rows)(w->v, w->key_value_heads, g, length, columns);
      pack(APUS_OF(turned)(keys), length, columns.count, parts.left);
      pack(APUS_OF(turned)(values), length, columns.count, parts.left + packed);
      pack(keys, columns.count, length, parts.right);
      for (size_t head = g * group; head < (g + 1) * group; head++) {
        for (size_t below = start; below < w->tokens; below += TILE) {
          const token_tile rows = tile_at(below, w->tokens);
          if (is_hidden(w->first, rows, columns)) break;
          APUS_OF(attend_tile_backward)(w, d, head, rows, columns, parts);
        }
      }
    }
  }
}
