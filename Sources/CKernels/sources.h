// The weight formats as files have them.
#ifndef APUS_SOURCES_H
#define APUS_SOURCES_H

#include "ckernels.h"

#pragma clang assume_nonnull begin

/// What a file stores together: 32 or 256 weights of one row, in the order of K.
typedef struct {
  uint16_t numbers[2];  // of the scale, and of the minimum where there is one
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

/// By apus_panel_format.
extern const apus_source apus_sources[];

#pragma clang assume_nonnull end
#endif
