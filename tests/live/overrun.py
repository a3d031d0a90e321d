"""More than the kernel has room for, while nobody reads it: what is lost is a gap in the database, with its exact count."""
import os
import signal
import time

import scene
import wire
from scene import points

FLOOD_FRAMES = 60_000
FLOOD_BYTES = 1400
# More than the least memory of a socket of AF_XDP holds.
XDP_FRAMES = 20_000
STOPPED_S = 8  # less than the parent lets a duty be silent


def overrun(folder, name, address, frames):
    """Sent while the capture is stopped. Frames seen, gaps, when it was stopped and went on."""
    with scene.station_of(folder / name, scene.configuration(address), scene.MEMBERS) as station:
        time.sleep(1.5)  # a report with nothing lost
        capture = station.duties()["capture"]
        began = time.time()
        os.kill(capture, signal.SIGSTOP)
        wire.send(frames, 0)
        took = time.time() - began
        os.kill(capture, signal.SIGCONT)
        told = station.await_rows("select count(*) from gap where kind = 'dropped'", 1)
        time.sleep(1.5)  # whether another one follows
        ended = time.time()
        wire.send(frames[:10])
        time.sleep(wire.QUIET_S)
        points.same(station.stop(), 0, f"{name}: it goes on, and ends when it is told to")
    points.ok(took < STOPPED_S, f"{name}: the flood was sent in time", took)
    points.ok(told > 0, f"{name}: there is a gap", *station.lines()[-10:])
    return station, began, ended


def try_one(folder, name, address, frames):
    station, began, ended = overrun(folder, name, address, frames)
    counts = scene.counts_of(station)
    gaps = station.rows("select source, kind, from_us, to_us, count from gap")
    lost = sum(gap["count"] for gap in gaps)
    seen, dropped = counts.get(address, (0, 0))
    points.ok(lost > 0, f"{name}: frames are lost", gaps)
    points.same(seen + lost, len(frames) + 10, f"{name}: sent is seen and lost, to a frame")
    points.same(dropped, lost, f"{name}: the log says the same")
    points.ok(all((gap["source"], gap["kind"]) == (address, "dropped") for gap in gaps), f"{name}: as what was dropped there", gaps)
    points.ok(gaps and min(gap["from_us"] for gap in gaps) <= began * 1e6 and
              max(gap["to_us"] for gap in gaps) <= ended * 1e6, f"{name}: when it was", gaps, began, ended)
    duties = station.count_lines("duty.started", "capture")
    points.same(duties, 1, f"{name}: nobody was started anew")


def try_overrun(folder):
    frame = next(iter(scene.drill_frames(folder, "national-telescope", "--packets", "100", "--sources", "10", "--seconds", "5")))
    try_one(folder, "ring", "ring:vb", [frame + bytes(FLOOD_BYTES - len(frame))] * FLOOD_FRAMES)
    try_one(folder, "xdp", "xdp:vb?frames=4096", [frame] * XDP_FRAMES)
