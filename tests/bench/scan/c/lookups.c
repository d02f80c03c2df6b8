/* lookups: what the kernel allows a resolver. One thread, nothing but system calls.
 *
 *     lookups [-p QUERIES] IN_FLIGHT COUNT IP PORT
 *
 * Asks for the A records of h0 ... hCOUNT-1.bench.test, each once, IN_FLIGHT at a time, with an OPT
 * record as fourstep sends it, and looks at id, rcode and count of each answer.
 *
 * Without -p all go over one connected socket: a send and a receive each, and nothing else. No
 * resolver may do that: whoever can guess the port needs only guess the id (RFC 5452 section 9.2).
 * With -p a socket carries so many queries, then another takes its place, as fourstep's do.
 *
 * Nothing is sent twice: on loopback nothing is lost while the server's buffer has room.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct line {
    int fd;
    int carried, waiting;
};

static struct sockaddr_in server;
static long count, next, answered;

static int open_socket(int flags)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof server))
        err(1, "socket");
    return fd;
}

/* Asks for the next name: false when there is none. */
static int ask(int fd)
{
    static const unsigned char tail[] = "\5bench\4test\0\0\1\0\1\0\0\51\4\320\0\0\0\0\0";
    unsigned char m[64] = { 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1 };
    if (next == count)
        return 0;
    m[0] = (unsigned char)(next >> 8), m[1] = (unsigned char)next;
    int digits = sprintf((char *)m + 13, "h%ld", next++);
    m[12] = (unsigned char)digits;
    memcpy(m + 13 + digits, tail, sizeof tail);
    size_t octets = 13 + (size_t)digits + sizeof tail;
    if (send(fd, m, octets, 0) != (ssize_t)octets)
        err(1, "send");
    return 1;
}

/* Takes one answer: false when none is there. */
static int hear(int fd)
{
    unsigned char m[1232];
    ssize_t got = recv(fd, m, sizeof m, 0);
    if (got < 0 && errno == EAGAIN)
        return 0;
    if (got < 12)
        err(1, "recv");
    answered += (m[3] & 15) == 0 && m[7] == 1;
    return 1;
}

static void one_socket(long in_flight)
{
    int fd = open_socket(0), room = 4 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    long waiting = 0;
    while (waiting < in_flight && ask(fd))
        waiting++;
    while (waiting && hear(fd))
        waiting -= !ask(fd);
}

/* Asks for one more name, over the socket with room or a new one. */
static int ask_over(int poll, struct line **roomy, int queries)
{
    if (next == count)
        return 0;
    if (!*roomy) {
        *roomy = calloc(1, sizeof **roomy);
        (*roomy)->fd = open_socket(SOCK_NONBLOCK);
        struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.ptr = *roomy };
        if (epoll_ctl(poll, EPOLL_CTL_ADD, (*roomy)->fd, &event))
            err(1, "epoll_ctl");
    }
    ask((*roomy)->fd);
    (*roomy)->waiting++;
    if (++(*roomy)->carried == queries)
        *roomy = NULL;
    return 1;
}

static void many_sockets(long in_flight, int queries)
{
    int poll = epoll_create1(EPOLL_CLOEXEC);
    struct line *roomy = NULL;
    struct epoll_event events[256];
    long waiting = 0;
    while (waiting < in_flight && ask_over(poll, &roomy, queries))
        waiting++;
    while (waiting) {
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            struct line *line = events[i].data.ptr;
            while (line->waiting && hear(line->fd)) {
                line->waiting--;
                waiting -= !ask_over(poll, &roomy, queries);
            }
            if (!line->waiting && line != roomy) {
                close(line->fd);
                free(line);
            }
        }
    }
}

int main(int argc, char **argv)
{
    int queries = 0;
    for (int option; (option = getopt(argc, argv, "p:")) != -1;) {
        if (option != 'p')
            return 2;
        queries = atoi(optarg);
    }
    if (optind + 4 != argc)
        errx(2, "usage: lookups [-p QUERIES] IN_FLIGHT COUNT IP PORT");
    long in_flight = atol(argv[optind]);
    count = atol(argv[optind + 1]);
    server = (struct sockaddr_in){ .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)atoi(argv[optind + 3])) };
    if (!inet_aton(argv[optind + 2], &server.sin_addr))
        errx(2, "not an IPv4 address: %s", argv[optind + 2]);
    if (queries)
        many_sockets(in_flight, queries);
    else
        one_socket(in_flight);
    printf("%ld lookups, %ld answered\n", count, answered);
    return 0;
}
