// Products with weight panels. Includers define
//   LANES              output columns per vector: 16, or 8 (a panel then has two parts)
//   ROW_TILE           the most rows that share each load of weights
//   MAX_STREAMS        the most panels that are read at once
//   lanes_f, lanes_i   vectors of LANES floats and integers
//   load_halves        LANES float16 as floats
//   load_integers      LANES int8 as floats
//   block_inputs       one block of a few rows of activations, as dot_block wants it
//   read_inputs        makes it
//   dot_part           adds stored * activation over a block or half of it, for a few rows
#include "products.h"
#include "vector.h"

#define PARTS (APUS_PANEL / LANES)
// How far ahead of its use a weight is asked for, where the processor does not see to that itself:
// with several streams, and where arithmetic lets the reads fall behind.
#define PREFETCH_BYTES 2048

/// Whether one stream of reads leaves the memory idle, so that several panels should be read at
/// once: 8 streams are 1.7 times as fast as one on Intel's server processors, but slower on AMD's.
/// Results do not depend on it; tests define APUS_FORCE_STREAMS to run both ways anywhere.
APUS_INLINE bool reads_in_streams(void) {
#ifdef APUS_FORCE_STREAMS
  return true;
#else
  return __builtin_cpu_is("intel");
#endif
}

APUS_INLINE activation_rows rows_from(const apus_activations *activations, size_t row) {
  size_t blocks = activations->columns / APUS_BLOCK;
  return (activation_rows){
    activations->digits + 2 * row * activations->columns,
    activations->sums + row * blocks,
    activations->half_sums + 2 * row * blocks,
    activations->scales + row * blocks,
    activations->scaled_sums + row * blocks,
    activations->columns,
    blocks,
  };
}

/// Scales or minima of LANES columns in a block. `factors` are those that they need, if any.
APUS_INLINE lanes_f read_scales(const apus_format format, const uint8_t *scales,
                                const uint8_t *factors) {
  if (!format.is_factored) return load_halves(scales);
  return load_halves(factors) * load_integers(scales);
}

/// Adds one part of a panel's block to the totals of `count` rows.
APUS_INLINE void add_part(const apus_format format, const uint8_t *block, const uint8_t *factors,
                          const int part, const activation_rows *rows, const block_inputs *inputs,
                          const int count, lanes_f *totals) {
  const size_t scale_bytes = apus_scale_bytes(format), lane = (size_t)part * LANES;
  const uint8_t *scales = block + apus_value_bytes(format) + lane * scale_bytes / APUS_PANEL;
  const uint8_t *minima = block + apus_minimum_offset(format) + lane * scale_bytes / APUS_PANEL;
  factors += lane * sizeof(uint16_t);
  APUS_UNROLL for (int i = 0; i < format.scales; i++) {
    const bool whole = format.scales == 1;
    int32_t part_sums[ROW_TILE];
    lanes_i sums[ROW_TILE];
    APUS_UNROLL for (int r = 0; r < count; r++) {
      const size_t at = (size_t)r * rows->blocks;
      part_sums[r] = whole ? rows->sums[at] : rows->half_sums[2 * at + (size_t)i];
      sums[r] = -format.zero * part_sums[r];
    }
    dot_part(format, block + lane * 4, i, inputs, count, sums);
    const lanes_f d = read_scales(format, scales + (size_t)i * scale_bytes, factors);
    lanes_f m = 0.0f;
    if (format.has_minimum) {
      const uint8_t *factor = factors + APUS_PANEL * sizeof(uint16_t);
      m = read_scales(format, minima + (size_t)i * scale_bytes, factor);
      if (format.is_factored) m = -m;
    }
    APUS_UNROLL for (int r = 0; r < count; r++) {
      const size_t at = (size_t)r * rows->blocks;
      lanes_f sum = __builtin_convertvector(sums[r], lanes_f), scale = rows->scales[at];
      totals[r] = __builtin_elementwise_fma(sum, d * scale, totals[r]);
      if (format.has_minimum) {
        lanes_f factor = whole ? rows->scaled_sums[at] : rows->scales[at] * (float)part_sums[r];
        totals[r] = __builtin_elementwise_fma(m, factor, totals[r]);
      }
    }
  }
}

/// Writes the totals [count, LANES] of rows from t and columns from n on, as far as the matrix has
/// columns. Not inlined, because it is large and runs once for a whole sum.
static __attribute__((noinline)) void write_totals(const product_job *job, size_t t, size_t n,
                                                   int count, const float *totals) {
  for (int r = 0; r < count; r++) {
    float *out = job->to.out + (t + (size_t)r) * job->to.out_stride + n;
    const float *total = totals + r * LANES;
    size_t end = n < job->columns ? job->columns - n : 0;
    if (end > LANES) end = LANES;
    if (end == LANES && !job->to.accumulate) {
      __builtin_memcpy(out, total, LANES * sizeof *out);
    } else {
      for (size_t i = 0; i < end; i++) out[i] = job->to.accumulate ? out[i] + total[i] : total[i];
    }
  }
}

APUS_INLINE void multiply_tile(const apus_format format, const product_job *job,
                               const product_tile tile, const int count, const int streams) {
  const size_t blocks = job->activations->columns / APUS_BLOCK;
  const size_t panel_bytes = apus_one_panel_bytes(format, blocks);
  const size_t block_bytes = apus_block_bytes(format);
  const bool prefetch = streams > 1 || count > ROW_TILE / 2;
  const uint8_t *block = job->panels + tile.panel * panel_bytes, *factors = block;
  activation_rows rows = rows_from(job->activations, tile.row);
  lanes_f totals[MAX_STREAMS][PARTS][ROW_TILE];
  APUS_UNROLL for (int i = 0; i < streams * PARTS * ROW_TILE; i++) {
    totals[i / ROW_TILE / PARTS][i / ROW_TILE % PARTS][i % ROW_TILE] = 0.0f;
  }
  for (size_t b = 0; b < blocks; b++) {
    if (format.is_factored && b % APUS_SUPER_BLOCK == 0) {
      factors = block;
      block += apus_factor_bytes(format);
    }
    const block_inputs inputs = read_inputs(format, &rows, count);
    APUS_UNROLL for (int s = 0; s < streams; s++) {
      const size_t stream = (size_t)s * tile.apart * panel_bytes;
      APUS_UNROLL for (size_t line = 0; prefetch && line < block_bytes; line += 64) {
        __builtin_prefetch(block + stream + line + PREFETCH_BYTES);
      }
      APUS_UNROLL for (int part = 0; part < PARTS; part++) {
        add_part(format, block + stream, factors + stream, part, &rows, &inputs, count,
                 totals[s][part]);
      }
    }
    block += block_bytes;
    rows.digits += 2 * APUS_BLOCK;
    rows.sums += 1, rows.half_sums += 2, rows.scales += 1, rows.scaled_sums += 1;
  }
  APUS_UNROLL for (int s = 0; s < streams; s++) {
    const size_t n = (tile.panel + (size_t)s * tile.apart) * APUS_PANEL;
    APUS_UNROLL for (int part = 0; part < PARTS; part++) {
      lanes_f written[ROW_TILE];
      APUS_UNROLL for (int r = 0; r < count; r++) written[r] = totals[s][part][r];
      write_totals(job, tile.row, n + (size_t)part * LANES, count, (const float *)written);
    }
  }
}

/// Multiplies with the panels from `first` on, walking `streams` equal shares of them at once;
/// returns the first panel that is left.
APUS_INLINE size_t multiply_shares(const apus_format format, const product_job *job, size_t first,
                                   const int count, const int streams) {
  if (streams > 1 && streams * count > MAX_STREAMS) return first;
  size_t share = (job->last_panel - first) / (size_t)streams;
  for (size_t i = 0; i < share; i++) {
    multiply_tile(format, job, (product_tile){0, first + i, share}, count, streams);
  }
  return first + share * (size_t)streams;
}

/// Multiplies with rows so few that reading the weights takes the time.
APUS_INLINE void multiply_few(const apus_format format, const product_job *job, const int count) {
  size_t first = job->first_panel;
  if (reads_in_streams()) {
    first = multiply_shares(format, job, first, count, 8);
    first = multiply_shares(format, job, first, count, 4);
    first = multiply_shares(format, job, first, count, 2);
  }
  multiply_shares(format, job, first, count, 1);
}

/// Multiplies with many rows: all of them pass a panel while it is in the nearest cache.
APUS_INLINE void multiply_many(const apus_format format, const product_job *job) {
  for (size_t p = job->first_panel; p < job->last_panel; p++) {
    size_t row = 0;
    for (; row + ROW_TILE <= job->rows; row += ROW_TILE) {
      multiply_tile(format, job, (product_tile){row, p, 0}, ROW_TILE, 1);
    }
    const product_tile rest = {row, p, 0};
    switch (job->rows - row) {
#if ROW_TILE > 4
      case 7: multiply_tile(format, job, rest, 7, 1); break;
      case 6: multiply_tile(format, job, rest, 6, 1); break;
      case 5: multiply_tile(format, job, rest, 5, 1); break;
      case 4: multiply_tile(format, job, rest, 4, 1); break;
#endif
      case 3: multiply_tile(format, job, rest, 3, 1); break;
      case 2: multiply_tile(format, job, rest, 2, 1); break;
      case 1: multiply_tile(format, job, rest, 1, 1); break;
      default: break;
    }
  }
}

#define DEFINE_MULTIPLY(FORMAT)                                          \
  static void multiply_##FORMAT(const product_job *job) {                \
    switch (job->rows) {                                                 \
      case 0: break;                                                     \
      case 1: multiply_few(apus_formats[FORMAT], job, 1); break;         \
      case 2: multiply_few(apus_formats[FORMAT], job, 2); break;         \
      case 3: multiply_few(apus_formats[FORMAT], job, 3); break;         \
      case 4: multiply_few(apus_formats[FORMAT], job, 4); break;         \
      default: multiply_many(apus_formats[FORMAT], job);                 \
    }                                                                    \
  }
APUS_EACH_FORMAT(DEFINE_MULTIPLY)

static void multiply(apus_panel_format format, const uint8_t *panels, size_t first_panel,
                     size_t last_panel, size_t columns, const apus_activations *activations,
                     size_t rows, apus_destination to) {
#define MULTIPLY_ENTRY(FORMAT) [FORMAT] = multiply_##FORMAT,
  static void (*const by_format[])(const product_job *) = {APUS_EACH_FORMAT(MULTIPLY_ENTRY)};
  const product_job job = {panels, first_panel, last_panel, columns, activations, rows, to};
  by_format[format](&job);
}
