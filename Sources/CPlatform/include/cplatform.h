// What Swift cannot ask of the operating system itself: threads, the processors that they run on, and
// a terminal that is put back in order whatever ends the process. And hashing, for which processors have
// instructions of their own.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Processors this thread may run on (the affinity mask), or 0 when unknown.
int apus_affinity_count(void);

/// Ties the calling thread to the processor of that index in its affinity mask, if the system agrees.
bool apus_pin_thread(int index);

/// Names the calling thread, in at most 15 characters.
void apus_name_thread(const char *name);

/// Takes blocks of 64 bytes into the state of SHA-256 (FIPS 180-4, section 6.2.2), eight words.
///
/// @param is_plain Whether to do without the processor's instructions for it; the result is the same.
void apus_sha256(uint32_t *state, const void *data, size_t blocks, bool is_plain);

/// How the keys of a terminal reach the program.
typedef enum {
  /// In whole lines that the system edits, as before.
  APUS_KEYS_IN_LINES,
  /// One by one and unseen, the interrupt key among them.
  APUS_KEYS_EACH,
  /// One by one and unseen; those that the system makes signals of are signals.
  APUS_KEYS_AND_SIGNALS,
} apus_keys_mode;

/// Has SIGINT, SIGWINCH and SIGCONT written to a pipe, a byte with the signal's number each, and the
/// terminal put back in order before any signal ends or stops the process.
///
/// A process can do this for one terminal at a time.
///
/// @param input The open terminal whose keys are read.
/// @param screen Where that terminal is written to; a negative number where it obeys no sequences.
/// @return The end of the pipe that signals are read from, which does not block; -1 with `errno` set.
int apus_take_terminal(int input, int screen);

/// Changes how keys reach the program; 0, or -1 with `errno` set.
int apus_set_keys_mode(apus_keys_mode mode);

/// Puts the terminal back in order, and gives signals the meaning that they had.
void apus_give_terminal_back(void);

#pragma clang assume_nonnull end
#endif
