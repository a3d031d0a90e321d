"""What a station's processes may not do, tried from inside: by their own hand, in the very processes that watch and write
(tests/tools/call_inside.c). A process without a sandbox shows that what is tried would work."""
import errno
import os
import pathlib
import re
import subprocess
import sys
import time

import scene
import wire
from scene import points

REFUSED = {errno.EPERM, errno.EACCES}
# What no process of a station may, whatever its work.
NOBODY_MAY = {"open_by_handle_at", "mkdir", "symlink", "link", "mknod", "truncate", "socket-packet", "socket-unix", "bind", "listen",
              "execve", "execveat", "fork", "ptrace", "kill", "kill-itself", "tgkill", "pidfd_open", "process_vm_readv", "mmap-exec",
              "mprotect-exec", "unshare", "setns", "mount", "chroot", "setuid", "capset", "bpf", "perf_event_open", "io_uring_setup",
              "userfaultfd", "keyctl", "reboot", "init_module", "creat", "openat-make"}
NONE = -1  # no descriptor: what others have leads to somebody who would take it amiss
# Refused so by kernels that cannot do it, and by the filter so that libraries do without.
OTHERWISE = {"clone3": {errno.ENOSYS}, "openat2": {errno.ENOSYS}}
CONTROL = """
import socket, sys, time
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(("vb", 0))
print(wire.fileno(), flush=True)
time.sleep(600)
"""


def try_inside(process, descriptor, parent):
    """The error of each call, by its name; None where this machine can try none."""
    done = subprocess.run([str(wire.TOOLS / "call_inside"), str(process), str(descriptor), str(parent)], capture_output=True, text=True,
                          timeout=wire.SECONDS_MAX)
    if done.stdout == "none\n":
        return None
    if done.returncode != 0:
        raise RuntimeError(f"call_inside: {done.returncode} {done.stderr} {done.stdout}")
    return {name: int(error) for name, error in (line.split() for line in done.stdout.splitlines())}


def without_sandbox():
    child = subprocess.Popen([sys.executable, "-c", CONTROL], stdout=subprocess.PIPE, text=True)
    other = subprocess.Popen(["sleep", "600"])
    try:
        return try_inside(child.pid, int(child.stdout.readline()), other.pid)
    finally:
        for process in (child, other):
            process.kill()
            process.wait()


def packet_socket(process):
    """A descriptor of it by which frames come."""
    ours = {line.split()[-1] for line in pathlib.Path("/proc/net/packet").read_text().splitlines()[1:]}
    for path in pathlib.Path(f"/proc/{process}/fd").iterdir():
        found = re.match(r"socket:\[(\d+)\]", os.readlink(path))
        if found and found[1] in ours:
            return int(path.name)
    return None


def refused(name, error):
    return error in REFUSED | OTHERWISE.get(name, set())


def check(title, tried, expected):
    points.same(tried.get("getpid"), 0, f"{title}: calls can be made from inside")
    allowed = sorted(name for name in expected if not refused(name, tried[name]))
    points.ok(not allowed, f"{title}: each of {len(expected)} calls is refused", *(f"{name}: {tried[name]}" for name in allowed))


def try_captures(station, possible):
    """All that would be possible is refused."""
    for name, process in sorted(station.duties().items()):
        if not name.startswith("capture"):
            continue
        descriptor = packet_socket(process)
        points.ok(descriptor is not None, f"{name}: it has a packet socket")
        tried = try_inside(process, descriptor, station.parent())
        check(name, tried, possible)


def try_others(station, possible):
    duties = station.duties()
    for name in ("keeper", "courier"):
        tried = try_inside(duties[name], NONE, station.parent())
        check(name, tried, possible & NOBODY_MAY)


def try_within(folder):
    possible = without_sandbox()
    if possible is None:
        points.skip("from inside", "this is no x86-64")
        return
    useless = {name for name, error in possible.items() if error in REFUSED}
    possible = {name for name in possible if name not in useless and name != "getpid"}
    for name in sorted(useless):
        points.skip(f"from inside: {name}", "nobody may here")
    essential = {"open", "openat", "socket-tcp", "socket-packet", "connect", "sendto", "write", "execve", "fork", "ptrace", "kill"}
    points.ok(essential <= possible, "without a sandbox they are not refused", essential - possible)
    frames = scene.drill_frames(folder, "national-telescope", "--packets", "200", "--sources", "50", "--seconds", "5")[:500]
    scene.make_wire(wire.NAME, "vc", "vd")
    with scene.station_of(folder / "station", scene.configuration("ring:vb", "xdp:vd"), scene.MEMBERS) as station:
        wire.send(frames)
        wire.send(frames, interface="vc")
        time.sleep(wire.QUIET_S)
        try_captures(station, possible)
        try_others(station, possible)
        wire.send(frames)
        wire.send(frames, interface="vc")
        time.sleep(wire.QUIET_S)
        points.same(station.stop(), 0, "after that it goes on, and ends when it is told to")
    points.same(scene.counts_of(station), {"ring:vb": (2 * len(frames), 0), "xdp:vd": (2 * len(frames), 0)}, "and has seen every frame")
    points.same(station.count_lines("duty.started"), len(("capture0", "capture1", "keeper", "courier", "web")), "and nobody was started anew")
