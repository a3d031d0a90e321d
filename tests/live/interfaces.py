"""Interfaces that go down, come up, vanish and are made anew, while another one is watched: that one goes on without a loss, the
log says what happened, and each time in which nothing was seen is a gap in the database."""
import select
import subprocess
import sys
import time

import scene
import wire
from scene import points
from wire import inside

AGAIN_S = 5  # until a source that is there again is watched
APART_S = 1.2  # a capture looks at its interface every second
BURST = 100
PACE_S = 0.002
STEADY = """
import socket, sys, select
frame = bytes.fromhex(sys.argv[1])
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(("va", 0))
sent = 0
while not select.select([sys.stdin], [], [], %s)[0]:
    sent += wire.send(frame) == len(frame)
print(sent)
""" % PACE_S


class Steady:
    """Frames for the interface that stays, as long as it is wanted."""

    def __init__(self, frame):
        self.child = subprocess.Popen(["ip", "netns", "exec", f"{wire.NAME}-a", sys.executable, "-c", STEADY, frame.hex()],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def stop(self):
        return int(self.child.communicate(timeout=wire.SECONDS_MAX)[0])


class Life:
    """What is done to the interface vd, and what must follow."""

    def __init__(self, station, address, frames):
        self.station = station
        self.address = address
        self.frames = frames
        self.sent = 0
        self.away = []  # from when to when nothing was to be seen

    def burst(self):
        wire.send(self.frames[:BURST], interface="vc")
        self.sent += BURST
        time.sleep(wire.QUIET_S)

    def says(self, count, event, *words):
        field = f'source={self.address}' if "?" not in self.address else f'source="{self.address}"'
        said = self.station.await_lines(count, event, field, *words, seconds=AGAIN_S)
        points.ok(said, f"{self.address}: the log says {event}{' again' if count > 1 else ''}", *self.station.lines()[-8:])

    def down(self, count, end, interface):
        """By one of the ends of the wire."""
        self.burst()
        inside(end, "ip", "link", "set", interface, "down")
        began = time.time()
        self.says(count, "source.down", "without a carrier")
        time.sleep(APART_S)
        ended = time.time()
        inside(end, "ip", "link", "set", interface, "up")
        self.says(count + 1, "source.up")
        self.away.append((began, ended))
        self.burst()

    def remove(self, count, is_down=False):
        self.burst()
        if is_down:
            inside("b", "ip", "link", "set", "vd", "down")
            began = time.time()
            self.station.await_lines(3, "source.down", seconds=AGAIN_S)
        inside("b", "ip", "link", "del", "vd")
        began = began if is_down else time.time()
        said = self.station.await_lines(count, "source.lost", "removed while it was listened on", seconds=AGAIN_S)
        points.ok(said, f"{self.address}: the log says that it was removed", *self.station.lines()[-8:])
        self.says(count, "source.wanted", "no such interface; expected one of: lo, vb")
        time.sleep(2 * APART_S)
        ended = time.time()
        scene.make_wire(wire.NAME, "vc", "vd")
        began_again = time.monotonic()
        self.says(count + 1, "source.open")
        points.ok(time.monotonic() - began_again < AGAIN_S, f"{self.address}: it is watched again within seconds")
        time.sleep(APART_S)
        self.away.append((began, ended))
        self.burst()


def check_gaps(life):
    gaps = life.station.rows("select source, kind, from_us, to_us, count from gap order by from_us")
    lost = [gap for gap in gaps if gap["kind"] == "source-lost"]
    points.same([gap["source"] for gap in lost], [life.address] * len(life.away), f"{life.address}: a gap for each time, of it alone")
    for gap, (began, ended) in zip(lost, life.away):
        points.ok(gap["from_us"] <= began * 1e6 and gap["to_us"] >= ended * 1e6 and
                  gap["to_us"] - gap["from_us"] < (ended - began + AGAIN_S + 60) * 1e6, f"{life.address}: the gap covers it", gap, began, ended)
    points.same([gap for gap in gaps if gap["kind"] != "source-lost"], [], f"{life.address}: there is no other gap")


def try_one(folder, kind, frames):
    address = f"{kind}:vd"
    with scene.station_of(folder / kind, scene.configuration("ring:vb", address), scene.MEMBERS) as station:
        steady = Steady(frames[0])
        station.await_lines(2, "source.up", seconds=AGAIN_S)
        life = Life(station, address, frames)
        life.down(1, "b", "vd")
        life.down(2, "a", "vc")
        life.remove(1)
        life.remove(2, is_down=True)
        time.sleep(wire.QUIET_S)
        sent = steady.stop()
        time.sleep(wire.QUIET_S)
        points.same(station.stop(), 0, f"{address}: it ends when it is told to")
    points.same(scene.counts_of(station), {"ring:vb": (sent, 0), address: (life.sent, 0)},
                f"{address}: every frame, also of the other interface, and none is lost")
    points.ok(sent > 1000, f"{address}: meanwhile there were many", sent)
    check_gaps(life)
    points.same(station.count_lines("duty.started", "capture"), 2, f"{address}: nobody was started anew")
    warnings = [line.split(" ", 3)[3] for line in station.lines() if " warning " in line and "gap" not in line]
    points.same(len(warnings), 3 + 2 * 2, f"{address}: each is said once")
    if len(warnings) != 7:
        print("\n".join(f"# {line}" for line in warnings))


def try_interfaces(folder):
    frames = scene.drill_frames(folder, "national-telescope", "--packets", "1000", "--sources", "100", "--seconds", "5")
    scene.make_wire(wire.NAME, "vc", "vd")
    for kind in ("ring", "xdp"):
        try_one(folder, kind, frames)
