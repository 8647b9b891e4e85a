// Arithmetic whose operands stay in registers while the kernel runs others: x87, SSE and AVX.
//
// usage: floats SEED TURNS      prints the sums; the same seed gives the same ones

#include <immintrin.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((target("avx"))) static double wide(double seed, long turns) {
  __m256d sum = _mm256_set_pd(seed, seed + 1, seed + 2, seed + 3);
  __m256d factor = _mm256_set1_pd(1.0000001);
  for (long turn = 0; turn < turns; turn++) {
    sum = _mm256_add_pd(_mm256_mul_pd(sum, factor), _mm256_set1_pd(0.5));
    // The registers are kept across the call by the kernel alone.
    if (turn % 64 == 0) __asm__ volatile("syscall" : : "a"(24L) : "rcx", "r11", "memory");
  }
  double parts[4];
  _mm256_storeu_pd(parts, sum);
  return parts[0] + 2 * parts[1] + 3 * parts[2] + 4 * parts[3];
}

static long double long_sum(double seed, long turns) {
  long double sum = seed;
  for (long turn = 1; turn < turns; turn++) {
    sum += 1.0L / turn;
    if (turn % 64 == 0) __asm__ volatile("syscall" : : "a"(24L) : "rcx", "r11", "memory");
  }
  return sum;
}

int main(int count, char **words) {
  if (count != 3) return 2;
  double seed = atof(words[1]);
  long turns = atol(words[2]);
  if (__builtin_cpu_supports("avx")) printf("%a\n", wide(seed, turns));
  printf("%La\n", long_sum(seed, turns));
  return 0;
}
