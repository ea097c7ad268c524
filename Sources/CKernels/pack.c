// Repacking file rows into panels, and back.
#pragma STDC FP_CONTRACT OFF

#include "panel_scales.h"
#include "sources.h"

static bool is_finite(const apus_format format, uint32_t bits) {
  static const uint32_t exponents[] = {0x7c00, 0x7f80, 0x7f800000};
  return (bits & exponents[format.number]) != exponents[format.number];
}

static void put_number(const apus_format format, uint8_t *to, size_t c, uint32_t bits) {
  const size_t size = apus_number_bytes(format);
  __builtin_memcpy(to + c * size, &bits, size);  // little-endian, like all that is packed
}

/// Puts `bits` bits of a column's values, those above `right`, into a plane, which starts as zeros.
static void pack_plane(const uint8_t *values, int right, int bits, uint8_t *plane, size_t c) {
  // Four values at a time: what a shift brings over from the byte beside is masked out.
  const uint32_t mask = 0x01010101u * ((1u << bits) - 1);
  for (size_t group = 0; group < APUS_BLOCK / 4; group++) {
    const size_t offset = group * (size_t)bits;
    uint8_t *to = plane + 64 * (offset / 8) + 4 * c;
    uint32_t four, packed;
    __builtin_memcpy(&four, values + 4 * group, sizeof four);
    __builtin_memcpy(&packed, to, sizeof packed);
    packed |= (four >> right & mask) << offset % 8;
    __builtin_memcpy(to, &packed, sizeof packed);
  }
}

/// Packs the values of block `index` of a unit into column c of a panel's block.
static void pack_values(const apus_format format, const apus_source_unit *unit, size_t index,
                        uint8_t *block, size_t c) {
  if (format.is_unpacked) {
    const size_t size = (size_t)format.column_bytes;
    __builtin_memcpy(block + c * size, unit->values + index * size, size);
    return;
  }
  const uint8_t *values = unit->values + index * APUS_BLOCK;
  pack_plane(values, 0, format.low_bits, block, c);
  if (format.high_bits > 0) {
    uint8_t *plane = block + 64 * (size_t)format.low_bits;
    pack_plane(values, format.low_bits, format.high_bits, plane, c);
  }
}

/// Packs block `index` of a unit into column c of a panel's block.
static void pack_block(const apus_format format, const apus_source_unit *unit, size_t index,
                       uint8_t *block, size_t c) {
  pack_values(format, unit, index, block, c);
  uint8_t *scales = block + apus_value_bytes(format);
  uint8_t *minima = block + apus_minimum_offset(format);
  const size_t count = (size_t)format.scales;
  for (size_t i = 0; i < count && format.is_factored; i++) {
    scales[i * APUS_PANEL + c] = (uint8_t)unit->scales[index * count + i];
    if (format.has_minimum) minima[i * APUS_PANEL + c] = (uint8_t)unit->minima[index * count + i];
  }
  for (size_t i = 0; i < count && format.shared == 0; i++) {
    uint8_t *numbers = scales + i * apus_scale_bytes(format);
    put_number(format, numbers, c, unit->numbers[index * count + i]);
    if (format.has_minimum) put_number(format, minima, c, unit->minimum);
  }
}

/// Whether all numbers of a unit are finite.
static bool is_finite_unit(const apus_format format, const apus_source_unit *unit) {
  const size_t count = sizeof unit->numbers / sizeof *unit->numbers;
  bool finite = is_finite(format, unit->minimum);
  for (size_t i = 0; i < count; i++) finite = finite && is_finite(format, unit->numbers[i]);
  return finite;
}

/// Packs column c of a panel from one row of the file; false when a scale is not finite.
static bool pack_column(const apus_format format, const apus_source *source, const uint8_t *row,
                        uint8_t *panel, size_t c, size_t blocks) {
  const size_t each = source->length / APUS_BLOCK;
  apus_source_unit unit = {0};
  for (size_t b = 0; b < blocks; b += each) {
    source->read(row + b / each * source->bytes, &unit);
    if (!is_finite_unit(format, &unit)) return false;
    for (size_t i = 0; i < each; i++) {
      pack_block(format, &unit, i, panel + apus_block_offset(format, b + i), c);
    }
    if (format.shared == 0) continue;
    uint8_t *factors = panel + apus_block_offset(format, b) - apus_factor_bytes(format);
    put_number(format, factors, c, unit.numbers[0]);
    if (format.has_minimum) put_number(format, factors, APUS_PANEL + c, unit.minimum);
    if (format.has_zeros) factors[apus_zero_offset(format) + c] = unit.zero;
  }
  return true;
}

bool apus_pack(apus_panel_format format, const uint8_t *source, uint8_t *panels, size_t first_panel,
               size_t last_panel, size_t rows, size_t columns, size_t *bad_row) {
  const apus_format layout = apus_formats[format];
  const apus_source *from = &apus_sources[format];
  const size_t blocks = columns / APUS_BLOCK, panel_bytes = apus_one_panel_bytes(layout, blocks);
  const size_t row_bytes = columns / from->length * from->bytes;
  for (size_t p = first_panel; p < last_panel; p++) {
    uint8_t *panel = panels + p * panel_bytes;
    __builtin_memset(panel, 0, panel_bytes);
    for (size_t c = 0; c < APUS_PANEL && p * APUS_PANEL + c < rows; c++) {
      size_t n = p * APUS_PANEL + c;
      if (!pack_column(layout, from, source + n * row_bytes, panel, c, blocks)) {
        *bad_row = n;
        return false;
      }
    }
  }
  return true;
}

size_t apus_panel_bytes(apus_panel_format format, size_t rows, size_t columns) {
  return apus_panel_count(rows) * apus_one_panel_bytes(apus_formats[format], columns / APUS_BLOCK);
}

void apus_unpack_row(apus_panel_format format, const uint8_t *panels, size_t row, size_t columns,
                     float *out) {
  const apus_format layout = apus_formats[format];
  const size_t blocks = columns / APUS_BLOCK, c = row % APUS_PANEL;
  const uint8_t *panel = panels + row / APUS_PANEL * apus_one_panel_bytes(layout, blocks);
  const size_t scales = (size_t)layout.scales, length = APUS_BLOCK / scales;
  for (size_t i = 0; i < columns / length; i++) {
    const size_t b = i / scales, first = i % scales * length;
    const apus_column_scale scale = apus_scale_at(layout, panel, b, c, i % scales);
    int stored[APUS_BLOCK];
    apus_stored_column(layout, panel + apus_block_offset(layout, b), c, stored);
    for (size_t k = first; k < first + length; k++) {
      float q = (float)(stored[k] - scale.zero);
      out[b * APUS_BLOCK + k] =
          layout.has_minimum ? __builtin_fmaf(scale.d, q, scale.m) : scale.d * q;
    }
  }
}
