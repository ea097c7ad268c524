// Stored values of weight panels in vectors. Includers define LANES, and
//   SIGNED_VALUES   where their products take weights as signed bytes only
//   look_up         the entries of a codebook, less `lowering`, at the places that a vector's bytes
//                   give
#include "formats.h"
#include "vector.h"

/// Four stored values for each lane, as pairs of bytes.
typedef uint16_t stored_values __attribute__((ext_vector_type(2 * LANES)));

APUS_INLINE stored_values look_up(const uint8_t *codebook, stored_values places,
                                  const int lowering);

/// What is taken from all values of a format while they are read: a signed byte cannot hold those
/// of 8 bits.
APUS_INLINE int lowering(const apus_format format) {
#ifdef SIGNED_VALUES
  return apus_greatest_stored(format) > INT8_MAX ? 128 : 0;
#else
  return 0;
#endif
}

/// Positions 4 j ... 4 j + 3 of a plane of `bits` bits, moved up by `up`.
APUS_INLINE stored_values read_plane(const uint8_t *plane, const int bits, const int j,
                                     const int up) {
  const int shift = j * bits % 8 - up, mask = ((1 << bits) - 1) << up;
  stored_values v;
  __builtin_memcpy(&v, plane + 64 * (j * bits / 8), sizeof v);
  if (bits == 8) return v;
  if (shift > 0) v >>= (uint16_t)shift;
  if (shift < 0) v <<= (uint16_t)-shift;
  return v & (uint16_t)(mask * 257);
}

/// The stored values at positions 4 j ... 4 j + 3, less what `lowering` says.
APUS_INLINE stored_values read_values(const apus_format format, const uint8_t *values,
                                      const int j) {
  stored_values v = read_plane(values, format.low_bits, j, 0);
  if (format.high_bits > 0) {
    v |= read_plane(values + 64 * format.low_bits, format.high_bits, j, format.low_bits);
  }
  if (format.codebook > 0) {
    return look_up(apus_codebooks[format.codebook], v, lowering(format));
  }
  return lowering(format) == 128 ? v ^ (uint16_t)0x8080 : v;
}
