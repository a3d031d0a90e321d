"""In the guest: the clock is set forward and back by an hour while a station watches, by the system call with which everybody does it:
what is heard from the wire, the keeper and the mail then all live in another hour.

Whoever scans then is found and told of within seconds, nobody twice; that the clock was set is written down, and no other gap; the
canary raises no alarm; what the station shows lies within the time that there was.
"""
import json
import pathlib
import subprocess
import sys
import time

from points import Points
from scene import Scene, await_told, await_true, check_once, pids, tell

HOUR_S = 3600
STEPS_S = [HOUR_S, -HOUR_S, -HOUR_S, HOUR_S]
TOLD_S = 40  # in an emulated machine; some 5 s on a real one
BETWEEN_S = 25  # machines: the clock is set meanwhile
MORE = "store: {low_disk: 1%}\n"


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def make_wire():
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "va", "type", "veth", "peer", "name", "vb")
    for name in ("va", "vb"):
        run("sysctl", "-qw", f"net.ipv6.conf.{name}.disable_ipv6=1")
        run("ip", "link", "set", name, "up", "arp", "off")


def incidents(station):
    said = subprocess.run([station.program, "incident", "list", "--format", "json", "--station", str(station.folder)],
                          capture_output=True, text=True)
    return said.returncode, [json.loads(line) for line in said.stdout.splitlines()]


def check_shown(points, station, machines, earliest, latest):
    rows = station.rows("select first_us, last_us, opened_us from incident")
    times = [value / 1e6 for row in rows for value in row.values()]
    points.ok(times and min(times) >= earliest - 1 and max(times) <= latest + 1,
              "clock: no incident is of a time that there was not", earliest, latest, sorted(times)[:3], sorted(times)[-3:])
    status, shown = incidents(station)
    points.ok(status < 2 and set(machines) <= {line.get("subject") for line in shown}, "clock: they are shown", status, *shown)


def play():
    points = Points()
    make_wire()
    scene = Scene(points, "/usr/bin/hinomi", pathlib.Path("/tmp"), [])
    station, server = scene.make(more=MORE, canary="1m, deadline: 50s")
    station.start()
    watches = station.await_lines(1, "source.open", seconds=60)
    points.ok(watches, "clock: a station watches", *station.lines()[-8:])
    if not watches:
        points.done()
        return
    earliest = latest = time.time()
    before = pids(station)
    traffic = scene.send(1 + len(STEPS_S), BETWEEN_S)
    took = []
    for step, by in enumerate([0, *STEPS_S]):
        if by:
            time.clock_settime(time.CLOCK_REALTIME, time.time() + by)
        latest = max(latest, time.time() + BETWEEN_S + TOLD_S)
        earliest = min(earliest, time.time())
        machines = traffic.await_machines(step + 1)
        took.append(await_told(station, server, list(machines), TOLD_S))
        points.ok(took[-1] is not None, f"clock: set by {by} s: who scans then is found and told of", *station.lines()[-8:])
    points.ok(await_true(lambda: len(station.rows("select 1 from gap where kind = 'clock-set'")) == len(STEPS_S), 30) is not None,
              "clock: each time that it was set is written down", *station.rows("select * from gap"))
    # An emulated machine may be too slow for a moment, which is no matter of the clock.
    others = station.rows("select * from gap where kind not in ('clock-set', 'dropped')")
    points.ok(not others, "clock: and nothing else is a gap", *others)
    points.ok(await_true(lambda: station.rows("select count(*) as n from notice where kind = 'canary' and state = 'delivered'")[0]["n"]
                         >= 2, 180) is not None, "clock: canaries arrive", *station.rows("select kind, state from notice"))
    points.ok(station.count_lines("alarm", "canary") == 0, "clock: and none raises an alarm",
              *(line for line in station.lines() if "canary" in line))
    points.ok(pids(station) == before, "clock: nobody dies of it", before, pids(station))
    check_shown(points, station, traffic.begun, earliest, latest)
    traffic.stop()
    points.same(station.stop(), 0, "clock: the station ends when it is told to")
    check_once(points, station, server, "clock")
    tell(f"clock: set by {STEPS_S} s: told after {', '.join(f'{one or -1:.1f}' for one in took)} s")
    points.done()
    sys.stdout.flush()
