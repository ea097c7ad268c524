// Repacking file rows into panels, and back.
#pragma STDC FP_CONTRACT OFF

#include "formats.h"
#include "scalar.h"

static bool is_finite_half(uint16_t bits) { return (bits & 0x7c00) != 0x7c00; }

/// The stored value at position k of a block in the file. The 4-bit formats keep positions 0...15
/// in the low halves of 16 bytes and 16...31 in the high halves.
static uint8_t source_value(const apus_format *format, const uint8_t *values, size_t k) {
  if (format->bits == 8) return values[k] ^ 0x80;
  return k < 16 ? values[k] & 15 : values[k - 16] >> 4;
}

static void pack_values(const apus_format *format, const uint8_t *values, uint8_t *block,
                        size_t c) {
  if (format->bits == 8) {
    for (size_t k = 0; k < APUS_BLOCK; k++) {
      block[64 * (k / 4) + 4 * c + k % 4] = source_value(format, values, k);
    }
    return;
  }
  for (size_t g = 0; g < 4; g++) {
    for (size_t i = 0; i < 4; i++) {
      uint8_t low = source_value(format, values, 8 * g + i);
      uint8_t high = source_value(format, values, 8 * g + 4 + i);
      block[64 * g + 4 * c + i] = (uint8_t)(low | high << 4);
    }
  }
}

/// Packs column c of a panel from one row of the file; false when a scale is not finite.
static bool pack_column(const apus_format *format, const uint8_t *row, uint8_t *panel, size_t c,
                        size_t blocks) {
  size_t halves = format->has_minimum ? 2 : 1;
  for (size_t b = 0; b < blocks; b++) {
    const uint8_t *source = row + b * format->source_bytes;
    uint8_t *block = panel + b * format->block_bytes;
    for (size_t i = 0; i < halves; i++) {
      uint16_t bits = apus_load_half_bits(source + i * sizeof bits);
      if (!is_finite_half(bits)) return false;
      size_t offset = format->value_bytes + i * APUS_SCALE_BYTES + c * sizeof bits;
      __builtin_memcpy(block + offset, &bits, sizeof bits);
    }
    pack_values(format, source + halves * sizeof(uint16_t), block, c);
  }
  return true;
}

bool apus_pack(apus_panel_format format, const uint8_t *source, uint8_t *panels, size_t first_panel,
               size_t last_panel, size_t rows, size_t columns, size_t *bad_row) {
  const apus_format *layout = &apus_formats[format];
  size_t blocks = columns / APUS_BLOCK;
  for (size_t p = first_panel; p < last_panel; p++) {
    uint8_t *panel = panels + p * blocks * layout->block_bytes;
    __builtin_memset(panel, 0, blocks * layout->block_bytes);
    for (size_t c = 0; c < APUS_PANEL && p * APUS_PANEL + c < rows; c++) {
      size_t n = p * APUS_PANEL + c;
      const uint8_t *row = source + n * blocks * layout->source_bytes;
      if (!pack_column(layout, row, panel, c, blocks)) {
        *bad_row = n;
        return false;
      }
    }
  }
  return true;
}

size_t apus_panel_bytes(apus_panel_format format, size_t rows, size_t columns) {
  return apus_panel_count(rows) * (columns / APUS_BLOCK) * apus_formats[format].block_bytes;
}

void apus_unpack_row(apus_panel_format format, const uint8_t *panels, size_t row, size_t columns,
                     float *out) {
  const apus_format *layout = &apus_formats[format];
  size_t blocks = columns / APUS_BLOCK, c = row % APUS_PANEL;
  const uint8_t *panel = panels + row / APUS_PANEL * blocks * layout->block_bytes;
  for (size_t b = 0; b < blocks; b++) {
    const uint8_t *block = panel + b * layout->block_bytes;
    const uint8_t *scale = block + layout->value_bytes + c * sizeof(uint16_t);
    float d = apus_float_of_half(apus_load_half_bits(scale));
    float m = 0;
    if (layout->has_minimum) m = apus_float_of_half(apus_load_half_bits(scale + APUS_SCALE_BYTES));
    for (size_t k = 0; k < APUS_BLOCK; k++) {
      float q = (float)(apus_stored_value(layout, block, c, k) - layout->zero);
      out[b * APUS_BLOCK + k] = layout->has_minimum ? __builtin_fmaf(d, q, m) : d * q;
    }
  }
}
