// A process that traces another as user-mode-linux does, with a buffer for less than the whole of
// the registers' state: 576 bytes, which end before AVX. Prints what came of it.

#include <elf.h>
#include <errno.h>
#include <immintrin.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef NT_X86_XSTATE
#define NT_X86_XSTATE 0x202
#endif

enum { LEGACY_AND_HEADER = 576, FIRST_SSE_REGISTER = 160 };
static volatile long word = 0x123456789abcdef;

// Stops with ymm0 = {1, 2, 3, 4}, and ends with the bits of those that are as they shall be then.
__attribute__((target("avx"))) static int child(void) {
  double parts[4] = {1, 2, 3, 4}, wanted[4] = {10, 20, 3, 4};
  ptrace(PTRACE_TRACEME, 0, 0, 0);
  long pid = getpid();
  __asm__ volatile(
      "vmovupd (%[parts]), %%ymm0\n mov $62, %%eax\n mov %[pid], %%rdi\n mov %[signal], %%esi\n"
      "syscall\n vmovupd %%ymm0, (%[parts])"
      : : [parts] "r"(parts), [pid] "r"(pid), [signal] "i"(SIGSTOP)
      : "rax", "rdi", "rsi", "rcx", "r11", "xmm0", "memory");
  int right = 0;
  for (int part = 0; part < 4; part++) right |= (parts[part] == wanted[part]) << part;
  return right;
}

int main(void) {
  if (!__builtin_cpu_supports("avx")) return puts("no AVX"), 0;
  pid_t pid = fork();
  if (pid == 0) _exit(child());
  int status;
  waitpid(pid, &status, 0);
  printf("word %d\n", ptrace(PTRACE_PEEKDATA, pid, &word, 0) == word);
  errno = 0;
  printf("refused %d\n", ptrace(PTRACE_PEEKDATA, pid, 8, 0) == -1 && errno == EIO);

  char state[LEGACY_AND_HEADER];
  struct iovec part = {state, sizeof state};
  if (ptrace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &part) != 0) printf("get %d\n", errno);
  double low[2] = {10, 20};
  memcpy(state + FIRST_SSE_REGISTER, low, sizeof low);
  errno = 0;
  ptrace(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &part);
  printf("set %d\n", errno);
  ptrace(PTRACE_CONT, pid, 0, 0);
  waitpid(pid, &status, 0);
  printf("right %x\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  return 0;
}
