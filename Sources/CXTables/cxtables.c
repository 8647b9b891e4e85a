#include "cxtables.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/xt_set.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a process has of one of the libraries; their functions have the same names. */
struct library {
  void *(*init)(const char *table);
  void (*free)(void *handle);
  int (*commit)(void *handle);
  int (*is_chain)(const char *chain, void *handle);
  int (*append)(const char *chain, const void *entry, void *handle);
  int (*insert)(const char *chain, const void *entry, unsigned number, void *handle);
  int (*delete)(const char *chain, const void *entry, unsigned char *mask, void *handle);
};

/* An entry with its matches and its target. */
union entry {
  struct ipt_entry four;
  struct ip6t_entry six;
  unsigned char octets[1024];
};

/* Of one rule: more would be a mistake of somebody else's. */
enum { most_copies = 100 };

static int load(int family, struct library *library) {
  const int four = family == 4;
  void *handle = dlopen(four ? "libip4tc.so.2" : "libip6tc.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!handle) return -1;
  *(void **)&library->init = dlsym(handle, four ? "iptc_init" : "ip6tc_init");
  *(void **)&library->free = dlsym(handle, four ? "iptc_free" : "ip6tc_free");
  *(void **)&library->commit = dlsym(handle, four ? "iptc_commit" : "ip6tc_commit");
  *(void **)&library->is_chain = dlsym(handle, four ? "iptc_is_chain" : "ip6tc_is_chain");
  *(void **)&library->append = dlsym(handle, four ? "iptc_append_entry" : "ip6tc_append_entry");
  *(void **)&library->insert = dlsym(handle, four ? "iptc_insert_entry" : "ip6tc_insert_entry");
  *(void **)&library->delete = dlsym(handle, four ? "iptc_delete_entry" : "ip6tc_delete_entry");
  return library->init && library->free && library->commit && library->is_chain &&
                 library->append && library->insert && library->delete
             ? 0
             : -1;
}

/* The kernel's number of a set, or -1 with errno. */
static int set_index(const char *name) {
  struct ip_set_req_get_set request = {.op = IP_SET_OP_GET_BYNAME, .version = IPSET_PROTOCOL};
  socklen_t length = sizeof request;
  const int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
  if (fd < 0) return -1;
  strncpy(request.set.name, name, IPSET_MAXNAMELEN - 1);
  const int result = getsockopt(fd, IPPROTO_IP, SO_IP_SET, &request, &length);
  const int error = errno;
  close(fd);
  errno = error;
  if (result < 0) return -1;
  if (request.set.index == IPSET_INVALID_ID) {
    errno = ENOENT;
    return -1;
  }
  return request.set.index;
}

static void name_interface(const char *name, char *field, unsigned char *mask) {
  const size_t length = strnlen(name, 15);
  if (!length) return;
  memcpy(field, name, length);
  memset(mask, 0xff, length + 1);
}

/* Which packets, by their own header. */
static size_t write_header(int family, const struct cxtables_rule *rule, union entry *entry) {
  if (family == 4) {
    struct ipt_ip *ip = &entry->four.ip;
    memcpy(&ip->src, rule->source, sizeof ip->src);
    memcpy(&ip->dst, rule->destination, sizeof ip->dst);
    memset(&ip->smsk, rule->has_source ? 0xff : 0, sizeof ip->smsk);
    memset(&ip->dmsk, rule->has_destination ? 0xff : 0, sizeof ip->dmsk);
    name_interface(rule->input, ip->iniface, ip->iniface_mask);
    name_interface(rule->output, ip->outiface, ip->outiface_mask);
    ip->proto = rule->protocol;
    return XT_ALIGN(sizeof entry->four);
  }
  struct ip6t_ip6 *ip = &entry->six.ipv6;
  memcpy(&ip->src, rule->source, sizeof ip->src);
  memcpy(&ip->dst, rule->destination, sizeof ip->dst);
  memset(&ip->smsk, rule->has_source ? 0xff : 0, sizeof ip->smsk);
  memset(&ip->dmsk, rule->has_destination ? 0xff : 0, sizeof ip->dmsk);
  name_interface(rule->input, ip->iniface, ip->iniface_mask);
  name_interface(rule->output, ip->outiface, ip->outiface_mask);
  ip->proto = rule->protocol;
  if (rule->protocol) ip->flags |= IP6T_F_PROTO;
  return XT_ALIGN(sizeof entry->six);
}

static void *add_match(union entry *entry, size_t *length, const char *name, size_t size) {
  struct xt_entry_match *match = (struct xt_entry_match *)(entry->octets + *length);
  match->u.match_size = XT_ALIGN(sizeof *match) + XT_ALIGN(size);
  strncpy(match->u.user.name, name, sizeof match->u.user.name - 1);
  *length += match->u.match_size;
  return match;
}

/* The length of the entry, or 0 with errno. */
static size_t write_entry(int family, const struct cxtables_rule *rule, union entry *entry) {
  memset(entry, 0, sizeof *entry);
  size_t length = write_header(family, rule, entry);
  if (family == 6 && rule->icmp_type >= 0) {
    struct xt_entry_match *match = add_match(entry, &length, "icmp6", sizeof(struct ip6t_icmp));
    struct ip6t_icmp *icmp = (struct ip6t_icmp *)match->data;
    icmp->type = (uint8_t)rule->icmp_type;
    icmp->code[1] = 0xff;
  }
  if (rule->set[0]) {
    const int index = set_index(rule->set);
    if (index < 0) return 0;
    struct xt_entry_match *match =
        add_match(entry, &length, "set", sizeof(struct xt_set_info_match_v4));
    match->u.user.revision = 4;
    struct xt_set_info *set = &((struct xt_set_info_match_v4 *)match->data)->match_set;
    set->index = (ip_set_id_t)index;
    set->dim = rule->set_fields;
    set->flags = rule->set_sources;
  }
  struct xt_standard_target *target = (struct xt_standard_target *)(entry->octets + length);
  target->target.u.target_size = XT_ALIGN(sizeof *target);
  /* The library makes the verdict of it. */
  strcpy(target->target.u.user.name, rule->accepts ? "ACCEPT" : "DROP");
  const size_t whole = length + target->target.u.target_size;
  if (family == 4) {
    entry->four.target_offset = (uint16_t)length;
    entry->four.next_offset = (uint16_t)whole;
  } else {
    entry->six.target_offset = (uint16_t)length;
    entry->six.next_offset = (uint16_t)whole;
  }
  return whole;
}

/* 0 or the error. */
static int change(const struct library *library, int family, const struct cxtables_rule *rule,
                  void *handle) {
  union entry entry;
  unsigned char mask[sizeof entry];
  errno = 0;
  if (!write_entry(family, rule, &entry)) {
    /* No rule can look at a set that is not there. */
    const int deletes =
        rule->operation == cxtables_delete || rule->operation == cxtables_delete_all;
    return deletes && errno == ENOENT ? 0 : errno;
  }
  memset(mask, 0xff, sizeof mask);
  switch (rule->operation) {
    case cxtables_append:
      return library->append(rule->chain, &entry, handle) ? 0 : errno;
    case cxtables_insert:
      return library->insert(rule->chain, &entry, 0, handle) ? 0 : errno;
    case cxtables_delete:
      return library->delete(rule->chain, &entry, mask, handle) ? 0 : errno;
    default:
      for (int copy = 0; copy < most_copies; copy++)
        if (!library->delete(rule->chain, &entry, mask, handle)) break;
      return 0;
  }
}

int cxtables_change(int family, const struct cxtables_rule *rules, size_t count, long *place) {
  struct library library;
  *place = -1;
  if (load(family, &library) < 0) return ELIBACC;
  void *handle = library.init("filter");
  if (!handle) return errno;
  int error = 0;
  for (size_t index = 0; index < count && !error; index++) {
    error = change(&library, family, &rules[index], handle);
    if (error) *place = (long)index;
  }
  if (!error && !library.commit(handle)) error = errno;
  library.free(handle);
  return error;
}

int cxtables_has_chain(int family, const char *chain) {
  struct library library;
  if (load(family, &library) < 0) {
    errno = ELIBACC;
    return -1;
  }
  void *handle = library.init("filter");
  if (!handle) return -1;
  const int result = library.is_chain(chain, handle);
  library.free(handle);
  return result ? 1 : 0;
}

int cxtables_is_available(void) {
  struct library library;
  return load(4, &library) == 0 && load(6, &library) == 0;
}
