"""A /16 of darknet under a flood of forged sources, each of which comes once, beside a busy border and forged packets of members'
addresses, which fill the tables that strangers cannot: the whole station, with the memory that it takes by default, stays under
512 MB, and a member's infected machine is found amid it.
"""
import os
import random
import struct
import sys
import time

from day import START_S
from memory import Measure, release
from scene import TRAFFIC, Scene, await_true, check_once, subjects_of, tell

sys.path.insert(0, str(TRAFFIC.parent))
from traffic import DARK, frame

# Of the operator's machine, for all processes together.
MEMORY_MAX = 512 * 10**6
IS_SOAK = os.environ.get("HINOMI_SOAK") == "1"
PACKETS = 30_000_000 if IS_SOAK else 2_000_000
FORGED = 3_000_000 if IS_SOAK else 300_000
SECONDS = 180  # three windows
SECONDS_MAX = 900 if IS_SOAK else 60


def write_forged(path):
    """Of all addresses of four members, each to any unused address and to any of another member, on any port."""
    numbers = random.Random(20260401)
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i in range(FORGED):
            member = (10 << 24) + numbers.getrandbits(18)
            target = DARK + numbers.getrandbits(16) if i % 2 else (10 << 24) + numbers.getrandbits(18)
            packet = frame(member, target, numbers.getrandbits(16), sequence=numbers.getrandbits(30))
            at_us = i * SECONDS * 1_000_000 // FORGED
            file.write(struct.pack("<IIII", START_S + at_us // 1_000_000, at_us % 1_000_000, len(packet), len(packet)) + packet)


def seconds_played(station):
    """By the source that is behind the others; what comes from the wire has the time of today."""
    rows = station.rows("select max(window_us) as last from batch where sensor not like '% vb' group by sensor")
    return min(row["last"] for row in rows) / 1e6 - START_S if len(rows) == 3 else 0


def play(scene: Scene):
    points = scene.points
    program = release()
    if program is None:
        points.skip("a flood", "needs a release build (make)")
        return
    scene.program = program
    flood = f"drill:forged-darknet?packets={PACKETS}&sources={PACKETS}&seconds={SECONDS}&speed=max"
    border = f"drill:campus-border?packets={PACKETS}&sources={PACKETS // 20}&seconds={SECONDS}&speed=max"
    forged = scene.folder / "forged.pcap"
    write_forged(forged)
    station, server = scene.make(source=f'"{flood}", "{border}", "pcap:{forged}?speed=max", "ring:vb"')
    station.add_member("sakura-town", ["198.51.100.0/24"], "soc@sakura-town.example")
    station.start()
    begun = time.monotonic()
    peak = None

    def is_done():
        nonlocal peak
        measure = Measure(station)
        peak = measure if peak is None or measure.total > peak.total else peak
        return seconds_played(station) > SECONDS - 61

    points.ok(station.await_lines(7, "duty.ready"), "flood: a station begins", *station.lines()[-8:])
    points.ok(await_true(is_done, SECONDS_MAX, 0.25) is not None, "flood: all of it is taken in", *station.lines()[-8:])
    is_done()
    points.ok(peak.total < MEMORY_MAX, "flood: the whole station takes less than 512 MB", peak)
    points.ok(await_true(lambda: any(subject.startswith("198.51.100.") for subject in subjects_of(station)), 30) is not None,
              "flood: amid it a member's machine is found", *station.rows("select member, subject, severity from incident")[:10])
    took = time.monotonic() - begun
    points.same(station.stop(), 0, "flood: the station ends when it is told to")
    check_once(points, station, server, "flood")
    tell(f"flood: {2 * PACKETS + FORGED} packets in {took:.0f} s; at most {peak}")
