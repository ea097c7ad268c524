// What Swift cannot ask of the operating system itself: threads and the processors that they run on.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <stdbool.h>

#pragma clang assume_nonnull begin

/// Processors this thread may run on (the affinity mask), or 0 when unknown.
int apus_affinity_count(void);

/// Ties the calling thread to the processor of that index in its affinity mask, if the system agrees.
bool apus_pin_thread(int index);

/// Names the calling thread, in at most 15 characters.
void apus_name_thread(const char *name);

#pragma clang assume_nonnull end
#endif
