"""Days of traffic in compressed time: an exercise of a darknet's background beside one of members in which something happens, played
many times as fast as time. When tables have taken what a day holds, memory stays as it is; descriptors never grow.
"""
import os
import time

from memory import MEGABYTE, Measure, release
from scene import Scene, await_true, check_once, tell

HOUR_S = 3600
DAY_S = 24 * HOUR_S
DAYS = 2
START_S = 1775001600  # 2026-04-01T00:00:00Z, as exercises begin
IS_SOAK = os.environ.get("HINOMI_SOAK") == "1"
SPEED = 1200 if IS_SOAK else 12000
PACKETS = 20_000_000 if IS_SOAK else 200_000
SOURCES = 500_000 if IS_SOAK else 20_000
BEHIND_S = 20 if IS_SOAK else 3
LAST_H = 0.5  # exercises end a little before their time
# From then on tables hold what a day brings; in the short form the keeper is some hours behind.
SETTLED_H = 24 if IS_SOAK else 36
GROWTH_MAX = 0.05
NOISE_BYTES = 2 * MEGABYTE


def config(scene):
    size = f"seconds={DAYS * DAY_S}&packets={PACKETS}&sources={SOURCES}&speed={SPEED}"
    background = f'"drill:darknet-background?{size}"'
    border = f'"drill:campus-border?seconds={DAYS * DAY_S}&packets={PACKETS}&speed={SPEED}"'
    return scene.make(source=f'{background}, {border}, "drill:demo-day?speed={SPEED}"')


def hours_played(station):
    """Of all that was taken in and is written."""
    last = station.rows("select max(window_us) as last from batch")[0]["last"]
    return ((last or 0) / 1e6 - START_S) / HOUR_S


def play(scene: Scene):
    points = scene.points
    program = release()
    if program is None:
        points.skip("days of traffic", "needs a release build (make)")
        return
    scene.program = program
    station, server = config(scene)
    station.start()
    points.ok(station.await_lines(4, "duty.ready"), "day: a station plays two days", *station.lines()[-8:])
    begun = time.monotonic()
    measures = {}
    for hour in (1, 6, 12, 24, 36, 48):
        wait = begun + hour * HOUR_S / SPEED - time.monotonic()
        time.sleep(max(0, wait))
        measures[hour] = Measure(station)
        tell(f"day: hour {hour:2}: {measures[hour]}")
    points.ok(await_true(lambda: hours_played(station) > DAYS * 24 - LAST_H, BEHIND_S) is not None,
              "day: all of both days is taken in as it comes, also where one of the sources has ended", hours_played(station))
    first, middle, last = measures[1], measures[SETTLED_H], measures[DAYS * 24]
    points.ok(last.total <= middle.total * (1 + GROWTH_MAX) + NOISE_BYTES, f"day: what comes after {SETTLED_H} hours takes no more memory",
              middle, last)
    points.ok(all(last.descriptors[name] <= first.descriptors[name] for name in first.descriptors),
              "day: no process has more descriptors at the end than after an hour", first.descriptors, last.descriptors)
    points.ok(first.processes == last.processes, "day: and all of them are those that began", first.processes, last.processes)
    points.same(station.stop(), 0, "day: the station ends when it is told to")
    check_once(points, station, server, "day")
    tell(f"day: {DAYS} days in {time.monotonic() - begun:.0f} s, {2 * PACKETS} packets and some: after an hour "
         f"{first.total / MEGABYTE:.1f} MiB, {SETTLED_H} hours {middle.total / MEGABYTE:.1f} MiB, at the end {last.total / MEGABYTE:.1f} MiB")
