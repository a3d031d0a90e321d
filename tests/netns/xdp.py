"""xdp:IFACE. What it takes the recorder at the same end does not see, so frames are recorded where they are sent; and
the kernel stamps none, so that times differ."""
import json
import os
import signal
import subprocess
import time

from life import try_quiet, try_removed_while_down, try_sips
from watcher import Watcher, finish
from wire import (DARK, NAME, PROGRAM, QUIET_S, SECONDS_MAX, await_listening, inner_of, inside, ip, make_wire, points,
                  send, split, start, stop, tagged, when)

SECONDS_OFF_MAX = 1
TIMES = {"first", "last", "events", "seconds"}
# More than the least memory of a socket holds, while nobody reads.
FLOOD_FRAMES = 20_000
ROOM_BYTES = 1792
SIOCETHTOOL = 0x8946
ETHTOOL_GCHANNELS, ETHTOOL_SCHANNELS = 0x3c, 0x3d


def is_taken():
    """Whether a program hands the interface's frames to sockets."""
    return "xdp" in inside("b", "ip", "link", "show", "vb").stdout


def await_taken():
    end = time.monotonic() + 10
    while not is_taken() and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.3)  # its sockets come after it


def without_times(finding):
    return {key: value for key, value in finding.items() if key not in TIMES}


def is_near(ours, theirs):
    return all(abs(when(ours[key]) - when(theirs[key])) < SECONDS_OFF_MAX for key in ("first", "last"))


def try_replay(folder, name, address, frames):
    recorded = folder / "xdp.pcapng"
    recorder = subprocess.Popen(["ip", "netns", "exec", f"{NAME}-a", "dumpcap", "-q", "-P", "-i", "va", "-w",
                                 str(recorded)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    child = start(str(PROGRAM), "read", "--format", "json", *DARK, address)
    await_taken()
    await_listening(1, "a")
    send(frames)
    status, lines, err = stop(child)
    recorder.send_signal(signal.SIGINT)
    recorder.communicate(timeout=SECONDS_MAX)
    findings, summary = split(lines)
    points.same((err, summary.get("packets"), summary.get("dropped")), ("", len(frames), 0),
                f"{name}: every frame is read, and none is lost")
    again = subprocess.run([str(PROGRAM), "read", "--format", "json", *DARK, str(recorded)], capture_output=True,
                           text=True, timeout=SECONDS_MAX)
    expected, summary_again = split([json.loads(line) for line in again.stdout.splitlines()])
    points.same(summary_again.get("packets"), len(frames), f"{name}: the recorder has them all as well")
    points.ok(len(findings) > 0, f"{name}: there are findings")
    points.same([without_times(finding) for finding in findings], [without_times(finding) for finding in expected],
                f"{name}: the same findings")
    points.ok(len(findings) == len(expected) and all(map(is_near, findings, expected)),
              f"{name}: at nearly the same times")
    points.same(status, again.returncode, f"{name}: the same status")
    for key in ("decoded", "hosts", "verdicts"):
        points.same(summary.get(key), summary_again.get(key), f"{name}: the same {key}")
    points.same(is_taken(), False, f"{name}: the host has its interface again")


def try_overrun(name, address, frame):
    child = start(str(PROGRAM), "read", "--format", "json", *DARK, address)
    await_taken()
    process = inner_of(child)
    os.kill(process, signal.SIGSTOP)
    send([frame] * FLOOD_FRAMES, 0)
    os.kill(process, signal.SIGCONT)
    _, lines, err = stop(child)
    summary = split(lines)[1]
    points.ok(summary.get("dropped", 0) > 0, f"{name}: frames are lost when nobody reads", summary, err)
    points.same(summary.get("packets", 0) + summary.get("dropped", 0), FLOOD_FRAMES, f"{name}: and each is counted")


def try_long(folder, frame):
    """What does not fit into a frame's room is refused and counted, and told apart from what was lost."""
    for end in "ab":
        inside(end, "ip", "link", "set", f"v{end}", "mtu", "3000")
    watcher = Watcher(folder, "count", "xdp:vb?frames=4096")
    watcher.awaits("ready")
    fits, too_long = (frame + bytes(size - len(frame)) for size in (ROOM_BYTES, ROOM_BYTES + 1))
    send([fits] * 10 + [too_long] * 7)
    time.sleep(QUIET_S)
    finish(watcher)
    points.same(watcher.counts(), [10, 10 * ROOM_BYTES, 0, 7, 0], "xdp, long frames: what fits is read, the rest counted")
    for end in "ab":
        inside(end, "ip", "link", "set", f"v{end}", "mtu", "1500")


def try_refusal():
    def says(title, use):
        ran = inside("b", str(PROGRAM), "read", "xdp:vb")
        points.same((ran.returncode, ran.stderr), (2, "hinomi: xdp:vb: takes all packets away from this host, and "
                    f"{use}; expected a port that only a mirror or tap feeds, or ring:vb, or xdp:vb?take=yes\n"), title)

    inside("b", "ip", "address", "add", "192.0.2.1/24", "dev", "vb")
    says("xdp: an address of the host", "it has the address 192.0.2.1")
    child = start(str(PROGRAM), "read", "--format", "json", "xdp:vb?take=yes")
    await_taken()
    points.ok(is_taken(), "xdp: it is taken where that is said")
    stop(child)
    inside("b", "ip", "address", "flush", "dev", "vb")
    inside("b", "sysctl", "-qw", "net.ipv6.conf.vb.disable_ipv6=0")
    inside("b", "ip", "address", "add", "fe80::7/64", "dev", "vb", "nodad")
    child = start(str(PROGRAM), "read", "--format", "json", "xdp:vb")
    await_taken()
    points.ok(is_taken(), "xdp: a link-local address is no use of the host's")
    stop(child)
    inside("b", "ip", "address", "add", "2001:db8::1/64", "dev", "vb", "nodad")
    says("xdp: an IPv6 address", "it has the address 2001:db8::1")
    inside("b", "sysctl", "-qw", "net.ipv6.conf.vb.disable_ipv6=1")
    inside("b", "ip", "route", "add", "default", "dev", "vb")
    says("xdp: a default route", "a default route leaves by it")
    inside("b", "ip", "route", "del", "default")
    uppers = [("a bridge", ["br7", "type", "bridge"], "it is part of br7"),
              ("a VLAN upon it", ["vlan7", "link", "vb", "type", "vlan", "id", "7"], "upon it lies vlan7"),
              ("a second address upon it", ["mac7", "link", "vb", "type", "macvlan"], "upon it lies mac7")]
    for title, words, use in uppers:
        made = inside("b", "ip", "link", "add", *words)
        if made.returncode != 0:
            points.skip(f"xdp: {title}", "this kernel has none")
            continue
        if words[0] == "br7":
            inside("b", "ip", "link", "set", "vb", "master", "br7")
        says(f"xdp: {title}", use)
        inside("b", "ip", "link", "del", words[0])


def try_fallback(frames):
    inside("b", "ip", "link", "set", "lo", "up")
    lo = inside("b", str(PROGRAM), "read", "xdp:lo?take=yes&fallback=no")
    points.same((lo.returncode, lo.stderr), (2, "hinomi: xdp:lo: Protocol not supported; expected Ethernet\n"),
                "fallback: none where that is said")
    bare = start("setpriv", "--bounding-set", "-bpf,-sys_admin", "--inh-caps", "-bpf,-sys_admin", str(PROGRAM), "read",
                 "--format", "json", *DARK, "xdp:vb")
    await_listening(1)
    send(frames[:100])
    _, lines, err = stop(bare)
    points.same((err, split(lines)[1].get("packets")),
                ("hinomi: warning: xdp:vb: Operation not permitted (expected its table of sockets): ring:vb is read "
                 "instead\n", 100), "fallback: a ring without the capability, and it works")
    first = start(str(PROGRAM), "read", "--format", "json", "xdp:vb")
    await_taken()
    second = start(str(PROGRAM), "read", "--format", "json", "xdp:vb")
    await_listening(2)
    _, _, err = stop(second)
    points.same(err, "hinomi: warning: xdp:vb: Device or resource busy (expected a driver with XDP, and no other "
                "program on it): ring:vb is read instead\n", "fallback: a ring where another program has the driver")
    stop(first)
    none = inside("b", str(PROGRAM), "read", "xdp:vc")
    points.same((none.returncode, none.stderr), (2, "hinomi: xdp:vc: no such interface; expected one of: lo, vb\n"),
                "xdp: no such interface")


def try_life(folder, frames):
    watcher = Watcher(folder, "count", "xdp:vb")
    points.ok(watcher.awaits("ready"), "xdp, life: it listens, as nobody and without rights", watcher.lines())
    send(frames[:100])
    inside("b", "ip", "link", "set", "vb", "down")
    points.ok(watcher.awaits("down"), "xdp, life: down", watcher.lines())
    inside("b", "ip", "link", "set", "vb", "up")
    points.ok(watcher.awaits("up"), "xdp, life: up", watcher.lines())
    send(frames[100:200])
    time.sleep(QUIET_S)
    inside("b", "ip", "link", "del", "vb")
    points.ok(watcher.awaits("removed"), "xdp, life: removed", watcher.lines())
    points.ok(watcher.awaits("waiting"), "xdp, life: it is waited for", watcher.lines())
    points.same(watcher.counts(), [200, sum(len(frame) for frame in frames[:200]), 0, 0, 0],
                "xdp, life: every frame and byte was read, before and after it was down")
    make_wire()
    points.ok(watcher.awaits("ready", 2), "xdp, life: one of the same name is opened when it is there")
    send(frames[200:300])
    time.sleep(QUIET_S)
    points.same(finish(watcher), (0, ""), "xdp, life: stopped")
    points.same(watcher.counts(), [100, sum(len(frame) for frame in frames[200:300]), 0, 0, 0],
                "xdp, life: every frame after was read")


def try_killed():
    child = start(str(PROGRAM), "read", "--format", "json", "xdp:vb")
    await_taken()
    os.kill(inner_of(child), signal.SIGKILL)
    child.communicate(timeout=SECONDS_MAX)
    end = time.monotonic() + 10
    while is_taken() and time.monotonic() < end:
        time.sleep(0.01)
    points.same(is_taken(), False, "xdp: the host has its interface again when the reader was killed")


CHANNELS = """
import fcntl, socket, struct, sys
name, queues = sys.argv[1].encode(), int(sys.argv[2])
asked = bytearray(struct.pack("9I", %d, *[0] * 8))
import ctypes
buffer = (ctypes.c_char * len(asked)).from_buffer(asked)
request = struct.pack("16sP8x", name, ctypes.addressof(buffer))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, %d, request)
    struct.pack_into("I", asked, 0, %d)
    struct.pack_into("2I", asked, 20, queues, queues)
    fcntl.ioctl(any_socket, %d, request)
""" % (ETHTOOL_GCHANNELS, SIOCETHTOOL, ETHTOOL_SCHANNELS, SIOCETHTOOL)


def set_queues(end, interface, count):
    return inside(end, "python3", "-c", CHANNELS, interface, str(count))


def try_queues(folder, frames):
    """Several queues, each with a socket."""
    inside("b", "ip", "link", "del", "vb")
    queues = ["numtxqueues", "2", "numrxqueues", "2"]
    ip("link", "add", "va", "netns", f"{NAME}-a", *queues, "type", "veth", "peer", "name", "vb", "netns", f"{NAME}-b",
       *queues)
    for end in "ab":
        inside(end, "ip", "link", "set", f"v{end}", "up", "arp", "off")
    failed = [set_queues(end, f"v{end}", 2).stderr for end in "ba"]
    points.same(failed, ["", ""], "xdp, queues: two")
    watcher = Watcher(folder, "count", "xdp:vb")
    watcher.awaits("ready")
    send(frames)
    time.sleep(QUIET_S)
    finish(watcher)
    points.same(watcher.counts(), [len(frames), sum(map(len, frames)), 0, 0, 0], "xdp, queues: every frame of both")


def try_xdp(folder, frames):
    try_life(folder, frames)
    try_quiet(folder, frames, "xdp:vb")
    try_sips(folder, frames, "xdp:vb")
    try_removed_while_down(folder, "xdp:vb")
    try_queues(folder, frames)
    for mode in ("native", "generic"):
        try_replay(folder, f"xdp, {mode}", f"xdp:vb?mode={mode}&fallback=no", frames)
        try_overrun(f"xdp, {mode}, overrun", f"xdp:vb?mode={mode}&frames=4096&fallback=no", frames[0])
    try_replay(folder, "xdp, tagged", "xdp:vb", [tagged(frame, 7) for frame in frames[:5000]])
    try_replay(folder, "xdp, workers", "xdp:vb?frames=4096", frames[:5000])
    try_long(folder, frames[0])
    try_refusal()
    try_fallback(frames)
    try_killed()
