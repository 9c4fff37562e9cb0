# SPDX-License-Identifier: GPL-2.0
"""The primitives of the protocol, none of them from the project."""

import ctypes
import hashlib

from nacl import bindings
from nacl.exceptions import CryptoError


def blake2s(*parts, key=b""):
    return hashlib.blake2s(b"".join(parts), key=key).digest()


_sodium = ctypes.CDLL("libsodium.so.23")


def hchacha20(data, key):
    """Of 16 bytes; nacl.bindings lacks it, but has what is made of it."""
    out = ctypes.create_string_buffer(32)
    _sodium.crypto_core_hchacha20(out, data, key, None)
    return out.raw


def x25519(secret, public):
    return bindings.crypto_scalarmult(secret, public)


def seal(text, aad, nonce, key):
    """ChaCha20-Poly1305 (RFC 8439): text and tag."""
    return bindings.crypto_aead_chacha20poly1305_ietf_encrypt(
        text, aad, nonce, key)


def unseal(sealed, aad, nonce, key):
    """The text, or None where the tag is wrong."""
    try:
        return bindings.crypto_aead_chacha20poly1305_ietf_decrypt(
            sealed, aad, nonce, key)
    except CryptoError:
        return None


assert (seal(b"text", b"clear", bytes(4) + bytes(range(16, 24)),
             hchacha20(bytes(range(16)), bytes(32))) ==
        bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
            b"text", b"clear", bytes(range(24)), bytes(32)))


def _crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82f63b78 if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _crc_table()


def crc32c(data, crc=0):
    """CRC-32C (Castagnoli; RFC 3720), going on from crc."""
    table = _TABLE
    crc ^= 0xffffffff
    for byte in data:
        crc = table[(crc ^ byte) & 0xff] ^ crc >> 8
    return crc ^ 0xffffffff


assert crc32c(b"123456789") == 0xe3069283


def crc_twin(data, at):
    """Other data of the same length and CRC-32C: the generator polynomial is
    added at byte `at`, and five bytes must be there."""
    pattern = 0
    for bit in range(33):           # bits go in least significant first
        if 0x11edc6f41 >> 32 - bit & 1:
            pattern |= 1 << bit
    twin = bytearray(data)
    for index, byte in enumerate(pattern.to_bytes(5, "little")):
        twin[at + index] ^= byte
    assert twin != data and crc32c(twin) == crc32c(data)
    return bytes(twin)
