/* The parts of PCRE2 (8-bit) that the program uses, loaded on demand: only urls with a `regex` need
 * it. The declarations repeat what pcre2api(3), pcre2jit(3) and pcre2partial(3) document; the
 * numbers are those of its stable binary interface. */
#ifndef CPCRE2_H
#define CPCRE2_H

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

/* What one process has of the library. */
struct cpcre2 {
  void *(*compile)(const uint8_t *pattern, size_t length, uint32_t options, int *error,
                   size_t *offset, void *context);
  void (*free_code)(void *code);
  int (*compile_just_in_time)(void *code, uint32_t options);
  int (*information)(const void *code, uint32_t what, void *where);
  int (*describe)(int error, uint8_t *text, size_t length);
  int (*match)(const void *code, const uint8_t *subject, size_t length, size_t start,
               uint32_t options, void *data, void *context);
  void *(*make_data)(uint32_t pairs, void *context);
  void (*free_data)(void *data);
  size_t *(*offsets)(void *data);
  void *(*make_context)(void *general);
  void (*free_context)(void *context);
  int (*set_match_limit)(void *context, uint32_t limit);
  int (*set_heap_limit)(void *context, uint32_t kibibytes);
  void *(*make_stack)(size_t first, size_t most, void *general);
  void (*free_stack)(void *stack);
  void (*assign_stack)(void *context, void *callback, void *stack);
};

/* 0, or -1 without the library or without one of its functions. */
static inline int cpcre2_load(struct cpcre2 *library) {
  void *handle = dlopen("libpcre2-8.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!handle) return -1;
  *(void **)&library->compile = dlsym(handle, "pcre2_compile_8");
  *(void **)&library->free_code = dlsym(handle, "pcre2_code_free_8");
  *(void **)&library->compile_just_in_time = dlsym(handle, "pcre2_jit_compile_8");
  *(void **)&library->information = dlsym(handle, "pcre2_pattern_info_8");
  *(void **)&library->describe = dlsym(handle, "pcre2_get_error_message_8");
  *(void **)&library->match = dlsym(handle, "pcre2_match_8");
  *(void **)&library->make_data = dlsym(handle, "pcre2_match_data_create_8");
  *(void **)&library->free_data = dlsym(handle, "pcre2_match_data_free_8");
  *(void **)&library->offsets = dlsym(handle, "pcre2_get_ovector_pointer_8");
  *(void **)&library->make_context = dlsym(handle, "pcre2_match_context_create_8");
  *(void **)&library->free_context = dlsym(handle, "pcre2_match_context_free_8");
  *(void **)&library->set_match_limit = dlsym(handle, "pcre2_set_match_limit_8");
  *(void **)&library->set_heap_limit = dlsym(handle, "pcre2_set_heap_limit_8");
  *(void **)&library->make_stack = dlsym(handle, "pcre2_jit_stack_create_8");
  *(void **)&library->free_stack = dlsym(handle, "pcre2_jit_stack_free_8");
  *(void **)&library->assign_stack = dlsym(handle, "pcre2_jit_stack_assign_8");
  return library->compile && library->free_code && library->compile_just_in_time &&
                 library->information && library->describe && library->match &&
                 library->make_data && library->free_data && library->offsets &&
                 library->make_context && library->free_context && library->set_match_limit &&
                 library->set_heap_limit && library->make_stack && library->free_stack &&
                 library->assign_stack
             ? 0
             : -1;
}

struct cpcre2_pattern {
  void *code;
  void *data;
  void *context;
  void *stack;
};

enum {
  cpcre2_utf = 0x00080000,
  /* Subjects that are no UTF-8 are no error: nothing matches where they are wrong. */
  cpcre2_match_invalid_utf = 0x04000000,
  cpcre2_partial_hard = 0x20,
};

static inline void cpcre2_free(const struct cpcre2 *library, struct cpcre2_pattern *pattern) {
  if (pattern->stack) library->free_stack(pattern->stack);
  if (pattern->context) library->free_context(pattern->context);
  if (pattern->data) library->free_data(pattern->data);
  library->free_code(pattern->code);
}

/* 0, or an error of the library with the offset in the pattern that it concerns. No matching takes
 * more than `limit` steps or 4 MiB. */
static inline int cpcre2_compile(const struct cpcre2 *library, struct cpcre2_pattern *pattern,
                                 const uint8_t *text, size_t length, uint32_t options,
                                 uint32_t limit, size_t *offset) {
  int error = 0;
  if (options & cpcre2_utf) options |= cpcre2_match_invalid_utf;
  *pattern = (struct cpcre2_pattern){0};
  pattern->code =
      library->compile(text, length, options, &error, offset, NULL);
  if (!pattern->code) return error;
  pattern->data = library->make_data(1, NULL);
  pattern->context = library->make_context(NULL);
  if (!pattern->data || !pattern->context) {
    cpcre2_free(library, pattern);
    return -48; /* PCRE2_ERROR_NOMEMORY */
  }
  library->set_match_limit(pattern->context, limit);
  library->set_heap_limit(pattern->context, 4096);
  /* Where the processor or the kernel does not allow it, the pattern is interpreted. */
  if (library->compile_just_in_time(pattern->code, 4 /* PCRE2_JIT_PARTIAL_HARD */) == 0) {
    pattern->stack = library->make_stack(32 << 10, 512 << 10, NULL);
    if (pattern->stack) library->assign_stack(pattern->context, NULL, pattern->stack);
  }
  return 0;
}

/* How far before a place a match at it may look, in characters. */
static inline uint32_t cpcre2_look_behind(const struct cpcre2 *library,
                                          const struct cpcre2_pattern *pattern) {
  uint32_t length = 0;
  library->information(pattern->code, 15 /* PCRE2_INFO_MAXLOOKBEHIND */, &length);
  return length;
}

enum cpcre2_outcome { cpcre2_no_match, cpcre2_match, cpcre2_partial, cpcre2_failed };

/* `place` is where the match begins, or might. */
static inline enum cpcre2_outcome cpcre2_find(const struct cpcre2 *library,
                                              const struct cpcre2_pattern *pattern,
                                              const uint8_t *subject, size_t length, size_t start,
                                              size_t *place) {
  int result = library->match(pattern->code, subject, length, start, cpcre2_partial_hard,
                              pattern->data, pattern->context);
  if (result == -1) return cpcre2_no_match;
  if (result < 0 && result != -2) return cpcre2_failed;
  *place = library->offsets(pattern->data)[0];
  return result == -2 ? cpcre2_partial : cpcre2_match;
}

#endif
