// What the operating system says about the processors.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1  // sched_getaffinity
#endif

#include "cplatform.h"

#if defined(__linux__) && __STDC_HOSTED__
#include <sched.h>

int apus_affinity_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 0;
  return CPU_COUNT(&set);
}
#else
int apus_affinity_count(void) { return 0; }
#endif
