/* MD5 of what comes in pieces, by the same libcrypto as copenssl.h. The declarations repeat what
 * EVP_DigestInit(3) and EVP_MD_fetch(3) document. */
#ifndef COPENSSL_DIGEST_H
#define COPENSSL_DIGEST_H

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

struct copenssl_digest {
  void *context;
  void *algorithm;
  int (*begin)(void *context, const void *algorithm, const void *engine);
  int (*update)(void *context, const void *data, size_t length);
  int (*end)(void *context, unsigned char *digest, unsigned int *length);
  void (*free_context)(void *context);
  void (*free_algorithm)(void *algorithm);
};

/* 0, or -1 without the library, without one of its functions, or without MD5 in it. */
static inline int copenssl_md5_open(struct copenssl_digest *digest) {
  void *handle = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  if (!handle) return -1;
  void *(*new_context)(void);
  void *(*fetch)(void *library, const char *name, const char *properties);
  *(void **)&new_context = dlsym(handle, "EVP_MD_CTX_new");
  *(void **)&fetch = dlsym(handle, "EVP_MD_fetch");
  *(void **)&digest->begin = dlsym(handle, "EVP_DigestInit_ex");
  *(void **)&digest->update = dlsym(handle, "EVP_DigestUpdate");
  *(void **)&digest->end = dlsym(handle, "EVP_DigestFinal_ex");
  *(void **)&digest->free_context = dlsym(handle, "EVP_MD_CTX_free");
  *(void **)&digest->free_algorithm = dlsym(handle, "EVP_MD_free");
  if (!new_context || !fetch || !digest->begin || !digest->update || !digest->end ||
      !digest->free_context || !digest->free_algorithm)
    return -1;
  digest->context = new_context();
  digest->algorithm = fetch(NULL, "MD5", NULL);
  if (digest->context && digest->algorithm) return 0;
  digest->free_context(digest->context);
  digest->free_algorithm(digest->algorithm);
  return -1;
}

static inline void copenssl_digest_close(struct copenssl_digest *digest) {
  digest->free_context(digest->context);
  digest->free_algorithm(digest->algorithm);
}

static inline int copenssl_digest_begin(const struct copenssl_digest *digest) {
  return digest->begin(digest->context, digest->algorithm, NULL);
}

static inline int copenssl_digest_update(const struct copenssl_digest *digest, const uint8_t *data,
                                         size_t length) {
  return digest->update(digest->context, data, length);
}

/* `code` has room for 16 bytes. */
static inline int copenssl_digest_end(const struct copenssl_digest *digest, uint8_t *code) {
  return digest->end(digest->context, code, NULL);
}

#endif
