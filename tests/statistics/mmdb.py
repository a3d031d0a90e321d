"""Writes small databases in MaxMind's format (MaxMind DB File Format, version 2.0).

    write("country.mmdb", "Test-Country", {"203.0.113.0/24": {"country": {"iso_code": "JP"}}})
"""
import ipaddress
import struct

RECORD_BITS = 24
SEPARATOR = bytes(16)
MARKER = b"\xab\xcd\xefMaxMind.com"
TEXT, UINT16, UINT32, MAP, UINT64, ARRAY = 2, 5, 6, 7, 9, 11


class Number:
    """An unsigned number of a type of its own."""

    def __init__(self, kind, value):
        self.kind = kind
        self.value = value


def control(kind, size):
    head = bytes([kind << 5 if kind <= MAP else 0])
    more = b"" if kind <= MAP else bytes([kind - MAP])
    if size < 29:
        return bytes([head[0] | size]) + more
    return bytes([head[0] | 29]) + more + bytes([size - 29])


def encode(value):
    if isinstance(value, str):
        text = value.encode()
        return control(TEXT, len(text)) + text
    if isinstance(value, Number):
        data = value.value.to_bytes((value.value.bit_length() + 7) // 8, "big")
        return control(value.kind, len(data)) + data
    if isinstance(value, int):
        return encode(Number(UINT32, value))
    if isinstance(value, dict):
        return control(MAP, len(value)) + b"".join(encode(key) + encode(value[key]) for key in value)
    return control(ARRAY, len(value)) + b"".join(encode(one) for one in value)


def bits_of(prefix):
    """Those that lead to it, IPv4 below ::/96."""
    network = ipaddress.ip_network(prefix)
    if network.version == 4:
        return [0] * 96 + [int(network.network_address) >> (31 - bit) & 1 for bit in range(network.prefixlen)]
    return [int(network.network_address) >> (127 - bit) & 1 for bit in range(network.prefixlen)]


def build_tree(entries):
    """Nodes as [left, right]: None, a node's number, or the offset of data as a tuple."""
    nodes = [[None, None]]
    for prefix, offset in entries:
        bits = bits_of(prefix)
        node = 0
        for bit in bits[:-1]:
            if nodes[node][bit] is None:
                nodes.append([None, None])
                nodes[node][bit] = len(nodes) - 1
            node = nodes[node][bit]
        nodes[node][bits[-1]] = (offset,)
    return nodes


def encode_tree(nodes):
    count = len(nodes)

    def record(value):
        if value is None:
            return count
        return count + len(SEPARATOR) + value[0] if isinstance(value, tuple) else value

    return b"".join(struct.pack(">I", record(value))[1:] for node in nodes for value in node)


def make(kind, records):
    data = b""
    entries = []
    for prefix, value in records.items():
        entries.append((prefix, len(data)))
        data += encode(value)
    nodes = build_tree(entries)
    about = {
        "node_count": Number(UINT32, len(nodes)),
        "record_size": Number(UINT16, RECORD_BITS),
        "ip_version": Number(UINT16, 6),
        "database_type": kind,
        "languages": ["en"],
        "binary_format_major_version": Number(UINT16, 2),
        "binary_format_minor_version": Number(UINT16, 0),
        "build_epoch": Number(UINT64, 1775001600),
        "description": {"en": "made by a test"},
    }
    return encode_tree(nodes) + SEPARATOR + data + MARKER + encode(about)


def write(path, kind, records):
    with open(path, "wb") as out:
        out.write(make(kind, records))
