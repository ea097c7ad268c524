// Measures the products of a model beside what the machine's memory and arithmetic allow.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "product.h"
#include "roofline.h"
#include "team.h"

// The products of SmolLM2-135M, in the formats of its Q4_1 file.
static const product_shape shapes[] = {
  {"queries, keys, values", APUS_Q4_1, 960, 576},
  {"attention's output", APUS_Q4_1, 576, 576},
  {"gate and up", APUS_Q4_1, 3072, 576},
  {"down", APUS_Q4_1, 576, 1536},
  {"head", APUS_Q8_0, 49152, 576},
};
static const size_t row_counts[] = {1, 2, 4, 8, 16, 32, 512};
// A step's weights, more than most caches hold.
static const size_t weight_bytes = (size_t)128 << 20;
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

typedef struct {
  int threads, runs;
  double shortest;
  apus_level level;
  bool csv;
} settings;

static int fail(const char *message) {
  fprintf(stderr, "error: %s\n", message);
  return 2;
}

static const char usage[] =
  "usage: run [--threads N] [--runs N] [--seconds S] [--cpu scalar|avx2|avx512|neon] [--csv]\n";

static bool parse(int count, char **arguments, settings *result) {
  for (int i = 1; i < count; i++) {
    const char *name = arguments[i];
    if (strcmp(name, "--csv") == 0) {
      result->csv = true;
      continue;
    }
    if (i + 1 == count) return false;
    const char *value = arguments[++i];
    if (strcmp(name, "--threads") == 0) {
      result->threads = atoi(value);
    } else if (strcmp(name, "--runs") == 0) {
      result->runs = atoi(value);
    } else if (strcmp(name, "--seconds") == 0) {
      result->shortest = atof(value);
    } else if (strcmp(name, "--cpu") == 0) {
      if (strcmp(value, "scalar") == 0) result->level = APUS_LEVEL_PLAIN;
      else if (strcmp(value, "avx2") == 0) result->level = APUS_LEVEL_AVX2;
      else if (strcmp(value, "avx512") == 0) result->level = APUS_LEVEL_AVX512;
      else if (strcmp(value, "neon") == 0) result->level = APUS_LEVEL_NEON;
      else return false;
    } else {
      return false;
    }
  }
  return result->threads >= 1 && result->threads <= TEAM_LIMIT && result->runs >= 1 &&
         result->shortest > 0 && result->shortest <= 10;
}

/// The best kernels up to a level.
static const apus_kernels *best_kernels(apus_level level) {
  for (int each = (int)level; each > APUS_LEVEL_PLAIN; each--) {
    const apus_kernels *found = apus_kernels_for((apus_level)each);
    if (found != NULL) return found;
  }
  return apus_kernels_for(APUS_LEVEL_PLAIN);
}

static void measure_products(const settings *s, const apus_kernels *kernels, double bandwidth,
                             double arithmetic) {
  for (size_t i = 0; i < COUNT(shapes); i++) {
    for (size_t j = 0; j < COUNT(row_counts); j++) {
      const product_shape *shape = &shapes[i];
      size_t rows = row_counts[j];
      double seconds = product_seconds(kernels, shape, rows, weight_bytes, s->threads, s->shortest,
                                       s->runs);
      double bytes = (double)apus_panel_bytes(shape->format, shape->outputs, shape->inputs);
      double operations = 2.0 * (double)rows * (double)shape->outputs * (double)shape->inputs;
      // An activation has two digits, so each of its products is two products of bytes.
      double bound = fmax(bytes / bandwidth, arithmetic > 0 ? 2 * operations / arithmetic : 0);
      printf(s->csv ? "\"%s\",%zu,%zu,%zu,%.3f,%.3f,%.4f,%.3f\n"
                    : "| %-21s | %5zu | %4zu | %4zu | %9.1f | %6.1f | %6.3f | %4.0f %% |\n",
             shape->name, shape->outputs, shape->inputs, rows, seconds * 1e6,
             bytes / seconds * 1e-9, operations / seconds * 1e-12,
             bound / seconds * (s->csv ? 1 : 100));
      fflush(stdout);
    }
  }
}

int main(int count, char **arguments) {
  settings s = {.threads = apus_affinity_count(), .runs = 5, .shortest = 0.05,
                .level = APUS_LEVEL_NEON};
  if (s.threads < 1) s.threads = 1;
  if (!parse(count, arguments, &s)) return fail(usage);
  const apus_kernels *kernels = best_kernels(s.level);
  double bandwidth = roofline_bytes_per_second(weight_bytes, s.threads, s.shortest, s.runs);
  double arithmetic = roofline_operations_per_second(s.threads, s.shortest, s.runs);
  if (s.csv) {
    printf("product,outputs,inputs,rows,microseconds,gigabytes_per_second,tera_operations_per_second,"
           "share_of_bound\n");
  } else {
    printf("%s kernels, %d threads, weights of %zu MiB read in turn\n\n", kernels->name, s.threads,
           weight_bytes >> 20);
    printf("Memory read: %.1f GB/s. Bytes multiplied and added: %.2f TOPS (%s).\n",
           bandwidth * 1e-9, arithmetic * 1e-12, roofline_instruction());
    printf("TOPS below count a weight times an activation once, though its two digits are two\n"
           "products of bytes; the last column is the share of what both limits allow.\n\n");
    printf("| %-21s | %5s | %4s | rows | %9s | %6s | %6s | %6s |\n", "product", "N", "K", "µs",
           "GB/s", "TOPS", "share");
    printf("|-----------------------|------:|-----:|-----:|----------:|-------:|-------:|-------:|\n");
  }
  measure_products(&s, kernels, bandwidth, arithmetic);
  return 0;
}
