/* TLS for clients, by libssl loaded on demand. The declarations repeat what ssl(7) and the pages of
 * its functions document; the numbers are those of its stable binary interface. */
#ifndef COPENSSL_TLS_H
#define COPENSSL_TLS_H

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct copenssl_tls {
  void *context;
  void *(*make)(void *context);
  void (*free)(void *connection);
  int (*set_descriptor)(void *connection, int fd);
  long (*control)(void *connection, int command, long number, void *argument);
  int (*connect)(void *connection);
  int (*read)(void *connection, void *buffer, int count);
  int (*write)(void *connection, const void *buffer, int count);
  int (*get_error)(const void *connection, int result);
  void (*set_quiet_shutdown)(void *connection, int mode);
  int (*shutdown)(void *connection);
  void (*free_context)(void *context);
  unsigned long (*take_error)(const char **file, int *line, const char **function,
                              const char **data, int *flags);
  void (*clear_errors)(void);
  void (*describe)(unsigned long code, char *text, size_t length);
};

/* What could not be done. */
enum copenssl_tls_fault {
  copenssl_tls_fine = 0,
  copenssl_tls_no_library,
  copenssl_tls_no_context,
  copenssl_tls_bad_ca,
  copenssl_tls_bad_certificate,
  copenssl_tls_bad_key,
};

/* Never asks the terminal for the passphrase of a key. */
static inline int copenssl_tls_passphrase(char *buffer, int size, int is_writing, void *password) {
  (void)is_writing;
  size_t length = password ? strlen(password) : 0;
  if (length > (size_t)size) return -1;
  memcpy(buffer, password ? password : "", length);
  return (int)length;
}

static inline int copenssl_tls_find(struct copenssl_tls *tls, void *ssl, void *crypto) {
  *(void **)&tls->make = dlsym(ssl, "SSL_new");
  *(void **)&tls->free = dlsym(ssl, "SSL_free");
  *(void **)&tls->set_descriptor = dlsym(ssl, "SSL_set_fd");
  *(void **)&tls->control = dlsym(ssl, "SSL_ctrl");
  *(void **)&tls->connect = dlsym(ssl, "SSL_connect");
  *(void **)&tls->read = dlsym(ssl, "SSL_read");
  *(void **)&tls->write = dlsym(ssl, "SSL_write");
  *(void **)&tls->get_error = dlsym(ssl, "SSL_get_error");
  *(void **)&tls->set_quiet_shutdown = dlsym(ssl, "SSL_set_quiet_shutdown");
  *(void **)&tls->shutdown = dlsym(ssl, "SSL_shutdown");
  *(void **)&tls->free_context = dlsym(ssl, "SSL_CTX_free");
  *(void **)&tls->take_error = dlsym(crypto, "ERR_get_error_all");
  *(void **)&tls->clear_errors = dlsym(crypto, "ERR_clear_error");
  *(void **)&tls->describe = dlsym(crypto, "ERR_error_string_n");
  return tls->make && tls->free && tls->set_descriptor && tls->control && tls->connect &&
         tls->read && tls->write && tls->get_error && tls->set_quiet_shutdown && tls->shutdown &&
         tls->free_context && tls->take_error && tls->clear_errors && tls->describe;
}

/* Any of the texts may be NULL. The password is not needed any more when this has returned. */
static inline enum copenssl_tls_fault copenssl_tls_open(struct copenssl_tls *tls,
                                                        const char *password, const char *ca,
                                                        const char *certificate, const char *key) {
  void *ssl = dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
  void *crypto = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  if (!ssl || !crypto || !copenssl_tls_find(tls, ssl, crypto)) return copenssl_tls_no_library;
  void *(*new_context)(const void *method);
  const void *(*method)(void);
  long (*control)(void *context, int command, long number, void *argument);
  void (*set_verify)(void *context, int mode, void *callback);
  void (*set_passphrase)(void *context, int (*callback)(char *, int, int, void *));
  void (*set_passphrase_data)(void *context, void *data);
  int (*use_ca)(void *context, const char *file, const char *directory);
  int (*use_certificate)(void *context, const char *file);
  int (*use_key)(void *context, const char *file, int type);
  *(void **)&new_context = dlsym(ssl, "SSL_CTX_new");
  *(void **)&method = dlsym(ssl, "TLS_client_method");
  *(void **)&control = dlsym(ssl, "SSL_CTX_ctrl");
  *(void **)&set_verify = dlsym(ssl, "SSL_CTX_set_verify");
  *(void **)&set_passphrase = dlsym(ssl, "SSL_CTX_set_default_passwd_cb");
  *(void **)&set_passphrase_data = dlsym(ssl, "SSL_CTX_set_default_passwd_cb_userdata");
  *(void **)&use_ca = dlsym(ssl, "SSL_CTX_load_verify_locations");
  *(void **)&use_certificate = dlsym(ssl, "SSL_CTX_use_certificate_chain_file");
  *(void **)&use_key = dlsym(ssl, "SSL_CTX_use_PrivateKey_file");
  if (!new_context || !method || !control || !set_verify || !set_passphrase ||
      !set_passphrase_data || !use_ca || !use_certificate || !use_key)
    return copenssl_tls_no_library;

  tls->context = new_context(method());
  if (!tls->context) return copenssl_tls_no_context;
  control(tls->context, 33 /* SSL_CTRL_MODE */,
          1 /* SSL_MODE_ENABLE_PARTIAL_WRITE */ | 2 /* SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER */ |
              16 /* SSL_MODE_RELEASE_BUFFERS */,
          NULL);
  control(tls->context, 44 /* SSL_CTRL_SET_SESS_CACHE_MODE */, 0 /* SSL_SESS_CACHE_OFF */, NULL);
  set_verify(tls->context, 0 /* SSL_VERIFY_NONE */, NULL);
  set_passphrase(tls->context, copenssl_tls_passphrase);
  set_passphrase_data(tls->context, (void *)password);
  enum copenssl_tls_fault fault = copenssl_tls_fine;
  if (certificate && use_certificate(tls->context, certificate) != 1)
    fault = copenssl_tls_bad_certificate;
  else if (key && use_key(tls->context, key, 1 /* SSL_FILETYPE_PEM */) != 1)
    fault = copenssl_tls_bad_key;
  else if (ca && use_ca(tls->context, ca, NULL) != 1)
    fault = copenssl_tls_bad_ca;
  set_passphrase_data(tls->context, NULL);
  tls->clear_errors();
  if (fault != copenssl_tls_fine) tls->free_context(tls->context);
  return fault;
}

static inline void copenssl_tls_close(struct copenssl_tls *tls) {
  tls->free_context(tls->context);
}

/* A connection over a socket, which stays the caller's; NULL on failure. */
static inline void *copenssl_tls_make(const struct copenssl_tls *tls, int fd, const char *name) {
  tls->clear_errors();
  void *connection = tls->make(tls->context);
  if (!connection) return NULL;
  if (tls->set_descriptor(connection, fd) == 1 &&
      (!name || tls->control(connection, 55 /* SSL_CTRL_SET_TLSEXT_HOSTNAME */, 0 /* host name */,
                             (void *)name) == 1))
    return connection;
  tls->free(connection);
  return NULL;
}

/* What to do after a call that did not succeed. */
enum copenssl_tls_outcome {
  copenssl_tls_wants_read,
  copenssl_tls_wants_write,
  copenssl_tls_ended,
  copenssl_tls_failed,
};

static inline enum copenssl_tls_outcome copenssl_tls_outcome(const struct copenssl_tls *tls,
                                                             void *connection, int result) {
  switch (tls->get_error(connection, result)) {
    case 2: return copenssl_tls_wants_read;
    case 3: return copenssl_tls_wants_write;
    case 6: return copenssl_tls_ended;
    default: return copenssl_tls_failed;
  }
}

static inline int copenssl_tls_connect(const struct copenssl_tls *tls, void *connection) {
  tls->clear_errors();
  return tls->connect(connection);
}

static inline int copenssl_tls_read(const struct copenssl_tls *tls, void *connection, void *buffer,
                                    int count) {
  tls->clear_errors();
  return tls->read(connection, buffer, count);
}

static inline int copenssl_tls_write(const struct copenssl_tls *tls, void *connection,
                                     const void *buffer, int count) {
  tls->clear_errors();
  return tls->write(connection, buffer, count);
}

/* Says that nothing more is sent, or does not; and frees the connection. */
static inline void copenssl_tls_free(const struct copenssl_tls *tls, void *connection,
                                     int is_said) {
  tls->clear_errors();
  if (is_said)
    tls->shutdown(connection);
  else
    tls->set_quiet_shutdown(connection, 1);
  tls->free(connection);
  tls->clear_errors();
}

/* The oldest error that the last call has left, and where it was found; 0 if it has left none. */
struct copenssl_tls_error {
  unsigned long code;
  char text[160];
  const char *file;
  const char *function;
  const char *data;
  int line;
  int flags;
};

static inline int copenssl_tls_error(const struct copenssl_tls *tls,
                                     struct copenssl_tls_error *error) {
  error->file = error->function = error->data = "";
  error->code =
      tls->take_error(&error->file, &error->line, &error->function, &error->data, &error->flags);
  if (!error->code) return 0;
  tls->describe(error->code, error->text, sizeof error->text);
  return 1;
}

#endif
