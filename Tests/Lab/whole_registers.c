// A ptrace() for user-mode-linux, to be preloaded: it sets the registers of a process as a whole.
//
// Linux refuses to set a part of the extended state (NT_X86_XSTATE). The buffer of user-mode-linux
// holds no more than AVX-512 needs, and where the processor has AMX the state is larger. So the
// state is read first, the beginning that the caller knows is laid over it, and all of it is set.

#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef NT_X86_XSTATE
#define NT_X86_XSTATE 0x202
#endif

// Where the header of the state says which parts of it are in use, and the two parts of AMX there:
// no process of a guest uses them.
enum { FEATURES_AT = 512 };
static const uint64_t tiles = 1ULL << 17 | 1ULL << 18;

// Not on the stack: that of the guest's kernel is 16 KiB. The kernel is a single thread.
static char state[1 << 16];

static long set_whole(long pid, const struct iovec *part) {
  struct iovec whole = {state, sizeof state};
  if (syscall(SYS_ptrace, PTRACE_GETREGSET, pid, NT_X86_XSTATE, &whole) < 0) return -1;
  size_t known = part->iov_len < whole.iov_len ? part->iov_len : whole.iov_len;
  memcpy(state, part->iov_base, known);
  if (whole.iov_len >= FEATURES_AT + sizeof tiles) {
    uint64_t features;
    memcpy(&features, state + FEATURES_AT, sizeof features);
    features &= ~tiles;
    memcpy(state + FEATURES_AT, &features, sizeof features);
  }
  return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, NT_X86_XSTATE, &whole);
}

long ptrace(enum __ptrace_request request, ...) {
  va_list arguments;
  va_start(arguments, request);
  long pid = va_arg(arguments, long);
  void *address = va_arg(arguments, void *);
  void *data = va_arg(arguments, void *);
  va_end(arguments);

  if (request == PTRACE_SETREGSET && (uintptr_t)address == NT_X86_XSTATE)
    return set_whole(pid, data);
  // The library returns the word that was asked for; the system call stores it.
  if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA || request == PTRACE_PEEKUSER) {
    long word = 0;
    if (syscall(SYS_ptrace, request, pid, address, &word) < 0) return -1;
    errno = 0;
    return word;
  }
  return syscall(SYS_ptrace, request, pid, address, data);
}
