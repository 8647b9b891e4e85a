/* Rules of iptables and ip6tables, by libip4tc and libip6tc, which are loaded on demand: only
 * `vrrp_iptables` needs them. Nothing here waits for anything: the library replaces the table in one
 * call of the kernel, which refuses that (EAGAIN) if somebody else has changed it since it was
 * read. */
#ifndef CXTABLES_H
#define CXTABLES_H

#include <stddef.h>
#include <stdint.h>

enum cxtables_operation {
  cxtables_append,
  cxtables_insert,
  cxtables_delete,
  /* However often it is there. */
  cxtables_delete_all,
};

/* A rule of the table "filter", in network order; what is zero or empty is not looked at. */
struct cxtables_rule {
  uint32_t operation;
  char chain[32];
  uint8_t accepts;
  uint8_t has_source;
  uint8_t has_destination;
  uint8_t protocol;
  /* Of ICMPv6; -1: any. */
  int16_t icmp_type;
  uint8_t source[16];
  uint8_t destination[16];
  char input[16];
  char output[16];
  /* A set that the packet must be in: how many of its fields, and a bit for each that is the
   * packet's source, the first field's being 2. */
  char set[32];
  uint8_t set_fields;
  uint8_t set_sources;
};

/* Makes changes of the table of a family (4 or 6), all of them or none: 0, or the error, with the
 * place of the change that it concerns (else -1). ELIBACC: there is no such library. */
int cxtables_change(int family, const struct cxtables_rule *rules, size_t count, long *place);

/* Whether the table of a family has a chain: 1, 0, or -1 with errno. */
int cxtables_has_chain(int family, const char *chain);

/* Whether the libraries of both families are there. */
int cxtables_is_available(void);

#endif
