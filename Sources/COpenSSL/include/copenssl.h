/* The parts of OpenSSL's libcrypto that the program uses, loaded on demand: linking it costs every
 * process some 2 MB whether or not a configuration asks for it. The declarations repeat what
 * HMAC(3) and EVP_md5(3) document. */
#ifndef COPENSSL_H
#define COPENSSL_H

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

struct copenssl {
  const void *md5;
  const void *sha256;
  unsigned char *(*hmac)(const void *digest, const void *key, int key_length,
                         const unsigned char *data, size_t length, unsigned char *code,
                         unsigned int *code_length);
};

/* 0, or -1 without the library or without one of its functions. */
static inline int copenssl_load(struct copenssl *library) {
  void *handle = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  if (!handle) return -1;
  const void *(*md5)(void) = (const void *(*)(void))dlsym(handle, "EVP_md5");
  const void *(*sha256)(void) = (const void *(*)(void))dlsym(handle, "EVP_sha256");
  *(void **)&library->hmac = dlsym(handle, "HMAC");
  if (!md5 || !sha256 || !library->hmac) return -1;
  library->md5 = md5();
  library->sha256 = sha256();
  return 0;
}

/* The length of the code written to `code` (at least 64 bytes), 0 on failure. */
static inline unsigned copenssl_hmac(const struct copenssl *library, int is_sha256,
                                     const uint8_t *key, int key_length, const uint8_t *data,
                                     size_t length, uint8_t *code) {
  unsigned code_length = 0;
  if (!library->hmac(is_sha256 ? library->sha256 : library->md5, key, key_length, data, length,
                     code, &code_length))
    return 0;
  return code_length;
}

#endif
