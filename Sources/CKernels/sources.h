// The weight formats as files have them.
#ifndef APUS_SOURCES_H
#define APUS_SOURCES_H

#include "ckernels.h"

#pragma clang assume_nonnull begin

/// What a file stores together: 32 to 256 weights of one row, in the order of K.
typedef struct {
  uint32_t numbers[8];  // the bits of the factor or the scale, or of all scales that are not shared
  uint32_t minimum;     // and of the minimum, where there is one
  uint8_t zero;         // the stored value that means 0, where files say so
  int8_t scales[16];    // of each scale, where the numbers are factors
  int8_t minima[16];
  uint8_t values[256];  // as the panels store them
} apus_source_unit;

/// How a format's units are read.
typedef struct {
  size_t length;  // weights
  size_t bytes;
  void (*read)(const uint8_t *bytes, apus_source_unit *unit);
} apus_source;

#define APUS_SUPER_BLOCK 256

// What the files have whose values are unpacked: grids.c.
void apus_read_iq2_xxs(const uint8_t *bytes, apus_source_unit *unit);
void apus_read_iq2_xs(const uint8_t *bytes, apus_source_unit *unit);
void apus_read_iq2_s(const uint8_t *bytes, apus_source_unit *unit);
void apus_read_iq3_xxs(const uint8_t *bytes, apus_source_unit *unit);
void apus_read_iq3_s(const uint8_t *bytes, apus_source_unit *unit);
void apus_read_iq1_s(const uint8_t *bytes, apus_source_unit *unit);
void apus_read_iq1_m(const uint8_t *bytes, apus_source_unit *unit);

/// By apus_panel_format.
extern const apus_source apus_sources[];

#pragma clang assume_nonnull end
#endif
