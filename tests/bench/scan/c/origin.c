/* origin: an HTTP server that does next to nothing, so that what is measured is the client.
 *
 *     origin BASE_PORT COUNTS_FILE
 *
 * It listens on all of 127.0.0.0/8, one port a behaviour (enum mode, from BASE_PORT on), and takes
 * one request a connection. TCP_DEFER_ACCEPT wakes it when the request is there, so a connection
 * costs four system calls and no epoll_ctl: accept4, recv, send, close. It closes first, as servers
 * do that were told `Connection: close`.
 *
 * A `timed` answer says in a field how long the origin took, from the kernel's receive time stamp
 * of the request to the moment before the answer is handed to the kernel. On loopback the answer
 * is in the client's socket within that call, so this is the time to the first octet as the
 * network had it: what a client reports on top is its own.
 *
 * COUNTS_FILE is mapped; it holds one uint64_t a behaviour: connections taken since the start.
 * Linux only; needs no rights. Ends at SIGTERM, as any program.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The behaviours, in the order of their ports; src/servers.rs names the same. */
enum mode { OK, UNAVAILABLE, TIMED, EMPTY, RESET, SILENT, MALFORMED, DROPPED, MODES };

#define BODY_OCTETS 200
#define FIELDS                            \
    "Server: origin/1\r\n"            \
    "Date: Sun, 22 Nov 2026 06:00:00 GMT\r\n" \
    "Content-Type: text/html\r\n"     \
    "Content-Length: 200\r\n"         \
    "Connection: close\r\n"
#define TOOK "Origin-Took-Ns: "

static char answers[MODES][1024];
static size_t lengths[MODES];
static size_t took_at; /* where the number stands in a timed answer */
static uint64_t *counts;

/* What an epoll event belongs to: a listener has its mode, a connection CONNECTION | mode. */
#define CONNECTION 0x100

static void write_answer(enum mode mode, const char *head)
{
    char *answer = answers[mode];
    size_t head_octets = strlen(head);
    memcpy(answer, head, head_octets);
    memset(answer + head_octets, 'x', BODY_OCTETS);
    lengths[mode] = head_octets + BODY_OCTETS;
}

static void write_answers(void)
{
    write_answer(OK, "HTTP/1.1 200 OK\r\n" FIELDS "\r\n");
    write_answer(UNAVAILABLE, "HTTP/1.1 503 Service Unavailable\r\n" FIELDS "Retry-After: 120\r\n\r\n");
    write_answer(TIMED, "HTTP/1.1 503 Service Unavailable\r\n" FIELDS TOOK "000000000000\r\n\r\n");
    took_at = (size_t)(strstr(answers[TIMED], TOOK) + strlen(TOOK) - answers[TIMED]);
    strcpy(answers[MALFORMED], "HTTQ/1.1 what is this\r\n\r\n");
    lengths[MALFORMED] = strlen(answers[MALFORMED]);
}

static int listen_on(uint16_t port, enum mode mode)
{
    int on = 1, defer_s = 30;
    int stamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        err(1, "socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (mode != DROPPED)
        setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &defer_s, sizeof defer_s);
    /* Connections inherit this. Stamping is switched on for the whole machine by the first socket
     * that asks, so it is on in every round alike. */
    if (mode == TIMED && setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps))
        err(1, "SO_TIMESTAMPING");
    if (bind(fd, (struct sockaddr *)&any, sizeof any))
        err(1, "bind to port %u", port);
    if (listen(fd, mode == DROPPED ? 0 : 65535))
        err(1, "listen on port %u", port);
    return fd;
}

/* Fills a listener's queue, which nobody empties: from then on the kernel drops what knocks there
 * without a word, as a firewall does. */
static void fill(uint16_t port)
{
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&here, sizeof here))
        err(1, "connect to port %u", port);
}

/* A close that is a reset: RFC 9293 section 3.10.5. */
static void reset(int fd)
{
    struct linger none = { .l_onoff = 1, .l_linger = 0 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
}

static int64_t nanoseconds(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Reads the request and keeps the kernel's time stamp of it; 0 when there is none. */
static ssize_t receive(int fd, char *buffer, size_t octets, int64_t *stamp)
{
    char control[256];
    struct iovec into = { buffer, octets };
    struct msghdr message = { .msg_iov = &into, .msg_iovlen = 1,
                  .msg_control = control, .msg_controllen = sizeof control };
    ssize_t got = recvmsg(fd, &message, 0);
    *stamp = 0;
    if (got <= 0)
        return got;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPING) {
            struct timespec at;
            memcpy(&at, CMSG_DATA(c), sizeof at);
            *stamp = nanoseconds(at);
        }
    return got;
}

/* Writes how long it took over the zeros; all zeros says that it is not known. */
static void write_took(int64_t stamp)
{
    struct timespec now;
    char digits[13];
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t took = stamp ? nanoseconds(now) - stamp : 0;
    snprintf(digits, sizeof digits, "%012lld", (long long)(took < 0 ? 0 : took % 1000000000000));
    memcpy(answers[TIMED] + took_at, digits, 12);
}

/* Answers one request; false: none is there yet. */
static int serve(int fd, enum mode mode)
{
    char buffer[4096];
    int64_t stamp = 0;
    ssize_t got = mode == TIMED ? receive(fd, buffer, sizeof buffer, &stamp)
                    : recv(fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN)
        return 0;
    if (got > 0 && mode == RESET) {
        reset(fd);
        return 1;
    }
    if (mode == TIMED)
        write_took(stamp);
    /* What is less than a socket's buffer is taken whole. */
    if (got > 0 && lengths[mode])
        send(fd, answers[mode], lengths[mode], MSG_NOSIGNAL);
    close(fd);
    return 1;
}

static void watch(int poll, int fd, uint32_t events, uint32_t what)
{
    struct epoll_event event = { .events = events, .data.u64 = (uint64_t)what << 32 | (uint32_t)fd };
    if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event))
        err(1, "epoll_ctl");
}

int main(int argc, char **argv)
{
    if (argc != 3)
        errx(2, "usage: origin BASE_PORT COUNTS_FILE");
    uint16_t base = (uint16_t)atoi(argv[1]);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);

    int file = open(argv[2], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0 || ftruncate(file, 4096))
        err(1, "%s", argv[2]);
    counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (counts == MAP_FAILED)
        err(1, "mmap");

    write_answers();
    int poll = epoll_create1(EPOLL_CLOEXEC);
    for (uint32_t mode = 0; mode < DROPPED; mode++)
        watch(poll, listen_on((uint16_t)(base + mode), (enum mode)mode), EPOLLIN, mode);
    listen_on((uint16_t)(base + DROPPED), DROPPED);
    fill((uint16_t)(base + DROPPED));
    puts("ready");
    fflush(stdout);

    struct epoll_event events[256];
    for (;;) {
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            uint32_t what = (uint32_t)(events[i].data.u64 >> 32);
            int fd = (int)(uint32_t)events[i].data.u64;
            enum mode mode = (enum mode)(what & ~CONNECTION);
            if (what & CONNECTION) {
                /* A silent one is held until its client has gone; another waited for
                 * its request, because deferring has an end. */
                if (mode == SILENT)
                    close(fd);
                else if (!serve(fd, mode))
                    continue;
                continue;
            }
            /* 64 at most, so that no mode waits long for another. */
            for (int n = 0; n < 64; n++) {
                int taken = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
                if (taken < 0)
                    break;
                counts[mode]++;
                if (mode == SILENT)
                    watch(poll, taken, EPOLLRDHUP | EPOLLET, CONNECTION | mode);
                else if (!serve(taken, mode))
                    watch(poll, taken, EPOLLIN | EPOLLET, CONNECTION | mode);
            }
        }
    }
}
