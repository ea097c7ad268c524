// Exchanges and gathers numbers with other processes, and checks each. Ends with 1 where one is wrong.
#include <stdio.h>
#include <stdlib.h>

#include "cmpi.h"

enum { LARGEST = 1 << 16, MOST = 64 };

// The number that a process has at a place for another one.
static float number(int from, int to, int64_t place) {
  return (float)(from * 1000 + to * 10) + (float)(place % 7) / 8;
}

static int wrong = 0;

static void check(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "process %d: %s\n", apus_mpi_rank(), what);
  wrong = 1;
}

// Parts of many lengths, one of them empty: length(from, to) elements go from one process to another.
static int64_t length(int from, int to) {
  return (from + 2 * to) % 5 == 0 ? 0 : (int64_t)(LARGEST >> (from + to) % 9);
}

static void exchange(int rank, int size) {
  int64_t sent[MOST], sent_places[MOST], received[MOST], received_places[MOST];
  float *from = malloc(sizeof(float) * LARGEST * (size_t)size);
  float *into = malloc(sizeof(float) * LARGEST * (size_t)size);
  int64_t out = 0, in = 0;
  for (int other = 0; other < size; other++) {
    sent[other] = length(rank, other);
    received[other] = length(other, rank);
    sent_places[other] = out;
    received_places[other] = in;
    for (int64_t place = 0; place < sent[other]; place++) from[out++] = number(rank, other, place);
    in += received[other];
  }
  const apus_mpi_parts parts = {sent, sent_places}, others = {received, received_places};
  check(apus_mpi_all_to_all(from, parts, into, others, 60) == APUS_MPI_DONE, "no exchange");
  for (int other = 0; other < size; other++) {
    for (int64_t place = 0; place < received[other]; place++) {
      check(into[received_places[other] + place] == number(other, rank, place), "another number");
    }
  }
  sent[0] = (int64_t)1 << 40;
  check(apus_mpi_all_to_all(from, parts, into, others, 60) == APUS_MPI_TOO_LARGE, "too many sent");
  free(from);
  free(into);
}

static void gather(int rank, int size) {
  int64_t counts[MOST], places[MOST], all = 0;
  for (int other = 0; other < size; other++) {
    counts[other] = length(other, other);
    places[other] = all;
    all += counts[other];
  }
  float *values = calloc((size_t)all + 1, sizeof(float));
  unsigned char *bytes = calloc((size_t)all + 1, 1);
  for (int64_t place = 0; place < counts[rank]; place++) {
    values[places[rank] + place] = number(rank, 0, place);
    bytes[places[rank] + place] = (unsigned char)(rank + 7 * place);
  }
  const apus_mpi_parts parts = {counts, places};
  check(apus_mpi_all_gather(values, parts, 4, 60) == APUS_MPI_DONE, "no numbers");
  check(apus_mpi_all_gather(bytes, parts, 1, 60) == APUS_MPI_DONE, "no bytes");
  for (int other = 0; other < size; other++) {
    for (int64_t place = 0; place < counts[other]; place++) {
      check(values[places[other] + place] == number(other, 0, place), "another number");
      check(bytes[places[other] + place] == (unsigned char)(other + 7 * place), "another byte");
    }
  }
  free(values);
  free(bytes);
}

int main(int count, char **arguments) {
  const int wanted = count > 1 ? atoi(arguments[1]) : 1;
  check(apus_mpi_is_built() && apus_mpi_start() == APUS_MPI_DONE, "no MPI");
  const int rank = apus_mpi_rank(), size = apus_mpi_size();
  check(size == wanted && size <= MOST && apus_mpi_local_size() == size, "another number of processes");
  for (int turn = 0; turn < 3; turn++) {
    exchange(rank, size);
    gather(rank, size);
  }
  apus_mpi_stop(wrong);
  return wrong;
}
