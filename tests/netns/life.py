"""An interface's life as a station sees it: a sandboxed reader that waits by an event loop of its own, and a parent
that opens anew what was removed."""
import time

from watcher import Watcher, finish
from wire import QUIET_S, inside, make_wire, points, seconds_of, send


def try_changes(folder, frames):
    watcher = Watcher(folder, "count", "ring:vb")
    points.ok(watcher.awaits("ready"), "life: it listens, as nobody and without rights", watcher.lines())
    send(frames[:100])
    inside("b", "ip", "link", "set", "vb", "down")
    points.ok(watcher.awaits("down"), "life: down", watcher.lines())
    inside("b", "ip", "link", "set", "vb", "name", "vx")
    points.ok(watcher.awaits("named vx"), "life: renamed", watcher.lines())
    inside("b", "ip", "link", "set", "vx", "address", "02:00:00:00:00:77")
    inside("b", "ip", "address", "add", "192.0.2.1/24", "dev", "vx")
    inside("b", "ip", "link", "set", "vx", "up")
    points.ok(watcher.awaits("up"), "life: up", watcher.lines())
    send(frames[100:200])
    inside("a", "ip", "link", "set", "va", "down")
    points.ok(watcher.awaits("down", 2), "life: without a carrier it is down", watcher.lines())
    inside("a", "ip", "link", "set", "va", "up")
    points.ok(watcher.awaits("up", 2), "life: and up with one", watcher.lines())
    send(frames[200:300])
    time.sleep(QUIET_S)
    inside("b", "ip", "link", "set", "vx", "name", "vb")
    watcher.awaits("named vb")
    return watcher


def try_removal(watcher, frames):
    inside("b", "ip", "link", "del", "vb")
    points.ok(watcher.awaits("removed"), "life: removed", watcher.lines())
    points.ok(watcher.awaits("waiting"), "life: it is waited for", watcher.lines())
    points.same(watcher.counts(), [300, sum(len(frame) for frame in frames[:300]), 0, 0, 0],
                "life: every frame and byte before was read")
    make_wire()
    points.ok(watcher.awaits("ready", 2), "life: one of the same name is opened when it is there", watcher.lines())
    send(frames[300:500])
    time.sleep(QUIET_S)
    points.same(finish(watcher), (0, ""), "life: stopped")
    points.same(watcher.counts()[0], 200, "life: every frame after was read")
    said = [line for line in watcher.events() if not line.startswith("counts")]
    points.same(said, ["ready", "down", "named vx", "up", "down", "up", "named vb", "removed",
                       "failed 19 ring:vb: the interface was removed while it was listened on", "waiting", "ready"],
                "life: each change is told once")


def try_removed_while_down(folder, address="ring:vb"):
    """The kernel tells nothing more of one that is down: it is found out by asking."""
    watcher = Watcher(folder, "count", address)
    watcher.awaits("ready")
    inside("b", "ip", "link", "set", "vb", "down")
    watcher.awaits("down")
    inside("b", "ip", "link", "del", "vb")
    points.ok(watcher.awaits("waiting"), f"life, {address}: removed while it was down", watcher.lines())
    finish(watcher)
    make_wire()


def try_last_frames(folder, frames):
    """What the kernel has not handed over yet when the interface is removed."""
    watcher = Watcher(folder, "count", "ring:vb")
    watcher.awaits("ready")
    send(frames[:50])
    inside("b", "ip", "link", "del", "vb")
    watcher.awaits("waiting")
    points.same(watcher.counts()[0], 50, "life: frames of the last moment are read")
    finish(watcher)
    make_wire()


def try_quiet(folder, frames, address="ring:vb"):
    """The descriptor is readable while there is something only."""
    watcher = Watcher(folder, "count", address)
    watcher.awaits("ready")
    send(frames[:1000])
    time.sleep(QUIET_S)
    before = seconds_of(watcher.child.pid)
    time.sleep(2)
    used = seconds_of(watcher.child.pid) - before
    points.ok(used <= 0.2, f"life, {address}: who waits by the descriptor leaves the processor alone", f"{used} s of 2")
    finish(watcher)
    points.same(watcher.counts()[0], 1000, f"life, {address}: all frames before")


def try_sips(folder, frames, address="ring:vb"):
    """The descriptor is readable as long as there is something: who reads a few each time misses nothing."""
    watcher = Watcher(folder, "sips", address)
    watcher.awaits("ready")
    send(frames[:1000], 0)
    time.sleep(QUIET_S)
    send(frames[1000:1003], 0)
    time.sleep(QUIET_S)
    finish(watcher)
    points.same(watcher.counts()[0], 1003, f"life, {address}: frames read in sips")


def try_life(folder, frames):
    try_removal(try_changes(folder, frames), frames)
    try_removed_while_down(folder)
    try_last_frames(folder, frames)
    try_quiet(folder, frames)
    try_sips(folder, frames)
