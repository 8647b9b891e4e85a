/* System headers that Swift's Glibc module leaves out, and inline wrappers for what Swift cannot
 * import: variadic functions, function-like macros and control messages. Wrappers are named
 * clinux_<original>; those that combine several calls say why. */
#ifndef CLINUX_H
#define CLINUX_H

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <ifaddrs.h>
#include <link.h>
#include <malloc.h>
#include <netdb.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <linux/ethtool.h>
#include <linux/mii.h>
#include <linux/sockios.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/mii.h>
#include <linux/sockios.h>
#include <linux/version.h>

/* ---- what Swift's overlay would give ---- */

static inline int clinux_errno(void) { return errno; }

/* ---- constants built by macros or absent from glibc 2.36 ---- */

static const int clinux_ipproto_vrrp = 112;
static const int clinux_ifa_proto = 11;
static const int clinux_ipv6_freebind = 78;
static const int clinux_ipv6_multicast_all = 29;
static inline int clinux_sigrtmin(void) { return SIGRTMIN; }
static inline int clinux_sigrtmax(void) { return SIGRTMAX; }
static inline unsigned clinux_linux_version_code(void) { return LINUX_VERSION_CODE; }

/* ---- processes ---- */

/* The C library keeps 32 and 33 to itself, but the kernel ends the process by them: to ignore them,
 * or to give them back, it is asked directly. A disposition that is no handler is the first word of
 * the kernel's structure, and the rest of it is zero. */
static inline void clinux_set_disposition(int number, void (*disposition)(int)) {
  if (signal(number, disposition) != SIG_ERR) return;
  unsigned long action[4] = {(unsigned long)disposition};
  syscall(SYS_rt_sigaction, number, action, NULL, 8);
}
static inline void clinux_ignore_signal(int number) { clinux_set_disposition(number, SIG_IGN); }
static inline void clinux_default_signal(int number) { clinux_set_disposition(number, SIG_DFL); }
static inline int clinux_kill(pid_t process, int number) { return kill(process, number); }
/* `microseconds` of processor time between two blocking calls. */
static inline int clinux_limit_real_time(uint64_t microseconds) {
  struct rlimit limit = {.rlim_cur = microseconds / 2 ? microseconds / 2 : 1,
                         .rlim_max = microseconds};
  return setrlimit(RLIMIT_RTTIME, &limit);
}
static inline int clinux_set_real_time(int priority) {
  struct sched_param parameters = {.sched_priority = priority};
  return sched_setscheduler(0, priority > 0 ? SCHED_RR | SCHED_RESET_ON_FORK : SCHED_OTHER,
                            &parameters);
}

static inline int clinux_wifexited(int status) { return WIFEXITED(status); }
static inline int clinux_wexitstatus(int status) { return WEXITSTATUS(status); }
static inline int clinux_wtermsig(int status) { return WTERMSIG(status); }

/* A child that has ended and was not reaped yet, left as it is; 0 if there is none. */
static inline pid_t clinux_ended_child(void) {
  siginfo_t information = {0};
  if (waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT) < 0) return 0;
  return information.si_pid;
}

static inline int clinux_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

static inline int clinux_set_parent_death_signal(int number) {
  return prctl(PR_SET_PDEATHSIG, number);
}
static inline int clinux_set_process_name(const char *name) { return prctl(PR_SET_NAME, name); }
static inline int clinux_set_child_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1); }

static inline char **clinux_environ(void) { return environ; }

/* One CPU at a time: cpu_set_t's macros cannot be imported. */
static inline int clinux_set_affinity(const unsigned *processors, size_t count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (size_t i = 0; i < count; i++) CPU_SET(processors[i], &set);
  return sched_setaffinity(0, sizeof set, &set);
}

/* How many of `processors` were filled in. */
#define CLINUX_PROCESSORS_MAX 1024
static inline size_t clinux_get_affinity(unsigned *processors, size_t room) {
  cpu_set_t set;
  size_t count = 0;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) < 0) return 0;
  for (unsigned i = 0; i < CPU_SETSIZE && count < room; i++)
    if (CPU_ISSET(i, &set)) processors[count++] = i;
  return count;
}

/* Everything between fork and exec of a program, in C: nothing of the Swift runtime may run there.
 * `group_count` < 0 keeps the supplementary groups. On failure of exec the child writes errno to
 * `report_fd` (close-on-exec) and exits with 127. */
struct clinux_program {
  const char *path;
  char *const *arguments;
  char *const *environment;
  uid_t uid;
  gid_t gid;
  int changes_account;
  const gid_t *groups;
  long group_count;
  struct rlimit descriptors;
  struct rlimit core;
  int report_fd;
  int null_fd;
  /* Kept open across the exec at the same number, or -1. */
  int inherited_fd;
};

static inline pid_t clinux_spawn(const struct clinux_program *program) {
  sigset_t all, old;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &old);
  pid_t parent = getpid();
  pid_t pid = fork();
  if (pid != 0) {
    int error = errno;
    /* In the child too: whoever is first, the group exists before anybody signals it. */
    if (pid > 0) setpgid(pid, pid);
    sigprocmask(SIG_SETMASK, &old, NULL);
    errno = error;
    return pid;
  }
  int error = 0;
  struct sched_param normal = {0};
  sched_setscheduler(0, SCHED_OTHER, &normal);
  setpriority(PRIO_PROCESS, 0, 0);
  munlockall();
  setrlimit(RLIMIT_NOFILE, &program->descriptors);
  setrlimit(RLIMIT_CORE, &program->core);
  for (int number = 1; number <= SIGRTMAX; number++) clinux_default_signal(number);
  setpgid(0, 0);
  if (program->null_fd >= 0) {
    dup2(program->null_fd, 0);
    dup2(program->null_fd, 1);
    dup2(program->null_fd, 2);
  }
  syscall(SYS_close_range, 3, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */);
  if (program->inherited_fd >= 0) fcntl(program->inherited_fd, F_SETFD, 0);
  if (program->changes_account) {
    if (setgid(program->gid) < 0) error = errno;
    if (!error && setgroups((size_t)(program->group_count < 0 ? 0 : program->group_count),
                            program->groups) < 0)
      error = errno;
    if (!error && setuid(program->uid) < 0) error = errno;
  }
  if (!error) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(program->path, program->arguments, program->environment);
    error = errno;
  }
  ssize_t ignored = write(program->report_fd, &error, sizeof error);
  (void)ignored;
  _exit(127);
}

/* ---- files ---- */

static inline int clinux_open(const char *path, int flags, mode_t mode) {
  return open(path, flags, mode);
}
static inline int clinux_fcntl(int fd, int command, int argument) {
  return fcntl(fd, command, argument);
}
/* An open-file-description write lock over the whole file: it belongs to the descriptor, so that a
 * forked child keeps it. */
static inline int clinux_lock_file(int fd) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return fcntl(fd, F_OFD_SETLK, &lock);
}
static inline int clinux_memfd_create(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
static inline int clinux_is_regular(mode_t mode) { return S_ISREG(mode); }
static inline int clinux_is_directory(mode_t mode) { return S_ISDIR(mode); }
static inline int clinux_is_link(mode_t mode) { return S_ISLNK(mode); }
static inline int clinux_is_fifo(mode_t mode) { return S_ISFIFO(mode); }
static inline int clinux_is_socket(mode_t mode) { return S_ISSOCK(mode); }
static inline int clinux_is_character_device(mode_t mode) { return S_ISCHR(mode); }

/* ---- memory ---- */

static inline int clinux_release_segments(struct dl_phdr_info *object, size_t size, void *context) {
  (void)size;
  (void)context;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    /* What was ever writable may hold relocations; the rest is as it is in the file. */
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
    uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
    uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz + page - 1) & ~(page - 1);
    madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

/* Takes the pages of code and constants out of this process's map: they come back from the page
 * cache, one by one, as far as they are used again. */
static inline void clinux_release_code(void) { dl_iterate_phdr(clinux_release_segments, NULL); }

/* ---- waiting ---- */

/* struct epoll_event without its union of pointers: the same layout, safe to hold in Swift. */
struct __attribute__((packed)) clinux_event {
  uint32_t readiness;
  uint64_t token;
};
_Static_assert(sizeof(struct clinux_event) == sizeof(struct epoll_event), "same layout");

static inline int clinux_epoll_ctl(int fd, int operation, int target, uint32_t readiness,
                                   uint64_t token) {
  struct epoll_event event = {.events = readiness, .data.u64 = token};
  return epoll_ctl(fd, operation, target, &event);
}

/* epoll_pwait2 waits with a resolution below a millisecond; `microseconds` < 0 waits for ever. */
static inline int clinux_epoll_wait(int fd, struct clinux_event *ready, int count,
                                    int64_t microseconds) {
  struct epoll_event *events = (struct epoll_event *)ready;
  if (microseconds < 0) return epoll_pwait2(fd, events, count, NULL, NULL);
  struct timespec timeout = {.tv_sec = microseconds / 1000000,
                             .tv_nsec = (microseconds % 1000000) * 1000};
  int result = epoll_pwait2(fd, events, count, &timeout, NULL);
  if (result < 0 && errno == ENOSYS) { /* before Linux 5.11 */
    const int64_t longest = 86400 * INT64_C(1000);
    const int64_t milliseconds = microseconds / 1000 + (microseconds % 1000 != 0);
    result = epoll_wait(fd, events, count, (int)(milliseconds < longest ? milliseconds : longest));
  }
  return result;
}

/* ---- interfaces ---- */

/* The link of an interface as its driver has it: 1, 0, or -1 if it cannot be asked this way. */
static inline int clinux_link_by_ethtool(int fd, const char *name) {
  struct ethtool_value value = {.cmd = ETHTOOL_GLINK};
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_data = (char *)&value;
  return ioctl(fd, SIOCETHTOOL, &request) < 0 ? -1 : value.data != 0;
}

static inline int clinux_link_by_mii(int fd, const char *name) {
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(fd, SIOCGMIIPHY, &request) < 0) return -1;
  struct mii_ioctl_data data;
  memcpy(&data, &request.ifr_ifru, sizeof data);
  /* A loss of the link is kept until it is read: the second reading is the present. */
  int link = 0;
  for (int turn = 0; turn < 2; turn++) {
    data.reg_num = MII_BMSR;
    memcpy(&request.ifr_ifru, &data, sizeof data);
    if (ioctl(fd, SIOCGMIIREG, &request) < 0) return -1;
    memcpy(&data, &request.ifr_ifru, sizeof data);
    link |= (data.val_out & BMSR_LSTATUS) != 0;
  }
  return link;
}

/* Whether it is switched on and has a carrier; -1 if it does not exist. */
static inline int clinux_link_by_flags(int fd, const char *name) {
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) return -1;
  return (request.ifr_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
}

static inline int clinux_ioctl_pointer(int fd, unsigned long request, void *argument) {
  return ioctl(fd, request, argument);
}

/* ---- sockets ---- */

/* A datagram as it came in. Addresses are in network byte order. */
struct clinux_datagram {
  uint8_t *buffer;
  size_t capacity;
  ssize_t length;
  int flags;
  int hop_limit; /* -1: not told */
  uint32_t interface;
  struct sockaddr_storage source;
  struct in6_addr destination; /* from IPV6_PKTINFO */
  int has_destination;
};

/* Receives up to `count` datagrams; how many, or -1 with errno. Control messages carry hop limit and
 * destination of IPv6 datagrams (RFC 3542 4.2, 6.3), and the TTL of IPv4 ones on such a socket. */
#define CLINUX_DATAGRAMS_MAX 32
static inline int clinux_recvmmsg(int fd, struct clinux_datagram *datagrams, unsigned count) {
  struct mmsghdr headers[CLINUX_DATAGRAMS_MAX];
  struct iovec vectors[CLINUX_DATAGRAMS_MAX];
  union {
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
    struct cmsghdr alignment;
  } control[CLINUX_DATAGRAMS_MAX];
  if (count > CLINUX_DATAGRAMS_MAX) count = CLINUX_DATAGRAMS_MAX;
  for (unsigned i = 0; i < count; i++) {
    vectors[i].iov_base = datagrams[i].buffer;
    vectors[i].iov_len = datagrams[i].capacity;
    memset(&headers[i], 0, sizeof headers[i]);
    headers[i].msg_hdr.msg_name = &datagrams[i].source;
    headers[i].msg_hdr.msg_namelen = sizeof datagrams[i].source;
    headers[i].msg_hdr.msg_iov = &vectors[i];
    headers[i].msg_hdr.msg_iovlen = 1;
    headers[i].msg_hdr.msg_control = &control[i];
    headers[i].msg_hdr.msg_controllen = sizeof control[i];
  }
  int received = recvmmsg(fd, headers, count, MSG_DONTWAIT | MSG_TRUNC, NULL);
  for (int i = 0; i < received; i++) {
    struct clinux_datagram *datagram = &datagrams[i];
    struct msghdr *header = &headers[i].msg_hdr;
    datagram->length = headers[i].msg_len;
    datagram->flags = header->msg_flags;
    datagram->hop_limit = -1;
    datagram->interface = 0;
    datagram->has_destination = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
      if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL &&
          c->cmsg_len == CMSG_LEN(sizeof(int)))
        memcpy(&datagram->hop_limit, CMSG_DATA(c), sizeof(int));
      if (c->cmsg_level != IPPROTO_IPV6) continue;
      if (c->cmsg_type == IPV6_HOPLIMIT && c->cmsg_len == CMSG_LEN(sizeof(int))) {
        memcpy(&datagram->hop_limit, CMSG_DATA(c), sizeof(int));
      } else if (c->cmsg_type == IPV6_PKTINFO &&
                 c->cmsg_len == CMSG_LEN(sizeof(struct in6_pktinfo))) {
        struct in6_pktinfo info;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        datagram->destination = info.ipi6_addr;
        datagram->interface = info.ipi6_ifindex;
        datagram->has_destination = 1;
      }
    }
  }
  return received;
}

/* Sends an IPv6 payload with its source address, interface and (>= 0) hop limit
 * (RFC 3542 6.2, 6.3). */
static inline ssize_t clinux_send_ipv6(int fd, const void *bytes, size_t length, int flags,
                                       const struct sockaddr_in6 *destination,
                                       const struct in6_addr *source, uint32_t interface,
                                       int hop_limit) {
  union {
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
    struct cmsghdr alignment;
  } control;
  struct iovec vector = {.iov_base = (void *)bytes, .iov_len = length};
  struct msghdr header = {.msg_name = (void *)destination,
                          .msg_namelen = sizeof *destination,
                          .msg_iov = &vector,
                          .msg_iovlen = 1,
                          .msg_control = &control,
                          .msg_controllen = sizeof control};
  memset(&control, 0, sizeof control);
  struct cmsghdr *c = CMSG_FIRSTHDR(&header);
  struct in6_pktinfo info = {.ipi6_addr = *source, .ipi6_ifindex = interface};
  c->cmsg_level = IPPROTO_IPV6;
  c->cmsg_type = IPV6_PKTINFO;
  c->cmsg_len = CMSG_LEN(sizeof info);
  memcpy(CMSG_DATA(c), &info, sizeof info);
  size_t used = CMSG_SPACE(sizeof info);
  if (hop_limit >= 0) {
    c = CMSG_NXTHDR(&header, c);
    c->cmsg_level = IPPROTO_IPV6;
    c->cmsg_type = IPV6_HOPLIMIT;
    c->cmsg_len = CMSG_LEN(sizeof hop_limit);
    memcpy(CMSG_DATA(c), &hop_limit, sizeof hop_limit);
    used += CMSG_SPACE(sizeof hop_limit);
  }
  header.msg_controllen = used;
  return sendmsg(fd, &header, flags);
}

static inline int clinux_bind(int fd, const struct sockaddr_storage *address, socklen_t length) {
  return bind(fd, (const struct sockaddr *)address, length);
}
static inline int clinux_connect(int fd, const struct sockaddr_storage *address, socklen_t length) {
  return connect(fd, (const struct sockaddr *)address, length);
}
static inline int clinux_accept(int fd) {
  return accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}
static inline int clinux_local_address(int fd, struct sockaddr_storage *address) {
  socklen_t length = sizeof *address;
  return getsockname(fd, (struct sockaddr *)address, &length);
}
static inline int clinux_connect_unix(int fd, const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(address.sun_path, path, strlen(path));
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
  if (path[0] == '@') address.sun_path[0] = 0;
  return connect(fd, (const struct sockaddr *)&address, length);
}
static inline ssize_t clinux_sendto(int fd, const void *bytes, size_t length, int flags,
                                    const struct sockaddr_storage *address, socklen_t size) {
  return sendto(fd, bytes, length, flags, (const struct sockaddr *)address, size);
}

/* Takes a report from the error queue: 1 for a Destination Unreachable, 0 for any other, -1 for
 * none. */
static inline int clinux_next_socket_error(int fd) {
  union {
    char bytes[512];
    struct cmsghdr alignment;
  } control;
  struct msghdr header = {.msg_control = &control, .msg_controllen = sizeof control};
  if (recvmsg(fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return -1;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
    struct sock_extended_err error;
    if (c->cmsg_len < CMSG_LEN(sizeof error)) continue;
    memcpy(&error, CMSG_DATA(c), sizeof error);
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR)
      return error.ee_origin == SO_EE_ORIGIN_ICMP && error.ee_type == 3;
    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)
      return error.ee_origin == SO_EE_ORIGIN_ICMP6 && error.ee_type == 1;
  }
  return 0;
}

static inline int clinux_join_ipv6(int fd, const struct in6_addr *group, uint32_t interface) {
  struct ipv6_mreq request = {.ipv6mr_multiaddr = *group, .ipv6mr_interface = interface};
  return setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request);
}

/* A send socket never reads: this filter drops everything before it is queued. */
static inline int clinux_attach_drop_filter(int fd) {
  struct sock_filter drop[] = {{.code = BPF_RET | BPF_K, .k = 0}};
  struct sock_fprog program = {.len = 1, .filter = drop};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/* Keeps from a netlink socket what the socket with this port has caused: the fourth word of the
 * first message names it, and filters load words in network order. */
static inline int clinux_netlink_ignore_port(int fd, uint32_t port) {
  struct sock_filter code[] = {
      {.code = BPF_LD | BPF_W | BPF_ABS, .k = 12},
      {.code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 0, .jf = 1, .k = htonl(port)},
      {.code = BPF_RET | BPF_K, .k = 0},
      {.code = BPF_RET | BPF_K, .k = 0xffffffff},
  };
  struct sock_fprog program = {.len = 4, .filter = code};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

#endif
