/* What a client's text frame is made of (RFC 6455, section 5.2); see frames.py. */
#include <stdint.h>
#include <string.h>

enum {
    TEXT = 0x81,   /* FIN, no RSV, opcode 1 */
    MASKED = 0x80, /* the bit beside the length */
    SMALL = 126,   /* in place of a length that is in two bytes of its own */
    FRAME_BYTES = 16 * 1024,
};

/* Return where the frame at `start` has its payload, and how long that is; 0 if it is not a
 * client's whole text message. The mask is in the four bytes before. */
static Py_ssize_t
payload_at(const unsigned char *data, Py_ssize_t size, Py_ssize_t start, Py_ssize_t *length)
{
    Py_ssize_t at;

    if (start < 0 || start >= size - 6 || data[start] != TEXT)
        return 0;
    at = start + 6;
    *length = data[start + 1] - MASKED;
    if (*length == SMALL) {
        at += 2;
        *length = data[start + 2] << 8 | data[start + 3];
        if (*length < SMALL || *length > FRAME_BYTES)
            return 0;
    }
    else if (*length <= 0 || *length > SMALL)
        return 0;
    return *length <= size - at ? at : 0;
}

static void
unmask(unsigned char *to, const unsigned char *from, Py_ssize_t length, const unsigned char *mask)
{
    Py_ssize_t at = 0;
    uint32_t half;
    uint64_t key, word;

    memcpy(&half, mask, sizeof half);
    key = (uint64_t)half << 32 | half;
    for (; length - at >= 8; at += 8) {
        memcpy(&word, from + at, sizeof word);
        word ^= key;
        memcpy(to + at, &word, sizeof word);
    }
    for (; at < length; at++)
        to[at] = from[at] ^ mask[at % 4];
}
