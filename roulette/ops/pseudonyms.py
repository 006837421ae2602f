"""Addresses that nobody can read, though it can be told which of them are of one network.

An address is known by its pseudonym, as of Crypto-PAn: each of its bits is flipped or not by a
keyed hash of the bits before it. So two pseudonyms have as many first bits in common as the two
addresses have: that tells whether one is in a prefix, of any length, with neither of them known.
Without the key nothing leads back; what can be seen is which of them are neighbours.

J. Xu, J. Fan, M. Ammar, S. Moon: Prefix-Preserving IP Address Anonymization, ICNP 2002,
https://doi.org/10.1109/ICNP.2002.1181415
"""

from ipaddress import ip_network

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from roulette.core.network import BITS, Network, network

KEY_BYTES = 32
"""Half for the cipher, half for what fills its blocks."""

BLOCK = 16
"""Bytes of a block of the cipher, AES."""

SHORTEST = {4: 8, 6: 16}
"""The shortest prefix that is taken: what is wider is a slip of the finger."""

_FIRST_BITS = bytes(b"01"[byte >> 7] for byte in range(256))


class Pseudonym(Network):
    """What an address or a prefix is known by."""

    __slots__ = ()

    def prefix(self, bits: int) -> "Pseudonym":
        """Return the first bits of it."""
        return Pseudonym(self.version, bits, self.value >> (self.bits - bits))

    def __str__(self) -> str:
        """Name its kind, and nothing that tells one from another."""
        return f"IPv{self.version}/{self.bits}"


class Pseudonyms:
    """Gives addresses their pseudonyms.

    :param key: a secret of ``KEY_BYTES``; with another all pseudonyms are others.
    """

    def __init__(self, key: bytes) -> None:
        # One block at a time is what is meant here: it is used as a hash, never to be undone.
        cipher = Cipher(algorithms.AES(key[:BLOCK]), modes.ECB())
        self._encrypt = cipher.encryptor().update
        padding = int.from_bytes(self._encrypt(key[BLOCK:]))
        self._blocks = {bits: _Blocks(bits, padding) for bits in BITS.values()}

    def of_text(self, text: str) -> Pseudonym:
        """Return the pseudonym of an address or prefix: ``192.0.2.7``, ``2001:db8::/32``.

        Raise ValueError, whose message says why, if it is neither, or as good as everybody's.
        """
        return self.of(_prefix(text) if "/" in text else network(text))

    def of(self, net: Network) -> Pseudonym:
        """Return the pseudonym of an address or prefix."""
        most = BITS[net.version]
        value = net.value << most - net.bits
        flips = self._encrypt(self._blocks[most].of(value))[::BLOCK]
        value ^= int(flips.translate(_FIRST_BITS), 2)
        return Pseudonym(net.version, net.bits, value >> most - net.bits)


def _prefix(text: str) -> Network:
    net = ip_network(text, strict=False)
    least, most = SHORTEST[net.version], BITS[net.version]
    if net.prefixlen > most:
        raise ValueError(f"an IPv6 prefix has at most {most} bits: that is one household")
    if net.prefixlen < least:
        raise ValueError(f"an IPv{net.version} prefix has at least {least} bits")
    value = int(net.network_address) >> net.max_prefixlen - net.prefixlen
    return Network(net.version, net.prefixlen, value)


class _Blocks:
    # All blocks are made at once, as one long number: in each the address's bits, those from the
    # block's own place on covered by the padding.
    def __init__(self, bits: int, padding: int) -> None:
        whole = 8 * BLOCK
        self._align = whole - bits
        self._repeat = sum(1 << whole * place for place in range(bits))
        self._kept = self._padding = 0
        for place in range(bits):
            rest = (1 << whole - place) - 1
            self._kept = self._kept << whole | ((1 << whole) - 1 ^ rest)
            self._padding = self._padding << whole | (padding & rest)
        self._bytes = BLOCK * bits

    def of(self, value: int) -> bytes:
        blocks = (value << self._align) * self._repeat & self._kept | self._padding
        return blocks.to_bytes(self._bytes)
