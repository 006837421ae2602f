/*
 * The floor: what the system alone takes to relay a frame. One epoll loop, one read and one write
 * for each; whole frames of text are unmasked and go to the partner, anything else ends the guest.
 * A guest that does not read what it is sent blocks all: this is a yardstick, not a server.
 */
#define _GNU_SOURCE /* memmem */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 512, BUFFER = 1 << 16, FRAME = 1 << 14 };

struct guest {
    int fd, shaken;
    struct guest *partner;
    size_t kept; /* bytes of an unfinished frame or handshake */
    unsigned char *rest;
};

static int epoll;
static struct guest *waiting;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static uint32_t rotated(uint32_t word, int by)
{
    return word << by | word >> (32 - by);
}

/* SHA-1 (RFC 3174) of less than 120 bytes: one or two blocks. */
static void sha1(const char *text, size_t size, unsigned char digest[20])
{
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0}, w[80];
    unsigned char data[128] = {0};
    size_t end = size < 56 ? 64 : 128;
    memcpy(data, text, size);
    data[size] = 0x80;
    data[end - 2] = size * 8 >> 8;
    data[end - 1] = size * 8;
    for (unsigned char *block = data; block < data + end; block += 64) {
        uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
        for (int t = 0; t < 80; t++) {
            uint32_t f, k, next;
            if (t < 16) {
                memcpy(&w[t], block + 4 * t, 4);
                w[t] = ntohl(w[t]);
            } else
                w[t] = rotated(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
            if (t < 20)
                f = (b & c) | (~b & d), k = 0x5A827999;
            else if (t < 40)
                f = b ^ c ^ d, k = 0x6ED9EBA1;
            else if (t < 60)
                f = (b & c) | (b & d) | (c & d), k = 0x8F1BBCDC;
            else
                f = b ^ c ^ d, k = 0xCA62C1D6;
            next = rotated(a, 5) + f + e + k + w[t];
            e = d, d = c, c = rotated(b, 30), b = a, a = next;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
    }
    for (int i = 0; i < 5; i++) {
        uint32_t word = htonl(h[i]);
        memcpy(digest + 4 * i, &word, 4);
    }
}

/* Base64 (RFC 4648) of the 20 bytes of a digest: 28 characters. */
static void base64(const unsigned char digest[20], char out[29])
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < 7; i++) {
        uint32_t three = digest[3 * i] << 16 | digest[3 * i + 1] << 8;
        three |= i < 6 ? digest[3 * i + 2] : 0;
        for (int j = 0; j < 4; j++)
            out[4 * i + j] = digits[three >> (18 - 6 * j) & 63];
    }
    out[27] = '=';
    out[28] = 0;
}

static void leave(struct guest *guest)
{
    if (waiting == guest)
        waiting = NULL;
    if (guest->partner)
        guest->partner->partner = NULL;
    close(guest->fd);
    free(guest->rest);
    free(guest);
}

static void put(struct guest *guest, const void *data, size_t size)
{
    if (send(guest->fd, data, size, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
        die("send");
}

static void pair(struct guest *guest)
{
    if (waiting) {
        guest->partner = waiting;
        waiting->partner = guest;
        waiting = NULL;
    } else
        waiting = guest;
}

/* Answer an opening handshake, RFC 6455 section 4.2.2; return how much was used, -1 to leave. */
static ssize_t shake(struct guest *guest, unsigned char *data, size_t size)
{
    static const char head[] = "Sec-WebSocket-Key: ";
    char joined[61], accept[29], answer[200];
    unsigned char digest[20];
    unsigned char *key, *end = memmem(data, size, "\r\n\r\n", 4);
    if (!end)
        return 0;
    key = memmem(data, end - data, head, sizeof head - 1);
    if (!key || key + sizeof head - 1 + 24 > end)
        return -1;
    snprintf(joined, sizeof joined, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
             (char *)key + sizeof head - 1);
    sha1(joined, 60, digest);
    base64(digest, accept);
    put(guest, answer,
        snprintf(answer, sizeof answer,
                 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                 accept));
    guest->shaken = 1;
    pair(guest);
    return end + 4 - data;
}

/* Relay a whole frame, RFC 6455 section 5.2; return how much was used, -1 to leave. */
static ssize_t relay(struct guest *guest, unsigned char *data, size_t size)
{
    static unsigned char out[FRAME + 4];
    size_t length, head = 2;
    unsigned char *mask, *payload;
    if (size < 2)
        return 0;
    length = data[1] & 127;
    if (length == 126) {
        if (size < 4)
            return 0;
        length = data[2] << 8 | data[3];
        head = 4;
    }
    if (data[0] != 0x81 || !(data[1] & 128) || length > FRAME || (data[1] & 127) == 127)
        return -1;
    if (size < head + 4 + length)
        return 0;
    mask = data + head;
    payload = mask + 4;
    out[0] = 0x81;
    out[1] = data[1] & 127;
    memcpy(out + 2, data + 2, head - 2);
    for (size_t i = 0; i < length; i++)
        out[head + i] = payload[i] ^ mask[i & 3];
    if (guest->partner)
        put(guest->partner, out, head + length);
    return head + 4 + length;
}

static void receive(struct guest *guest)
{
    static unsigned char buffer[BUFFER];
    size_t size = guest->kept, at = 0;
    ssize_t used, got;
    if (size)
        memcpy(buffer, guest->rest, size);
    got = read(guest->fd, buffer + size, BUFFER - size);
    if (got <= 0) {
        leave(guest);
        return;
    }
    size += got;
    do {
        used = (guest->shaken ? relay : shake)(guest, buffer + at, size - at);
        if (used < 0) {
            leave(guest);
            return;
        }
        at += used;
    } while (used);
    guest->kept = size - at;
    if (guest->kept) {
        guest->rest = realloc(guest->rest, guest->kept);
        if (!guest->rest)
            die("realloc");
        memcpy(guest->rest, buffer + at, guest->kept);
    }
}

static void welcome(int listener)
{
    int yes = 1;
    struct guest *guest = calloc(1, sizeof *guest);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = guest};
    if (!guest)
        die("calloc");
    guest->fd = accept(listener, NULL, NULL);
    if (guest->fd < 0 || setsockopt(guest->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes))
        die("accept");
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, guest->fd, &event))
        die("epoll_ctl");
}

int main(int count, char **arguments)
{
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    int port = count > 1 ? atoi(arguments[1]) : 0;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct epoll_event events[EVENTS], event = {.events = EPOLLIN};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    epoll = epoll_create1(0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 1024))
        die("listen");
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event))
        die("epoll_ctl");
    printf("starting on %d\n", port);
    fflush(stdout);
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++)
            events[i].data.ptr ? receive(events[i].data.ptr) : welcome(listener);
    }
}
