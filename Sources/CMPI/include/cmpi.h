// The few calls of MPI that training makes, with plain types: most of MPI's own names are macros with casts.
// Without APUS_MPI every process is alone, and nothing of MPI is compiled or linked.
#ifndef CMPI_H
#define CMPI_H

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// How a call ended.
typedef enum {
  /// All is well.
  APUS_MPI_DONE,
  /// The other processes took longer than the caller was ready to wait.
  APUS_MPI_LATE,
  /// A part has more elements, or begins further on, than MPI can count.
  APUS_MPI_TOO_LARGE,
  /// MPI cannot be called from one thread after another, or refused to start.
  APUS_MPI_REFUSED,
} apus_mpi_outcome;

/// Elements of each process, and where each of the parts begins; arrays of as many as there are processes.
typedef struct {
  const int64_t *counts;
  const int64_t *places;
} apus_mpi_parts;

/// Whether this program was built with MPI.
bool apus_mpi_is_built(void);

/// Starts MPI for calls from any one thread at a time.
apus_mpi_outcome apus_mpi_start(void);

/// The number of this process, from 0.
int apus_mpi_rank(void);

/// All processes.
int apus_mpi_size(void);

/// The processes on this machine.
int apus_mpi_local_size(void);

/// Sends a part of single-precision numbers to each process, and receives one from each.
///
/// @param patience Seconds to wait for the others.
apus_mpi_outcome apus_mpi_all_to_all(const float *from, apus_mpi_parts sent, float *into,
                                     apus_mpi_parts received, double patience);

/// Has every process receive all parts of an array, of which each has its own part.
///
/// @param width Bytes of an element, 1 or 4.
/// @param patience Seconds to wait for the others.
apus_mpi_outcome apus_mpi_all_gather(void *values, apus_mpi_parts parts, int width, double patience);

/// Waits for the other processes to come to their ends, too; the process is to end after it.
///
/// @param code The exit code, with which the process ends here where MPI itself does not come to an end.
void apus_mpi_stop(int code);

/// Ends all processes with an exit code.
void apus_mpi_abort(int code);

#pragma clang assume_nonnull end
#endif
