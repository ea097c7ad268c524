// Comparing a table with the plain one on small inputs.
#ifndef APUS_PROBE_H
#define APUS_PROBE_H

#include "ckernels.h"

#pragma clang assume_nonnull begin

/// Runs every function of a table once or more; true when all results have the plain table's bits.
bool apus_agrees_with_plain(const apus_kernels *table);

#pragma clang assume_nonnull end
#endif
