// Counts what a thread takes from the heap, for tests that promise that it takes nothing.
#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdbool.h>

/// Whether this build counts: with glibc, and without a sanitizer, which has an allocator of its own.
bool allocations_are_counted(void);

/// Blocks that the calling thread took from the heap so far.
long allocations_of_this_thread(void);

#endif
