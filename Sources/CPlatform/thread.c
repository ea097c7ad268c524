// What a thread tells the operating system about itself.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1  // sched_setaffinity, pthread_setname_np
#endif

#include "cplatform.h"

#if defined(__linux__) && __STDC_HOSTED__
#include <pthread.h>
#include <sched.h>

void apus_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

bool apus_pin_thread(int index) {
  cpu_set_t set, one;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return false;
  CPU_ZERO(&one);
  for (int processor = 0; processor < CPU_SETSIZE; processor++) {
    if (!CPU_ISSET(processor, &set) || index-- > 0) continue;
    CPU_SET(processor, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0;
  }
  return false;
}
#elif defined(__APPLE__)
#include <pthread.h>

void apus_name_thread(const char *name) { pthread_setname_np(name); }
bool apus_pin_thread(int index) { return false; }
#else
void apus_name_thread(const char *name) {}
bool apus_pin_thread(int index) { return false; }
#endif
