"""Two network namespaces with a wire between them, and what is done at its ends.

Frames are sent at the end `a` (interface va) and arrive at the end `b` (vb).
"""
import datetime
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests" / "tools"))
from points import Points

points = Points()
PROGRAM = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "build" / "hinomi").resolve()
TOOLS = PROGRAM.parent / "tests" / "tools"
NAME = os.environ.get("HINOMI_INSIDE") or f"hinomi-{os.getpid()}"  # whoever was started inside has its maker's
SECONDS_MAX = 60
LISTENING_S = 10
QUIET_S = 0.5  # many times as long as a block waits, and as dumpcap does
DARK = ["--member", "town=198.51.100.0/24", "--dark", "198.18.0.0/16"]


def ip(*words):
    return subprocess.run(["ip", *words], capture_output=True, text=True)


def make_wire(first="va", second="vb"):
    """From one namespace to the other, both ends up."""
    made = ip("link", "add", first, "netns", f"{NAME}-a", "type", "veth", "peer", "name", second, "netns", f"{NAME}-b")
    inside("a", "ip", "link", "set", first, "up", "arp", "off")
    inside("b", "ip", "link", "set", second, "up", "arp", "off")
    return made.returncode == 0


def make_pair():
    """Two namespaces, each with one end of a wire, that say nothing themselves. False where that is not allowed."""
    for end in "ab":
        if ip("netns", "add", f"{NAME}-{end}").returncode != 0:
            return False
        inside(end, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
    return make_wire()


def remove_pair():
    for end in "ab":
        ip("netns", "del", f"{NAME}-{end}")


def inside(end, *command):
    return subprocess.run(["ip", "netns", "exec", f"{NAME}-{end}", *command], capture_output=True, text=True,
                          timeout=SECONDS_MAX)


def start(*command):
    """At the end of the wire where frames arrive."""
    return subprocess.Popen(["ip", "netns", "exec", f"{NAME}-b", *command], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def is_listening(count, at):
    """So many packet sockets are there: frames of each are kept."""
    sockets = inside(at, "cat", "/proc/net/packet").stdout.splitlines()[1:]
    return sum(line.split()[3] == "0003" for line in sockets) >= count


def await_listening(count, at="b"):
    end = time.monotonic() + LISTENING_S
    while not is_listening(count, at) and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.1)  # bound, and then made promiscuous


def read_frames(path):
    data = path.read_bytes()
    at = 24
    while at < len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at + 16:at + 16 + length]
        at += 16 + length


SENDER = """
import socket, struct, sys, time
frames = sys.stdin.buffer.read()
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((sys.argv[2], 0))
at = sent = 0
pause = float(sys.argv[1])
while at < len(frames):
    length = struct.unpack_from("<I", frames, at)[0]
    while True:
        try:
            wire.send(frames[at + 4:at + 4 + length])
            break
        except OSError:
            time.sleep(0.001)  # no buffers: the wire is full
    at += 4 + length
    sent += 1
    if pause > 0 and sent % 100 == 0:
        time.sleep(pause * 100)
"""


def send(frames, pause=0.00002, interface="va"):
    packed = b"".join(struct.pack("<I", len(frame)) + frame for frame in frames)
    end = "b" if interface in ("vb", "vd") else "a"
    subprocess.run(["ip", "netns", "exec", f"{NAME}-{end}", sys.executable, "-c", SENDER, str(pause), interface],
                   input=packed, check=True, timeout=SECONDS_MAX)


def stop(child):
    time.sleep(QUIET_S)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=SECONDS_MAX)
    return child.returncode, [json.loads(line) for line in out.splitlines()], err


def split(lines):
    return [line for line in lines if line["type"] == "finding"], lines[-1] if lines else {}


def when(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def tagged(frame, number):
    return frame[:12] + struct.pack("!HH", 0x8100, number) + frame[12:]


def inner_of(child):
    """The process itself of what start() gave."""
    inner = subprocess.run(["pgrep", "-P", str(child.pid)], capture_output=True, text=True).stdout.split()
    return int(inner[0]) if inner else child.pid


def seconds_of(process):
    """Of processor time, of a process and its first child."""
    ticks = 0
    children = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True).stdout.split()
    for number in [process, *children]:
        fields = pathlib.Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
