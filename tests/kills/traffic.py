"""Frames for a station that is killed again and again: machines of members that scan, one more every while, and what else
there is on a network.

    traffic.py INTERFACE MEMBERS MACHINES SECONDS_BETWEEN SEED

Machine k is of member k modulo MEMBERS and begins after k times SECONDS_BETWEEN; it goes on to the end. Prints a line for each that
begins: its address. Ends when its input does.
"""
import random
import select
import socket
import struct
import sys
import time

DARK = (198 << 24) + (18 << 16)  # 198.18.0.0/16
TURN_S = 0.02
STRANGERS = 20  # frames of them in a turn


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def frame(source, target, port, flags=2, sequence=0):
    """TCP, from 64 hops."""
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, sequence & 0xffff, 0x4000, 61, 6, 0, struct.pack("!I", source),
                       struct.pack("!I", target))
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    tcp = struct.pack("!HHIIBBHHH", 40000 + sequence % 20000, port, sequence * 7919 & 0xffffffff, 0, 0x50, flags, 1024, 0, 0)
    return b"\2\0\0\0\0\2" + b"\2\0\0\0\0\1" + b"\x08\0" + head + tcp


def address(machine, members):
    """Of the range 10.M.0.0/16, which is member M's."""
    return (10 << 24) + (machine % members << 16) + 0x0100 + machine // members + 1


def main():
    interface, members, machines, between, seed = sys.argv[1], *map(int, sys.argv[2:4]), float(sys.argv[4]), int(sys.argv[5])
    generator = random.Random(seed)
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind((interface, 0))
    begin = time.monotonic()
    sent = started = 0
    while not select.select([sys.stdin], [], [], TURN_S)[0]:
        due = min(machines, int((time.monotonic() - begin) / between) + 1)
        for machine in range(started, due):
            print(socket.inet_ntoa(struct.pack("!I", address(machine, members))), flush=True)
        started = due
        frames = [frame(address(machine, members), DARK + generator.randrange(65536), 445, sequence=sent)
                  for machine in range(started)]
        for _ in range(STRANGERS):
            stranger = (203 << 24) + generator.randrange(1 << 16)
            frames.append(frame(stranger, DARK + generator.randrange(65536), 23, sequence=generator.randrange(1 << 30)))
        # somebody's ordinary work: asked and answered
        server, client = (192 << 24) + (2 << 8) + 9, address(generator.randrange(members) + 200 * members, members)
        frames.append(frame(client, server, 443, 2, sent))
        frames.append(frame(server, client, 40000 + sent % 20000, 18, sent))
        for one in frames:
            try:
                wire.send(one)
            except OSError:
                pass  # the wire is full
        sent += 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
