/* Which functions does a process need when it is at work? Steps through it, one instruction at a
   time, and prints the places in its own program (not in libraries) that it came by, as offsets
   from the beginning of the program, in hexadecimal. x86-64 only.

   usage: executed PID SECONDS */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t is_over;

static void end(int signal) { (void)signal, is_over = 1; }

/* The code of the program and where the program begins. */
static int find_code(pid_t pid, unsigned long *program, unsigned long *start, unsigned long *stop) {
  char path[64], line[4096], own[4096] = "", permissions[8], name[4096];
  snprintf(path, sizeof path, "/proc/%d/exe", pid);
  if (readlink(path, own, sizeof own - 1) < 0) return -1;
  snprintf(path, sizeof path, "/proc/%d/maps", pid);
  FILE *maps = fopen(path, "r");
  if (!maps) return -1;
  *program = *stop = 0;
  while (fgets(line, sizeof line, maps)) {
    unsigned long first, last;
    if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %4095s", &first, &last, permissions, name) != 4) continue;
    if (strcmp(name, own) != 0) continue;
    if (!*program) *program = first;
    if (permissions[2] == 'x') *start = first, *stop = last;
  }
  fclose(maps);
  return *stop ? 0 : -1;
}

int main(int count, char **words) {
  if (count != 3) return 2;
  pid_t pid = atoi(words[1]);
  unsigned long program, start, stop;
  if (find_code(pid, &program, &start, &stop) < 0) return perror("executed: no program"), 1;
  unsigned char *seen = calloc(stop - start, 1);
  struct sigaction action = {.sa_handler = end};
  sigaction(SIGALRM, &action, NULL);
  int status, pending = 0;
  if (!seen || ptrace(PTRACE_SEIZE, pid, 0, 0) < 0) return perror("executed: ptrace"), 1;
  ptrace(PTRACE_INTERRUPT, pid, 0, 0);
  waitpid(pid, &status, 0);
  alarm(atoi(words[2]));
  while (!is_over && ptrace(PTRACE_SINGLESTEP, pid, 0, pending) == 0) {
    if (waitpid(pid, &status, 0) < 0) {
      /* It waits in the kernel. */
      if (errno == EINTR) ptrace(PTRACE_INTERRUPT, pid, 0, 0), waitpid(pid, &status, 0);
      break;
    }
    if (!WIFSTOPPED(status)) break;
    pending = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
    unsigned long place = ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.rip), 0);
    if (place >= start && place < stop) seen[place - start] = 1;
  }
  ptrace(PTRACE_DETACH, pid, 0, 0);
  for (unsigned long place = start; place < stop; place++)
    if (seen[place - start]) printf("%lx\n", place - program);
  return 0;
}
