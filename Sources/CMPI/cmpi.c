#include "cmpi.h"

#ifdef APUS_MPI

#include <limits.h>
#include <mpi.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

// Looks without a pause that are made before the waiting process begins to sleep between them.
enum { EAGER_LOOKS = 4000, PAUSE_NANOSECONDS = 20000 };

// Seconds in which MPI is expected to come to its end.
enum { LONGEST_END = 20 };

bool apus_mpi_is_built(void) { return true; }

apus_mpi_outcome apus_mpi_start(void) {
  int offered = 0;
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &offered) != MPI_SUCCESS) {
    return APUS_MPI_REFUSED;
  }
  return offered >= MPI_THREAD_SERIALIZED ? APUS_MPI_DONE : APUS_MPI_REFUSED;
}

int apus_mpi_rank(void) {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

int apus_mpi_size(void) {
  int size = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

int apus_mpi_local_size(void) {
  MPI_Comm local;
  int size = 1;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &local);
  MPI_Comm_size(local, &size);
  MPI_Comm_free(&local);
  return size;
}

// MPI has no call that waits asleep: its own ones take a whole core from whoever still computes.
static apus_mpi_outcome finish(MPI_Request *request, double patience) {
  const struct timespec pause = {0, PAUSE_NANOSECONDS};
  const double start = MPI_Wtime();
  int done = 0;
  for (long looks = 0; !done; looks++) {
    MPI_Test(request, &done, MPI_STATUS_IGNORE);
    if (done) break;
    if (looks < EAGER_LOOKS) {
      sched_yield();
    } else {
      nanosleep(&pause, NULL);
      if (MPI_Wtime() - start > patience) return APUS_MPI_LATE;
    }
  }
  return APUS_MPI_DONE;
}

// Narrows the numbers of several parts; the caller frees the result. NULL where one does not fit.
static int *narrow(const int64_t *const *lists, int count, int size) {
  int *narrowed = malloc(sizeof(int) * (size_t)count * (size_t)size);
  for (int list = 0; narrowed && list < count; list++) {
    for (int rank = 0; rank < size; rank++) {
      const int64_t value = lists[list][rank];
      if (value < 0 || value > INT_MAX) {
        free(narrowed);
        return NULL;
      }
      narrowed[list * size + rank] = (int)value;
    }
  }
  return narrowed;
}

apus_mpi_outcome apus_mpi_all_to_all(const float *from, apus_mpi_parts sent, float *into,
                                     apus_mpi_parts received, double patience) {
  const int size = apus_mpi_size();
  const int64_t *const lists[] = {sent.counts, sent.places, received.counts, received.places};
  int *n = narrow(lists, 4, size);
  if (!n) return APUS_MPI_TOO_LARGE;
  MPI_Request request;
  MPI_Ialltoallv(from, n, n + size, MPI_FLOAT, into, n + 2 * size, n + 3 * size, MPI_FLOAT,
                 MPI_COMM_WORLD, &request);
  const apus_mpi_outcome outcome = finish(&request, patience);
  // A call that is not over still reads its counts.
  if (outcome == APUS_MPI_DONE) free(n);
  return outcome;
}

apus_mpi_outcome apus_mpi_all_gather(void *values, apus_mpi_parts parts, int width, double patience) {
  const int size = apus_mpi_size();
  const int64_t *const lists[] = {parts.counts, parts.places};
  int *n = narrow(lists, 2, size);
  if (!n) return APUS_MPI_TOO_LARGE;
  MPI_Request request;
  MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, values, n, n + size,
                  width == 4 ? MPI_FLOAT : MPI_BYTE, MPI_COMM_WORLD, &request);
  const apus_mpi_outcome outcome = finish(&request, patience);
  if (outcome == APUS_MPI_DONE) free(n);
  return outcome;
}

// What the thread knows that watches over the end.
static struct {
  pthread_mutex_t lock;
  pthread_cond_t over;
  bool is_over;
  int code;
} end = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0};

static void *watch_end(void *unused) {
  struct timespec limit;
  clock_gettime(CLOCK_REALTIME, &limit);
  limit.tv_sec += LONGEST_END;
  pthread_mutex_lock(&end.lock);
  while (!end.is_over) {
    if (pthread_cond_timedwait(&end.over, &end.lock, &limit) == 0) continue;
    fflush(NULL);
    _exit(end.code);
  }
  pthread_mutex_unlock(&end.lock);
  return NULL;
}

// With UCX over TCP, MPICH 4.0 may wait for a process that waits for it: one blocks on its launcher and no longer
// takes the last messages of the other. All work is done by then, so that the process may as well be gone.
void apus_mpi_stop(int code) {
  pthread_t watcher;
  end.code = code;
  const bool is_watched = pthread_create(&watcher, NULL, watch_end, NULL) == 0;
  MPI_Finalize();
  if (!is_watched) return;
  pthread_mutex_lock(&end.lock);
  end.is_over = true;
  pthread_cond_signal(&end.over);
  pthread_mutex_unlock(&end.lock);
  pthread_join(watcher, NULL);
}

void apus_mpi_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

#else

bool apus_mpi_is_built(void) { return false; }

apus_mpi_outcome apus_mpi_start(void) { return APUS_MPI_REFUSED; }

int apus_mpi_rank(void) { return 0; }

int apus_mpi_size(void) { return 1; }

int apus_mpi_local_size(void) { return 1; }

apus_mpi_outcome apus_mpi_all_to_all(const float *from, apus_mpi_parts sent, float *into,
                                     apus_mpi_parts received, double patience) {
  return APUS_MPI_REFUSED;
}

apus_mpi_outcome apus_mpi_all_gather(void *values, apus_mpi_parts parts, int width, double patience) {
  return APUS_MPI_REFUSED;
}

void apus_mpi_stop(int code) {}

void apus_mpi_abort(int code) {}

#endif
