// Threads that do the same work side by side, and how long they take.
#ifndef TEAM_H
#define TEAM_H

#include <stddef.h>

enum { TEAM_LIMIT = 64 };

/// Work of one thread: `member` of `members`, `times` times over.
typedef void (*team_work)(void *context, int member, int members, size_t times);

/// Seconds of one time, all members working from one start to the last one's end.
///
/// Times are added until a run takes `shortest` seconds; the result is the best of `runs` runs, since
/// others only slow one down.
double team_seconds(team_work work, void *context, int members, double shortest, int runs);

#endif
