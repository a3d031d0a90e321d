"""Several sockets on one interface that share its traffic, and several interfaces at once."""
import json
import random
import signal
import struct
import subprocess
import time

from watcher import Watcher, finish
from wire import (DARK, PROGRAM, QUIET_S, SECONDS_MAX, await_listening, inside, make_wire, points, send, split, start,
                  stop)

SHARES = 3
PAIRS = 400
SEED = 20260401
MACS = bytes.fromhex("020000000001020000000002")


def ethernet(kind, body, tags=0):
    """Outer tags are those of a provider."""
    types = [0x88a8, 0x8100][2 - tags:] if tags else []
    head = b"".join(struct.pack("!HH", tag, 7) for tag in types)
    return MACS + head + struct.pack("!H", kind) + body


def v4(source, target, protocol, body, fragment=0, options=b""):
    head = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, 0, 20 + len(options) + len(body), 0, fragment, 64,
                       protocol, 0)
    return head + source + target + options + body


def v6(source, target, protocol, body):
    return struct.pack("!IHBB", 6 << 28, len(body), protocol, 255) + source + target + body


def udp(number):
    """A datagram by whose payload the frame is known again."""
    return struct.pack("!HHHH", 5000, 53, 16, 0) + struct.pack("!Q", number)


def pair_of(generator, is_v6):
    bytes_of = 16 if is_v6 else 4
    return [bytes([0x20 if is_v6 else 10]) + generator.randbytes(bytes_of - 1) for _ in range(2)]


def make_pairs(generator):
    """Both directions of random pairs: lists of (number, frame) that arrive, and that leave."""
    arrive, leave = [], []
    for number in range(PAIRS):
        is_v6, tags = number % 2 == 1, number // 2 % 3
        one, other = pair_of(generator, is_v6)
        kind, build = (0x86dd, v6) if is_v6 else (0x0800, v4)
        arrive.append((number, ethernet(kind, build(one, other, 17, udp(2 * number)), tags)))
        leave.append((number, ethernet(kind, build(other, one, 17, udp(2 * number + 1)), tags)))
    return arrive, leave


def make_errors(generator, first):
    """A packet, and an error of a router that quotes it: as requests and answers they belong together."""
    packets, errors = [], []
    for number in range(first, first + PAIRS // 4):
        is_v6 = number % 2 == 1
        one, other = pair_of(generator, is_v6)
        router = pair_of(generator, is_v6)[0]
        if is_v6:
            inner = v6(one, other, 17, udp(2 * number))
            packets.append((number, ethernet(0x86dd, inner)))
            errors.append((number, ethernet(0x86dd, v6(router, one, 58, struct.pack("!BBHI", 1, 4, 0, 0) + inner))))
        else:
            inner = v4(one, other, 17, udp(2 * number))
            packets.append((number, ethernet(0x0800, inner)))
            options = b"\1\1\1\1" if number % 4 else b""
            error = struct.pack("!BBHI", [3, 4, 5, 11, 12][number // 2 % 5], 1, 0, 0) + inner
            errors.append((number, ethernet(0x0800, v4(router, one, 1, error, 0, options))))
    return packets, errors


def make_fixed(generator):
    """What all belongs to one socket."""
    frames = []
    for number in range(40):
        one, other = pair_of(generator, False)
        six, seven = pair_of(generator, True)
        asks = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + MACS[:6] + one + bytes(6) + other
        frames.append(ethernet(0x0806, asks + bytes(18), number % 3))
        solicits = struct.pack("!BBHI", 133 + number % 5, 0, 0, 0) + seven
        frames.append(ethernet(0x86dd, v6(six, seven, 58, solicits), number % 3))
        frames.append(ethernet(0x88cc, generator.randbytes(50)))
    frames.append(ethernet(0x0800, v4(*pair_of(generator, False), 17, b"")[:12]))
    return frames


def shares_of(watchers, frames):
    """Which of the watchers saw each frame; None where it was not exactly one of them, once."""
    seen = {}
    for number, watcher in enumerate(watchers):
        for frame in watcher.frames():
            seen.setdefault(frame, []).append(number)
    return [seen[shown(frame)][0] if len(seen.get(shown(frame), [])) == 1 else None for frame in frames]


def shown(frame):
    return frame[:96]


def try_pairs(folder):
    generator = random.Random(SEED)
    arrive, leave = make_pairs(generator)
    packets, errors = make_errors(generator, PAIRS)
    fixed = make_fixed(generator)
    fragments = [ethernet(0x0800, v4(b"\x0a\0\0\1", b"\x0a\0\0\2", 1, bytes([3, 1]) + generator.randbytes(60), at))
                 for at in range(1, 20)]
    watchers = [Watcher(folder, "frames", f"ring:vb?fanout={SHARES}/{number}&blocks=8") for number in range(SHARES)]
    points.ok(all(watcher.awaits("ready") for watcher in watchers), "shared: all listen",
              *(watcher.lines() for watcher in watchers))
    send([frame for _, frame in arrive + packets + errors] + fixed + fragments)
    send([frame for _, frame in leave], interface="vb")
    time.sleep(QUIET_S)
    for watcher in watchers:
        points.same(finish(watcher), (0, ""), "shared: stopped")
    there, back, packet, error, one, fragment = (
        shares_of(watchers, frames) for frames in
        ([frame for _, frame in arrive], [frame for _, frame in leave], [frame for _, frame in packets],
         [frame for _, frame in errors], fixed, fragments))
    everything = there + back + packet + error + one + fragment
    points.same(everything.count(None), 0, "shared: each frame is seen by one socket, once")
    points.same(sum(watcher.counts()[0] for watcher in watchers), len(everything), "shared: nothing is lost or doubled")
    points.same(there, back, "shared: both directions of a pair meet, also behind tags")
    points.same(packet, error, "shared: an error goes where the packet went that it quotes")
    points.same(len(set(one)), 1, "shared: ARP, neighbour discovery and all else stay in one")
    points.same(len(set(fragment)), 1, "shared: a later fragment is no error")
    least = min(there.count(number) for number in range(SHARES))
    points.ok(least > PAIRS // SHARES // 2, "shared: each has its part", [there.count(n) for n in range(SHARES)])


def try_group(folder):
    """Who may join."""
    def says(title, address, expected):
        watcher = Watcher(folder, "count", address)
        points.same(watcher.end(), (2, f"watch_source: {expected}\n"), f"group: {title}")

    first = Watcher(folder, "count", "ring:vb?fanout=1/0&group=9")
    first.awaits("ready")
    says("one too many", "ring:vb?fanout=1/0&group=9", "ring:vb: 1 sockets share it already; expected fanout= with a "
         "higher count, or another group=")
    other = Watcher(folder, "count", "ring:vb?fanout=1/0&group=10")
    points.ok(other.awaits("ready"), "group: another one is free")
    finish(other)
    finish(first)


def try_merged(folder, frames):
    """What sockets that share an interface saw, judged together."""
    sightings = [folder / f"{number}.sightings" for number in range(2)]
    whole = start(str(PROGRAM), "read", "--format", "json", *DARK, "ring:vb")
    parts = [start(str(PROGRAM), "read", "--format", "json", *DARK, "--sensor", f"part-{number}", "--sightings-out",
                   str(path), f"ring:vb?fanout=2/{number}") for number, path in enumerate(sightings)]
    await_listening(3)
    send(frames)
    findings, summary = split(stop(whole)[1])
    counts = [split(stop(part)[1])[1].get("packets", 0) for part in parts]
    points.same((sum(counts), summary.get("packets")), (len(frames), len(frames)), "merged: each packet once")
    points.ok(min(counts) > len(frames) // 4, "merged: each has its part", counts)
    again = subprocess.run([str(PROGRAM), "read", "--format", "json", *DARK, *map(str, sightings)],
                           capture_output=True, text=True, timeout=SECONDS_MAX)
    merged = split([json.loads(line) for line in again.stdout.splitlines()])[0]
    points.ok(len(findings) > 0, "merged: there are findings")
    points.same(merged, findings, "merged: the findings of all sockets are those of one")


def send_by_turns(frames):
    for at in range(0, len(frames), 1000):
        send(frames[at:at + 500])
        send(frames[at + 500:at + 1000], interface="vc")


def try_interfaces(folder, frames):
    """Two interfaces, and both as they were recorded."""
    make_wire("vc", "vd")
    recorded = folder / "two.pcapng"
    recorder = start("dumpcap", "-q", "-P", "-i", "vb", "-i", "vd", "-w", str(recorded))
    child = start(str(PROGRAM), "read", "--format", "json", *DARK, "ring:vb", "ring:vd")
    await_listening(4)
    send_by_turns(frames[:4000])
    status, lines, err = stop(child)
    findings, summary = split(lines)
    recorder.send_signal(signal.SIGINT)
    recorder.communicate(timeout=SECONDS_MAX)
    points.same((err, summary.get("packets"), summary.get("files"), summary.get("dropped")), ("", 4000, 2, 0),
                "two interfaces: all frames of both")
    again = subprocess.run([str(PROGRAM), "read", "--format", "json", *DARK, str(recorded)], capture_output=True,
                           text=True, timeout=SECONDS_MAX)
    expected = split([json.loads(line) for line in again.stdout.splitlines()])[0]
    points.ok(len(findings) > 0, "two interfaces: there are findings")
    points.same((status, findings), (again.returncode, expected), "two interfaces: the findings of both, recorded")


def try_interface_gone(frames):
    child = start(str(PROGRAM), "read", "--format", "json", *DARK, "ring:vb", "ring:vd")
    await_listening(2)
    send_by_turns(frames[:1000])
    time.sleep(QUIET_S)
    inside("b", "ip", "link", "del", "vd")
    time.sleep(QUIET_S)
    send(frames[1000:1500])
    status, lines, err = stop(child)
    points.same((status, split(lines)[1].get("packets")), (2, 1500), "two interfaces: one is removed, the other goes on")
    points.same(err, "hinomi: ring:vd: the interface was removed while it was listened on\n",
                "two interfaces: that is said once")


def try_several(folder, frames):
    try_pairs(folder)
    try_group(folder)
    try_merged(folder, frames)
    try_interfaces(folder, frames)
    try_interface_gone(frames)
