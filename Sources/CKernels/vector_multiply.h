// Products with weight panels, of any number of rows. Includers define what vector_products.h needs.
#include "vector_products.h"

/// Whether one stream of reads leaves the memory idle, so that several panels should be read at
/// once: 8 streams are 1.7 times as fast as one on Intel's server processors, but slower on AMD's.
/// Results do not depend on it; tests define APUS_FORCE_STREAMS to run both ways anywhere.
APUS_INLINE bool reads_in_streams(void) {
#if defined(APUS_FORCE_STREAMS)
  return true;
#elif defined(__x86_64__)
  return __builtin_cpu_is("intel");
#else
  return false;
#endif
}

/// Multiplies with the panels from `first` on, walking `streams` equal shares of them at once;
/// returns the first panel that is left.
APUS_INLINE size_t multiply_shares(const apus_format format, const product_job *job, size_t first,
                                   const int count, const int streams) {
  if (streams > 1 && streams * count > MAX_STREAMS) return first;
  size_t share = (job->last_panel - first) / (size_t)streams;
  for (size_t i = 0; i < share; i++) {
    multiply_tile(format, job, (product_tile){0, first + i, share, 0}, count, streams, PARTS);
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
      multiply_rows(format, job, row, p, ROW_TILE);
    }
    switch (job->rows - row) {
#if ROW_TILE > 4
      case 7: multiply_rows(format, job, row, p, 7); break;
      case 6: multiply_rows(format, job, row, p, 6); break;
      case 5: multiply_rows(format, job, row, p, 5); break;
      case 4: multiply_rows(format, job, row, p, 4); break;
#endif
      case 3: multiply_rows(format, job, row, p, 3); break;
      case 2: multiply_rows(format, job, row, p, 2); break;
      case 1: multiply_rows(format, job, row, p, 1); break;
      default: break;
    }
  }
}

#define DEFINE_MULTIPLY(FORMAT)                                          \
  static void multiply_##FORMAT(const product_job *job) {                \
    const apus_format format = format_of(job, apus_formats[FORMAT]);     \
    switch (job->rows) {                                                 \
      case 0: break;                                                     \
      case 1: multiply_few(format, job, 1); break;                       \
      case 2: multiply_few(format, job, 2); break;                       \
      case 3: multiply_few(format, job, 3); break;                       \
      case 4: multiply_few(format, job, 4); break;                       \
      default: multiply_many(format, job);                               \
    }                                                                    \
  }
APUS_EACH_LAYOUT(DEFINE_MULTIPLY)

static void multiply(apus_panel_format format, const uint8_t *panels, size_t first_panel,
                     size_t last_panel, size_t columns, const apus_activations *activations,
                     size_t rows, apus_destination to) {
#define MULTIPLY_ENTRY(FORMAT) [FORMAT] = multiply_##FORMAT,
#define TWIN_ENTRY(FORMAT, OTHER) [FORMAT] = multiply_##OTHER,
  static void (*const by_format[])(const product_job *) = {
    APUS_EACH_LAYOUT(MULTIPLY_ENTRY) APUS_EACH_TWIN(TWIN_ENTRY)};
  const product_job job = {format, panels, first_panel, last_panel, columns, activations, rows, to};
  by_format[format](&job);
}
