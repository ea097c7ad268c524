// Products of a few rows with weight panels. Includers define
//   LANES              output columns per vector: 16, or 8 or 4 (a panel then has parts)
//   ROW_TILE           the most rows that share each load of weights
//   MAX_STREAMS        the most panels that are read at once
//   PASS_PARTS         the parts of a panel that many rows pass at a time
//   lanes_f, lanes_i   vectors of LANES floats and integers
//   load_halves        LANES float16 as floats
//   lanes_h            vectors of LANES uint16_t
//   load_integers      LANES int8 as floats
//   block_inputs       one block of a few rows of activations, as dot_block wants it
//   read_inputs        makes it
//   lowering           what is missing in the stored values that dot_part reads
//   dot_part           adds stored * activation over a block or half of it, for a few rows
#include "products.h"
#include "vector.h"

#define PARTS (APUS_PANEL / LANES)
// How far ahead of its use a weight is asked for, where the processor does not see to that itself:
// with several streams, and where arithmetic lets the reads fall behind.
#define PREFETCH_BYTES 2048

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

/// LANES of a format's numbers as floats.
APUS_INLINE lanes_f load_numbers(const apus_format format, const uint8_t *numbers) {
  if (format.number == APUS_HALF) return load_halves(numbers);
  if (format.number == APUS_SINGLE) {
    lanes_f loaded;
    __builtin_memcpy(&loaded, numbers, sizeof loaded);
    return loaded;
  }
  lanes_h upper;
  __builtin_memcpy(&upper, numbers, sizeof upper);
  return (lanes_f)(__builtin_convertvector(upper, lanes_i) << 16);
}

/// Scales or minima of LANES columns in a block. `factors` are those that they need, or what blocks
/// share, if any.
APUS_INLINE lanes_f read_scales(const apus_format format, const uint8_t *scales,
                                const uint8_t *factors) {
  if (format.shared == 0) return load_numbers(format, scales);
  if (!format.is_factored) return load_numbers(format, factors);
  return load_numbers(format, factors) * load_integers(scales);
}

/// The stored values that mean 0, of LANES columns.
APUS_INLINE lanes_i read_zeros(const apus_format format, const uint8_t *factors, size_t lane) {
  uint8_t zeros __attribute__((ext_vector_type(LANES)));
  if (!format.has_zeros) return format.zero;
  __builtin_memcpy(&zeros, factors + apus_zero_offset(format) + lane, sizeof zeros);
  return __builtin_convertvector(zeros, lanes_i);
}

/// A block's values as planes: where they are, or unpacked into memory for a plane of 8 bits.
APUS_INLINE const uint8_t *read_planes(const apus_format format, const uint8_t *block,
                                       uint8_t *plane) {
  if (!format.is_unpacked) return block;
  format.unpack(block, 0, APUS_PANEL, plane);
  return plane;
}

/// A block of a panel, its values as planes, and what it shares with others.
typedef struct {
  const uint8_t *bytes, *planes, *factors;
} panel_block;

/// Adds one part of a panel's block to the totals of `count` rows.
APUS_INLINE void add_part(const apus_format format, const panel_block from, const int part,
                          const activation_rows *rows, const block_inputs *inputs,
                          const int count, lanes_f *totals) {
  const uint8_t *block = from.bytes, *factors = from.factors;
  const size_t scale_bytes = apus_scale_bytes(format), lane = (size_t)part * LANES;
  const uint8_t *scales = block + apus_value_bytes(format) + lane * scale_bytes / APUS_PANEL;
  const uint8_t *minima = block + apus_minimum_offset(format) + lane * scale_bytes / APUS_PANEL;
  const lanes_i zeros = read_zeros(format, factors, lane);
  factors += lane * apus_number_bytes(format);
  APUS_UNROLL for (int i = 0; i < format.scales; i++) {
    const bool whole = format.scales == 1;
    int32_t part_sums[ROW_TILE];
    lanes_i sums[ROW_TILE];
    APUS_UNROLL for (int r = 0; r < count; r++) {
      const size_t at = (size_t)r * rows->blocks;
      part_sums[r] = whole ? rows->sums[at] : rows->half_sums[2 * at + (size_t)i];
      sums[r] = (lowering(format) - zeros) * part_sums[r];
    }
    dot_part(format, from.planes + lane * 4, i, inputs, count, sums);
    const lanes_f d = read_scales(format, scales + (size_t)i * scale_bytes, factors);
    lanes_f m = 0.0f;
    if (format.has_minimum) {
      const uint8_t *factor = factors + APUS_PANEL * apus_number_bytes(format);
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
  const float *bias = job->to.bias;
  for (int r = 0; r < count; r++) {
    float *out = job->to.out + (t + (size_t)r) * job->to.out_stride + n;
    const float *total = totals + r * LANES;
    size_t end = n < job->columns ? job->columns - n : 0;
    if (end > LANES) end = LANES;
    if (bias != NULL) {
      for (size_t i = 0; i < end; i++) {
        float value = total[i] + bias[n + i];
        out[i] = job->to.accumulate ? out[i] + value : value;
      }
    } else if (end == LANES && !job->to.accumulate) {
      __builtin_memcpy(out, total, LANES * sizeof *out);
    } else {
      for (size_t i = 0; i < end; i++) out[i] = job->to.accumulate ? out[i] + total[i] : total[i];
    }
  }
}

/// Multiplies `count` rows with `parts` parts of `streams` panels.
APUS_INLINE void multiply_tile(const apus_format format, const product_job *job,
                               const product_tile tile, const int count, const int streams,
                               const int parts) {
  const size_t blocks = job->activations->columns / APUS_BLOCK;
  const size_t panel_bytes = apus_one_panel_bytes(format, blocks);
  const size_t block_bytes = apus_block_bytes(format);
  // What is unpacked differs in size; as a constant the loop over lines has no end to test.
  const size_t prefetched = format.is_unpacked ? 4 * 64 : block_bytes;
  const bool prefetch = streams > 1 || count > ROW_TILE / 2;
  const uint8_t *block = job->panels + tile.panel * panel_bytes, *factors = block;
  activation_rows rows = rows_from(job->activations, tile.row);
  lanes_f totals[MAX_STREAMS][PARTS][ROW_TILE];
  APUS_UNROLL for (int i = 0; i < streams * PARTS * ROW_TILE; i++) {
    totals[i / ROW_TILE / PARTS][i / ROW_TILE % PARTS][i % ROW_TILE] = 0.0f;
  }
  for (size_t b = 0; b < blocks; b++) {
    if (format.shared > 0 && b % (size_t)format.shared == 0) {
      factors = block;
      block += apus_factor_bytes(format);
    }
    const block_inputs inputs = read_inputs(format, &rows, count);
    APUS_UNROLL for (int s = 0; s < streams; s++) {
      const size_t stream = (size_t)s * tile.apart * panel_bytes;
      APUS_UNROLL for (size_t line = 0; prefetch && line < prefetched; line += 64) {
        __builtin_prefetch(block + stream + line + PREFETCH_BYTES);
      }
      uint8_t plane[APUS_PANEL * APUS_BLOCK];
      const uint8_t *bytes = block + stream;
      const panel_block from = {bytes, read_planes(format, bytes, plane), factors + stream};
      APUS_UNROLL for (int part = 0; part < parts; part++) {
        add_part(format, from, tile.part + part, &rows, &inputs, count, totals[s][part]);
      }
    }
    block += block_bytes;
    rows.digits += 2 * APUS_BLOCK;
    rows.sums += 1, rows.half_sums += 2, rows.scales += 1, rows.scaled_sums += 1;
  }
  APUS_UNROLL for (int s = 0; s < streams; s++) {
    const size_t n = (tile.panel + (size_t)s * tile.apart) * APUS_PANEL +
                     (size_t)tile.part * LANES;
    APUS_UNROLL for (int part = 0; part < parts; part++) {
      lanes_f written[ROW_TILE];
      APUS_UNROLL for (int r = 0; r < count; r++) written[r] = totals[s][part][r];
      write_totals(job, tile.row, n + (size_t)part * LANES, count, (const float *)written);
    }
  }
}

/// Multiplies `count` of many rows with a panel, which is in the nearest cache: each pass reads the
/// part of it for which there are registers.
APUS_INLINE void multiply_rows(const apus_format format, const product_job *job, size_t row,
                               size_t panel, const int count) {
  for (int part = 0; part < PARTS; part += PASS_PARTS) {
    multiply_tile(format, job, (product_tile){row, panel, 0, part}, count, 1, PASS_PARTS);
  }
}

/// What a job's format has in common with others that code is shared with is constant.
APUS_INLINE apus_format format_of(const product_job *job, apus_format layout) {
  if (!layout.is_unpacked) return layout;
  layout.column_bytes = apus_formats[job->format].column_bytes;
  layout.unpack = apus_formats[job->format].unpack;
  return layout;
}
