"""More incidents are open than a station follows: it starts all the same, with the most urgent; the least urgent are closed, and say
so; the operator hears of it before there is no room at all. While it runs, what is graver has the least urgent closed, what is not is
refused and counted, and the canary comes home.
"""
import json
import sqlite3
import subprocess
import time
import urllib.request

from scene import Scene, await_told, await_true, subjects_of, tell

ROOM = 16384  # cmd/station/keeper_setup.c
MORE = 3
MACHINES = 4
MEMBERS = 4
LETTER = b"[hinomi] STATION ALARM: too many open incidents"
COUNTS = ("select count(*) filter (where state not in ('quiet', 'closed')) as open, count(*) filter (where close_reason = 'no-room')"
          " as made_room, count(*) filter (where state = 'quiet') as quiet from incident where drill = 0")
SAID = ("select count(*) as n from event e join incident i on i.id = e.incident_id where e.what = 'close' and i.close_reason = 'no-room'"
        " and e.note = 'more than 16384 incidents were open'")


def finding(member, subject, severity):
    """As a rule gives it (hinomi-read(1))."""
    first = "2026-04-01T00:00:00.000000Z"
    return json.dumps({
        "type": "finding", "rule": "scan.dark", "member": member, "subject": subject, "role": "actor", "first": first, "last": first,
        "packets": 254, "targets": 254, "port_count": 1, "shape": "horizontal",
        "ports": [{"proto": "tcp", "port": 445, "packets": 254, "targets": 254}], "source_ports": [49152, 49153],
        "attribution": "one-way", "spoof": {"estimate": "unlikely", "reasons": []}, "severity": severity, "confidence": 0.98,
        "why": "254 addresses that nobody uses were asked for tcp/445"}, separators=(",", ":"))


def fill(station, count, state, severity, first):
    """Incidents that were told of just now, of machines from 10.M.100.0 on."""
    members = [(row["id"], row["name"]) for row in station.rows("select id, name from member order by id")]
    now_us = time.time_ns() // 1000

    def rows():
        for n in range(first, first + count):
            number, name = members[n % MEMBERS]
            subject = f"10.{n % MEMBERS}.{100 + n // MEMBERS // 250}.{1 + n // MEMBERS % 250}"
            yield (number, name, subject, state, "fixed" if state == "closed" else "", severity, now_us - n, now_us - n, now_us, now_us,
                   now_us, now_us, severity, now_us, finding(name, subject, severity))

    with sqlite3.connect(station.folder / "station.db", timeout=30) as database:
        database.executemany(
            "insert into incident (member_id, member, subject, rule, drill, state, close_reason, severity, first_us, last_us, opened_us,"
            " opened_wall_us, changed_us, state_us, packets, targets, port_count, relapses, told_severity, told_targets, told_ports,"
            " told_letters, told_named, told_us, finding)"
            " values (?, ?, ?, 'scan.dark', 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, 254, 254, 1, 0, ?, 254, 1, 1, '6/445', ?, ?)", rows())
    database.close()


def counts_of(station):
    return station.rows(COUNTS)[0]


def came_home(station):
    return station.rows("select count(*) as n from event where note = 'the canary came home'")[0]["n"]


def refused_of():
    with urllib.request.urlopen("http://127.0.0.1:9464/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("hinomi_incidents_refused_total "))


def try_start(points, station, server):
    begun = time.monotonic()
    station.start()
    points.ok(station.await_lines(1, "duty.ready", "duty=keeper"), "crowd: with more open incidents than there is room for it starts",
              *station.lines()[-8:])
    ready_s = time.monotonic() - begun
    points.ok(station.await_lines(1, "incidents.room", f"{MORE} open incidents more than the {ROOM}"), "crowd: which it says",
              *station.lines()[-8:])
    points.ok(await_true(lambda: counts_of(station) == {"open": ROOM, "made_room": MORE, "quiet": 100}) is not None,
              "crowd: the most urgent are open, the others closed for want of room; what was quiet stays so", counts_of(station))
    points.same(station.rows(SAID)[0]["n"], MORE, "crowd: the history of each of these says why")
    points.same(station.rows("select count(*) as n from incident where severity = 'low' and close_reason = 'no-room'")[0]["n"], MORE,
                "crowd: they are the least urgent")
    points.ok(await_true(lambda: any(LETTER in message for message, _ in server.messages), 60) is not None,
              "crowd: the operator hears of it", len(server.messages))
    points.same(station.stop(), 0, "crowd: it ends when it is told to")
    return ready_s


def try_graver(scene, station, server):
    points = scene.points
    station.start()
    points.ok(station.await_lines(2, "duty.ready", "duty=keeper") and station.count_lines("incidents.room") == 1,
              "crowd: it starts once more, and nothing has to be closed for that", *station.lines()[-8:])
    traffic = scene.send(MACHINES, 0.5, MEMBERS)
    machines = list(traffic.await_machines(MACHINES))
    took = await_told(station, server, machines, 60)
    points.ok(took is not None, "crowd: machines that do worse are found and told of all the same", counts_of(station),
              set(machines) - subjects_of(station))
    after = counts_of(station)
    points.ok(after["open"] <= ROOM and after["made_room"] == MORE + MACHINES, "crowd: for each the least urgent is closed", after)
    before = came_home(station)
    done = subprocess.run([station.program, "check", "--end-to-end", "--station", str(station.folder)], capture_output=True, text=True,
                          timeout=120)
    points.ok("too many open incidents" in done.stdout, "crowd: `hinomi check` tells that it stands", done.stdout, done.stderr)
    points.ok(await_true(lambda: came_home(station) > before, 10) is not None,
              "crowd: the canary comes home", done.stdout, done.stderr)
    traffic.stop()
    points.same(station.stop(), 0, "crowd: it ends in order")
    return took


def try_refused(scene, station):
    points = scene.points
    station.write([("update incident set severity = 'critical' where state not in ('quiet', 'closed')", ())])
    station.start()
    points.ok(station.await_lines(3, "duty.ready", "duty=keeper"), "crowd: all are critical", *station.lines()[-8:])
    traffic = scene.send(2 * MACHINES, 0.2, MEMBERS)
    new = list(traffic.await_machines(2 * MACHINES))[MACHINES:]
    points.ok(await_true(lambda: refused_of() > 0, 60) is not None, "crowd: what is no graver is refused, and counted")
    points.ok(not set(new) & subjects_of(station) and counts_of(station)["open"] <= ROOM, "crowd: and is not there",
              counts_of(station))
    row = station.rows("select id from incident where severity = 'critical' and state = 'notified' limit 1")[0]
    done = subprocess.run([station.program, "incident", "close", str(row["id"]), "--reason", "fixed", "--station", str(station.folder)],
                          capture_output=True, text=True, timeout=60)
    points.ok(done.returncode == 0, "crowd: when one is closed", done.stdout, done.stderr)
    points.ok(await_true(lambda: set(new) & subjects_of(station), 60) is not None, "crowd: one of them finds room",
              counts_of(station))
    traffic.stop()
    points.same(station.stop(), 0, "crowd: it ends in order once more")
    points.same(station.rows("pragma integrity_check")[0]["integrity_check"], "ok", "crowd: its database is sound")


def play(scene: Scene):
    station, server = scene.make(canary="1h", more="web: {listen: off}\n")
    fill(station, ROOM - 100 + MORE, "notified", "low", 0)
    fill(station, 100, "acknowledged", "low", ROOM)
    fill(station, 100, "quiet", "critical", ROOM + 100)
    fill(station, 100, "closed", "critical", ROOM + 200)
    ready_s = try_start(scene.points, station, server)
    took = try_graver(scene, station, server)
    try_refused(scene, station)
    tell(f"crowd: ready {ready_s:.1f} s after the start with {ROOM + MORE} open; the last of {MACHINES} told {took or -1:.1f} s after it "
         "began")
