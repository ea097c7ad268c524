#include "team.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "ckernels.h"

typedef struct {
  team_work work;
  void *context;
  int members;
  size_t times;
  atomic_int arrived;
  atomic_bool begun;
} team_job;

typedef struct {
  team_job *job;
  int member;
} team_place;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void *serve(void *argument) {
  team_place *place = argument;
  team_job *job = place->job;
  apus_pin_thread(place->member);
  atomic_fetch_add(&job->arrived, 1);
  while (!atomic_load(&job->begun)) apus_pause();
  job->work(job->context, place->member, job->members, job->times);
  return NULL;
}

/// Seconds of `times` times.
static double run_once(team_work work, void *context, int members, size_t times) {
  team_job job = {.work = work, .context = context, .members = members, .times = times};
  team_place places[TEAM_LIMIT];
  pthread_t threads[TEAM_LIMIT];
  for (int i = 1; i < members; i++) {
    places[i] = (team_place){&job, i};
    if (pthread_create(&threads[i], NULL, serve, &places[i]) != 0) abort();
  }
  while (atomic_load(&job.arrived) < members - 1) apus_pause();
  double start = now();
  atomic_store(&job.begun, true);
  work(context, 0, members, times);
  for (int i = 1; i < members; i++) pthread_join(threads[i], NULL);
  return now() - start;
}

double team_seconds(team_work work, void *context, int members, double shortest, int runs) {
  size_t times = 1;
  double seconds = run_once(work, context, members, times);
  while (seconds < shortest) {
    double factor = seconds > 0 ? 1.2 * shortest / seconds : 16;
    times = (size_t)((double)times * (factor < 2 ? 2 : factor > 16 ? 16 : factor));
    seconds = run_once(work, context, members, times);
  }
  for (int i = 1; i < runs; i++) {
    double again = run_once(work, context, members, times);
    if (again < seconds) seconds = again;
  }
  return seconds / (double)times;
}
