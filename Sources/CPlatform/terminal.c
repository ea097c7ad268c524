// A terminal whose keys are read one by one, put back in order whatever ends the process.
//
// All that handlers of signals call is async-signal-safe by POSIX.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1  // SIGWINCH
#endif

#include "cplatform.h"

#if __STDC_HOSTED__ && (defined(__linux__) || defined(__APPLE__))
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

// Those that end a process, by the system's will or a person's, or because it is at fault.
static const int ends[] = {SIGHUP,  SIGQUIT, SIGTERM, SIGPIPE, SIGABRT,
                           SIGBUS,  SIGFPE,  SIGILL,  SIGSEGV, SIGTRAP};
// Those that the program is told of.
static const int told[] = {SIGINT, SIGWINCH, SIGCONT};
enum {
  end_count = sizeof ends / sizeof *ends,
  told_count = sizeof told / sizeof *told,
};

// What is pasted comes between marks; the end of that, and of any style.
static const char marks_on[] = "\033[?2004h";
static const char marks_off[] = "\033[?2004l\033[0m";

static struct termios before, changed;
static struct sigaction end_actions[end_count], told_actions[told_count], stop_action;
static int terminal = -1, output = -1, pipe_ends[2] = {-1, -1};
static volatile sig_atomic_t is_changed, has_marks;

static void say(const char *text, size_t length) {
  // Where the terminal is gone there is nobody to tell.
  if (output >= 0 && write(output, text, length) < 0) return;
}

static void restore(void) {
  if (!is_changed) return;
  say(marks_off, sizeof marks_off - 1);
  tcsetattr(terminal, TCSANOW, &before);
}

static void tell(int signal) {
  int error = errno;
  unsigned char number = (unsigned char)signal;
  // A full pipe has enough to tell already.
  if (write(pipe_ends[1], &number, 1) < 0) errno = error;
}

static void end(int signal) {
  restore();
  for (int i = 0; i < end_count; i++) {
    if (ends[i] == signal) sigaction(signal, &end_actions[i], NULL);
  }
  // It waits until this handler is over.
  raise(signal);
}

static void stop(int signal) {
  int error = errno;
  restore();
  struct sigaction own;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  sigaction(signal, &stop_action, &own);
  raise(signal);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);  // It stops here, and here it goes on.
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  sigaction(signal, &own, NULL);
  if (is_changed) {
    tcsetattr(terminal, TCSANOW, &changed);
    if (has_marks) say(marks_on, sizeof marks_on - 1);
  }
  tell(SIGCONT);
  errno = error;
}

// Leaves signals alone that the process was started to ignore.
static void handle(int signal, void (*handler)(int), struct sigaction *old) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal, NULL, old);
  if (old->sa_handler != SIG_IGN) sigaction(signal, &action, NULL);
}

static int make_pipe(void) {
  if (pipe_ends[0] >= 0) return 0;
  if (pipe(pipe_ends) != 0) return -1;
  for (int i = 0; i < 2; i++) {
    fcntl(pipe_ends[i], F_SETFD, FD_CLOEXEC);
    fcntl(pipe_ends[i], F_SETFL, O_NONBLOCK);
  }
  return 0;
}

int apus_take_terminal(int input, int screen) {
  if (tcgetattr(input, &before) != 0 || make_pipe() != 0) return -1;
  terminal = input;
  output = screen;
  for (int i = 0; i < end_count; i++) handle(ends[i], end, &end_actions[i]);
  for (int i = 0; i < told_count; i++) handle(told[i], tell, &told_actions[i]);
  handle(SIGTSTP, stop, &stop_action);
  return pipe_ends[0];
}

int apus_set_keys_mode(apus_keys_mode mode) {
  if (mode == APUS_KEYS_IN_LINES) {
    restore();
    is_changed = has_marks = 0;
    return 0;
  }
  struct termios next = before;
  next.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | ISTRIP);
  next.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
  if (mode == APUS_KEYS_EACH) {
    next.c_iflag &= ~(tcflag_t)IXON;
    next.c_lflag &= ~(tcflag_t)ISIG;
  }
  next.c_cc[VMIN] = 1;
  next.c_cc[VTIME] = 0;
  changed = next;
  is_changed = 1;
  has_marks = mode == APUS_KEYS_EACH;
  int result;
  do result = tcsetattr(terminal, TCSANOW, &next);
  while (result != 0 && errno == EINTR);
  if (has_marks) {
    say(marks_on, sizeof marks_on - 1);
  } else {
    say(marks_off, sizeof marks_off - 1);
  }
  return result;
}

void apus_give_terminal_back(void) {
  apus_set_keys_mode(APUS_KEYS_IN_LINES);
  for (int i = 0; i < end_count; i++) sigaction(ends[i], &end_actions[i], NULL);
  for (int i = 0; i < told_count; i++) sigaction(told[i], &told_actions[i], NULL);
  sigaction(SIGTSTP, &stop_action, NULL);
}
#else
int apus_take_terminal(int input, int screen) { return -1; }
int apus_set_keys_mode(apus_keys_mode mode) { return -1; }
void apus_give_terminal_back(void) {}
#endif
