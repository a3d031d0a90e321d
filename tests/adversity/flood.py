"""A /16 of darknet under a flood of forged sources, each of which comes once, beside a busy border: the whole station, with the memory
that it takes by default, stays under 512 MB, and a member's infected machine is found amid it.
"""
import os
import time

from day import HOUR_S, hours_played
from memory import MEGABYTE, Measure, release
from scene import Scene, await_true, check_once, subjects_of, tell

# Of the operator's machine, for all processes together.
MEMORY_MAX = 512 * 10**6
IS_SOAK = os.environ.get("HINOMI_SOAK") == "1"
PACKETS = 30_000_000 if IS_SOAK else 2_000_000
SECONDS = 180  # three windows
SECONDS_MAX = 900 if IS_SOAK else 60


def play(scene: Scene):
    points = scene.points
    program = release()
    if program is None:
        points.skip("a flood", "needs a release build (make)")
        return
    scene.program = program
    flood = f"drill:forged-darknet?packets={PACKETS}&sources={PACKETS}&seconds={SECONDS}&speed=max"
    border = f"drill:campus-border?packets={PACKETS}&sources={PACKETS // 20}&seconds={SECONDS}&speed=max"
    station, server = scene.make(source=f'"{flood}", "{border}", "ring:vb"')
    station.add_member("sakura-town", ["198.51.100.0/24"], "soc@sakura-town.example")
    station.start()
    begun = time.monotonic()
    peak = None

    def is_done():
        nonlocal peak
        measure = Measure(station)
        peak = measure if peak is None or measure.total > peak.total else peak
        return hours_played(station) * HOUR_S > SECONDS - 61

    points.ok(station.await_lines(6, "duty.ready"), "flood: a station begins", *station.lines()[-8:])
    points.ok(await_true(is_done, SECONDS_MAX, 0.25) is not None, "flood: all of it is taken in", *station.lines()[-8:])
    is_done()
    points.ok(peak.total < MEMORY_MAX, "flood: the whole station takes less than 512 MB", peak)
    points.ok(await_true(lambda: any(subject.startswith("198.51.100.") for subject in subjects_of(station)), 30) is not None,
              "flood: amid it a member's machine is found", *station.rows("select member, subject, severity from incident")[:10])
    took = time.monotonic() - begun
    points.same(station.stop(), 0, "flood: the station ends when it is told to")
    check_once(points, station, server, "flood")
    tell(f"flood: {PACKETS} packets of as many sources in {took:.0f} s; at most {peak}")
