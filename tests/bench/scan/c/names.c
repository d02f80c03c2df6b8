/* names: a name server of one zone, made by a rule, that does next to nothing.
 *
 *     names IP PORT COUNTS_FILE
 *
 *     hN.bench.test   A  127.(1+a).b.(1+c), a, b, c the digits of N in base 250: an address each
 *     anything else   NXDOMAIN
 *
 * AAAA and other types of a name that exists are NODATA. Answers hold the question as it came (its
 * letters' case too, for those who look), TTL 300, and an SOA record when they are negative
 * (RFC 2308 section 3). A question with an OPT record gets one back (RFC 6891 section 6.1.1).
 * Datagrams only: nothing here is longer than 512 octets. COUNTS_FILE holds one mapped uint64_t:
 * questions answered.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 64
#define OCTETS 1232
#define HEADER 12

static const unsigned char zone[] = "\5bench\4test"; /* the string's NUL is its root label */
static const unsigned char soa[] = {
    0, 6, 0, 1, 0, 0, 1, 44, 0, 22, /* type, class IN, TTL 300, and 22 octets: */
    0, 0, /* the root as its server and its mailbox */
    0, 0, 0, 1, 0, 0, 1, 44, 0, 0, 1, 44, 0, 0, 1, 44, 0, 0, 1, 44, /* serial, and 300 s each */
};
static const unsigned char opt[] = { 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0 };

/* The N of hN.bench.test, or -1. `name` ends with its root label. */
static long number(const unsigned char *name, size_t octets)
{
    size_t label = name[0], digits = label - 1;
    if (label < 2 || digits > 8 || (name[1] | 32) != 'h' || octets != 1 + label + sizeof zone)
        return -1;
    if (strncasecmp((const char *)name + 1 + label, (const char *)zone, sizeof zone))
        return -1;
    long n = 0;
    for (size_t i = 0; i < digits; i++) {
        if (!isdigit(name[2 + i]))
            return -1;
        n = n * 10 + (name[2 + i] - '0');
    }
    return n;
}

/* Turns a question into its answer where it stands: the answer's length, or 0 for none. */
static size_t answer(unsigned char *m, size_t octets)
{
    if (octets < HEADER || m[2] & 0x80 || m[4] != 0 || m[5] != 1)
        return 0;
    size_t at = HEADER;
    while (at < octets && m[at] != 0) {
        if (m[at] > 63)
            return 0;
        at += 1u + m[at];
    }
    size_t name_octets = at + 1 - HEADER;
    if ((at += 5) > octets)
        return 0;
    unsigned type = (unsigned)m[at - 4] << 8 | m[at - 3];
    int edns = m[11] == 1;
    long n = number(m + HEADER, name_octets);

    m[2] = (unsigned char)(0x84 | (m[2] & 1)); /* an answer, with authority; RD as it was */
    m[3] = n < 0 ? 3 : 0;
    memset(m + 6, 0, 6);
    if (n >= 0 && type == 1) {
        unsigned char record[] = { 0xC0, HEADER, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 127,
            (unsigned char)(1 + n / 62500 % 250), (unsigned char)(n / 250 % 250),
            (unsigned char)(1 + n % 250) };
        memcpy(m + at, record, sizeof record);
        at += sizeof record;
        m[7] = 1;
    } else {
        memcpy(m + at, zone, sizeof zone);
        memcpy(m + at + sizeof zone, soa, sizeof soa);
        at += sizeof zone + sizeof soa;
        m[9] = 1;
    }
    if (edns) {
        memcpy(m + at, opt, sizeof opt);
        at += sizeof opt;
        m[11] = 1;
    }
    return at;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        errx(2, "usage: names IP PORT COUNTS_FILE");
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2])) };
    if (!inet_aton(argv[1], &here.sin_addr))
        errx(2, "not an IPv4 address: %s", argv[1]);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 4 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (bind(fd, (struct sockaddr *)&here, sizeof here))
        err(1, "bind to %s:%s", argv[1], argv[2]);
    int file = open(argv[3], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0 || ftruncate(file, 4096))
        err(1, "%s", argv[3]);
    uint64_t *counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (counts == MAP_FAILED)
        err(1, "mmap");
    puts("ready");
    fflush(stdout);

    static unsigned char octets[BATCH][OCTETS + 256];
    struct sockaddr_in from[BATCH];
    struct iovec parts[BATCH];
    struct mmsghdr in[BATCH], out[BATCH];
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){ octets[i], OCTETS };
            in[i].msg_hdr = (struct msghdr){ .msg_name = &from[i], .msg_namelen = sizeof from[i],
                             .msg_iov = &parts[i], .msg_iovlen = 1 };
        }
        int got = recvmmsg(fd, in, BATCH, MSG_WAITFORONE, NULL);
        unsigned ready = 0;
        for (int i = 0; i < got; i++) {
            parts[i].iov_len = answer(octets[i], in[i].msg_len);
            if (parts[i].iov_len)
                out[ready++].msg_hdr = in[i].msg_hdr;
        }
        for (unsigned sent = 0; sent < ready;) {
            int taken = sendmmsg(fd, out + sent, ready - sent, 0);
            /* One that cannot be sent (its asker has gone) must not stop the others. */
            sent += taken > 0 ? (unsigned)taken : 1;
        }
        counts[0] += ready;
    }
}
