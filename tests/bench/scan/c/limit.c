/* limit: what the kernel allows. One thread, one epoll loop, nothing but system calls.
 *
 *     limit [-d] [-t] [-r OCTETS -o FILE] [-k IN_FLIGHT] [-w FILE] LIST
 *
 *     -d  dissolve a connection and connect its socket anew: connect(2) to AF_UNSPEC
 *     -k  connections at once (256)
 *     -t  time as fourstep does: kernel receive time stamps (SO_TIMESTAMPING), and TCP_INFO twice,
 *         when connected and at the end
 *     -o  write a record of -r octets for each probe to this file
 *     -w  write the waits to this file, a line a probe: by the kernel's clock, by the user's, and
 *         what the origin says it took, in ns (with -t, from a `timed` origin)
 *
 * LIST has lines `http://IPv4:PORT/path`, nothing else. Each is connected to, asked with the same
 * octets that fourstep sends, read to the end of a body of Content-Length, and closed by a reset,
 * which leaves no TIME_WAIT. A probe costs seven system calls, ten with -t: socket, linger,
 * [timestamping], connect, epoll_ctl, [tcp_info], send, recv, [tcp_info], close; and its share of
 * an epoll_wait. With -d it costs four, six with -t: connect, [tcp_info], send, recv, [tcp_info],
 * connect; to dissolve a connection resets the peer too, and leaves the socket its options and its
 * place in epoll. There are no deadlines, no names, no checks beyond the status.
 *
 * Prints one line: probes, answered (whole responses), failed.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct probe {
    int fd;              /* -1 when there is none */
    int asked;           /* whether the request is out */
    const char *authority, *path;
    uint32_t authority_octets, path_octets;
    size_t got;          /* octets of the response so far */
    size_t want;         /* octets of the whole, once the head is in */
    int64_t asked_at;    /* by the user's clock */
    int64_t stamped_at;  /* first octet, by the kernel's */
    int64_t read_at;     /* first octet, by the user's */
    int64_t took;        /* what the origin says */
    struct tcp_info info;
};

static int poll_fd, timing, reusing;
static const char *list, *list_end;
static struct probe *probes;
static uint64_t begun, answered, failed;

static char *records;
static size_t record_octets, records_used;
static int record_fd = -1;
#define RECORDS_OCTETS (256 * 1024)
static FILE *waits;

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Takes the next line apart: false at the end of the list. */
static int next_target(struct probe *p, struct sockaddr_in *to)
{
    if (list == list_end)
        return 0;
    const char *at = list + strlen("http://");
    uint32_t ip = 0, part = 0, port = 0;
    p->authority = at;
    for (; *at != ':'; at++) {
        if (*at == '.')
            ip = ip << 8 | part, part = 0;
        else
            part = part * 10 + (uint32_t)(*at - '0');
    }
    ip = ip << 8 | part;
    for (at++; *at != '/'; at++)
        port = port * 10 + (uint32_t)(*at - '0');
    p->authority_octets = (uint32_t)(at - p->authority);
    p->path = at;
    at = memchr(at, '\n', (size_t)(list_end - at));
    if (!at)
        errx(1, "the list's last line has no end");
    p->path_octets = (uint32_t)(at - p->path);
    list = at + 1;
    *to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(ip) };
    return 1;
}

/* Begins the next probe in this slot; false when there is none. A new socket is watched once it
 * connects: until then epoll would call it hung up. */
static int begin(struct probe *p)
{
    static const struct linger none = { .l_onoff = 1, .l_linger = 0 };
    static const int stamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
    struct sockaddr_in to;
    if (!next_target(p, &to))
        return 0;
    begun++;
    p->asked = 0, p->got = p->want = 0, p->stamped_at = 0;
    int fresh = p->fd < 0;
    if (fresh) {
        p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
        if (p->fd < 0)
            err(1, "socket");
        setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        if (timing)
            setsockopt(p->fd, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps);
    }
    if (connect(p->fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS)
        err(1, "connect");
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = p };
    if (fresh && epoll_ctl(poll_fd, EPOLL_CTL_ADD, p->fd, &event))
        err(1, "epoll_ctl");
    return 1;
}

static size_t append(char *to, size_t at, const char *octets, size_t count)
{
    memcpy(to + at, octets, count);
    return at + count;
}
#define LITERAL(text) text, sizeof(text) - 1

static void tcp_info(struct probe *p)
{
    socklen_t octets = sizeof p->info;
    getsockopt(p->fd, IPPROTO_TCP, TCP_INFO, &p->info, &octets);
}

/* Sends the request; false: the connection failed. */
static int ask(struct probe *p)
{
    char request[1024];
    size_t n = append(request, 0, LITERAL("GET "));
    n = append(request, n, p->path, p->path_octets);
    n = append(request, n, LITERAL(" HTTP/1.1\r\nHost: "));
    n = append(request, n, p->authority, p->authority_octets);
    n = append(request, n, LITERAL("\r\nUser-Agent: fourstep/0.1.0\r\nAccept: */*\r\n"
                                   "Connection: close\r\n\r\n"));
    if (timing)
        tcp_info(p);
    p->asked = 1;
    p->asked_at = timing ? now_ns() : 0;
    return send(p->fd, request, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static ssize_t receive(struct probe *p, char *buffer, size_t octets)
{
    if (!timing)
        return recv(p->fd, buffer, octets, 0);
    char control[256];
    struct iovec into = { buffer, octets };
    struct msghdr message = { .msg_iov = &into, .msg_iovlen = 1,
                              .msg_control = control, .msg_controllen = sizeof control };
    ssize_t got = recvmsg(p->fd, &message, 0);
    if (got <= 0 || p->got)
        return got;
    p->read_at = now_ns();
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPING) {
            struct timespec at;
            memcpy(&at, CMSG_DATA(c), sizeof at);
            p->stamped_at = (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
        }
    return got;
}

static int64_t number_after(const char *octets, size_t count, const char *name, size_t name_octets)
{
    const char *at = memmem(octets, count, name, name_octets), *end = octets + count;
    int64_t n = 0;
    if (!at)
        return 0;
    for (at += name_octets; at < end && *at >= '0' && *at <= '9'; at++)
        n = n * 10 + (*at - '0');
    return n;
}

/* Reads what is there: 1 the response is whole, 0 more is to come, -1 it ended early. */
static int read_more(struct probe *p)
{
    char buffer[4096];
    ssize_t got = receive(p, buffer, sizeof buffer);
    if (got < 0 && errno == EAGAIN)
        return 0;
    if (got <= 0)
        return -1;
    if (!p->want) {
        /* An origin that answers in one call is heard in one: a head that is cut is not expected. */
        const char *blank = memmem(buffer, (size_t)got, "\r\n\r\n", 4);
        if (!blank || memcmp(buffer, "HTTP/1.1 ", 9))
            return -1;
        p->want = (size_t)(blank + 4 - buffer) +
                  (size_t)number_after(buffer, (size_t)got, LITERAL("Content-Length: "));
        p->took = waits ? number_after(buffer, (size_t)got, LITERAL("Origin-Took-Ns: ")) : 0;
    }
    p->got += (size_t)got;
    return p->got >= p->want;
}

static void flush_records(void)
{
    for (size_t at = 0; at < records_used;) {
        ssize_t taken = write(record_fd, records + at, records_used - at);
        if (taken < 0)
            err(1, "write");
        at += (size_t)taken;
    }
    records_used = 0;
}

/* Ends the connection by a reset. */
static void leave(struct probe *p)
{
    static const struct sockaddr nobody = { .sa_family = AF_UNSPEC };
    if (reusing && list != list_end) {
        if (connect(p->fd, &nobody, sizeof nobody))
            err(1, "connect to nobody");
    } else {
        close(p->fd);
        p->fd = -1;
    }
}

static void end(struct probe *p, int whole)
{
    whole ? answered++ : failed++;
    if (timing)
        tcp_info(p);
    if (record_fd >= 0) {
        if (records_used + record_octets > RECORDS_OCTETS)
            flush_records();
        memset(records + records_used, 'x', record_octets - 1);
        records[records_used + record_octets - 1] = '\n';
        records_used += record_octets;
    }
    if (waits && whole)
        fprintf(waits, "%lld %lld %lld\n",
                (long long)(p->stamped_at ? p->stamped_at - p->asked_at : 0),
                (long long)(p->read_at - p->asked_at), (long long)p->took);
    leave(p);
}

int main(int argc, char **argv)
{
    size_t in_flight = 256;
    const char *record_file = NULL;
    for (int option; (option = getopt(argc, argv, "dtk:r:o:w:")) != -1;) {
        switch (option) {
        case 'd': reusing = 1; break;
        case 't': timing = 1; break;
        case 'k': in_flight = (size_t)atol(optarg); break;
        case 'r': record_octets = (size_t)atol(optarg); break;
        case 'o': record_file = optarg; break;
        case 'w': waits = fopen(optarg, "w"); break;
        default: return 2;
        }
    }
    if (optind + 1 != argc || (record_file && (record_octets < 1 || record_octets > RECORDS_OCTETS)))
        errx(2, "usage: limit [-d] [-t] [-r OCTETS -o FILE] [-k IN_FLIGHT] [-w FILE] LIST");
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);

    int file = open(argv[optind], O_RDONLY | O_CLOEXEC);
    struct stat size;
    if (file < 0 || fstat(file, &size))
        err(1, "%s", argv[optind]);
    list = mmap(NULL, (size_t)size.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (list == MAP_FAILED)
        err(1, "mmap");
    list_end = list + size.st_size;
    if (record_file) {
        record_fd = open(record_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (record_fd < 0)
            err(1, "%s", record_file);
        records = malloc(RECORDS_OCTETS);
    }
    probes = calloc(in_flight, sizeof *probes);
    poll_fd = epoll_create1(EPOLL_CLOEXEC);

    for (size_t slot = 0; slot < in_flight; slot++)
        probes[slot].fd = -1;
    size_t under_way = 0;
    while (under_way < in_flight && begin(&probes[under_way]))
        under_way++;
    struct epoll_event events[1024];
    while (under_way) {
        int ready = epoll_wait(poll_fd, events, 1024, -1);
        for (int i = 0; i < ready; i++) {
            struct probe *p = events[i].data.ptr;
            int outcome = 0;
            if (!p->asked)
                outcome = ask(p) ? 0 : -1;
            if (outcome == 0 && events[i].events & EPOLLIN)
                outcome = read_more(p);
            if (outcome != 0) {
                end(p, outcome > 0);
                if (!begin(p))
                    under_way--;
            }
        }
    }
    flush_records();
    if (waits)
        fclose(waits);
    printf("%llu probes, %llu answered, %llu failed\n", (unsigned long long)begun,
           (unsigned long long)answered, (unsigned long long)failed);
    return 0;
}
