"""A database that cannot be written any more, or is removed, written over or emptied, while the station runs: the log says so and what
to do, the operator gets a letter, nobody dies of it. What cannot be written waits, and is written when it can be; of what the station
still knows a copy can be made, and put back.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile

from scene import Scene, await_told, await_true, check_once, pids, subjects_of, tell
from store import DAMAGED, PAGE, TROUBLE, database_of, overwrite, run

NOTICED_S = 15
WAIT_S = 6
LETTER = b"[hinomi] STATION ALARM: the database"


def files_of(station):
    return [path for path in station.folder.glob("station.db*") if path.name in ("station.db", "station.db-wal", "station.db-shm")]


def set_immutable(station, sign):
    return all(subprocess.run(["chattr", f"{sign}i", str(path)], capture_output=True).returncode == 0 for path in files_of(station))


def refuses_writes(folder):
    """Whether an immutable file cannot be written by who has it open: so it is on ext4 and xfs, not in memory."""
    path = pathlib.Path(folder) / "probe"
    if shutil.which("chattr") is None:
        return False
    with open(path, "wb", buffering=0) as file:
        file.write(b"x")
        if subprocess.run(["chattr", "+i", str(path)], capture_output=True).returncode != 0:
            return False
        try:
            file.write(b"x")
            return False
        except OSError:
            return True
        finally:
            subprocess.run(["chattr", "-i", str(path)], capture_output=True)


def try_protected(scene):
    points = scene.points
    place = scene.folder if refuses_writes(scene.folder) else pathlib.Path("/var/tmp")
    with tempfile.TemporaryDirectory(prefix="hinomi-store-", dir=place) as folder:
        os.chmod(folder, 0o755)
        if not refuses_writes(folder):
            points.skip("a database that becomes read-only", "no file system here lets a file that is open become so")
            return
        station, server = scene.make(pathlib.Path(folder) / "station")
        station.start()
        traffic = scene.send(8, 0.8)
        first = list(traffic.await_machines(2))
        points.ok(await_told(station, server, first) is not None, "read-only: before, machines are found and told of")
        known = subjects_of(station)
        captures = pids(station)["capture"]
        try:
            points.ok(set_immutable(station, "+"), "read-only: nothing can be written any more")
            noticed = await_true(lambda: station.count_lines("cannot be written: check") > 0, NOTICED_S)
            points.ok(noticed is not None, "read-only: the log says what to do", *station.lines()[-8:])
            traffic.await_machines(8)
            await_true(lambda: False, WAIT_S)
        finally:
            set_immutable(station, "-")
        machines = list(traffic.begun)
        took = await_told(station, server, machines, 60)
        points.ok(took is not None, "read-only: when it can be written again all is, and told, that of meanwhile too",
                  set(machines) - subjects_of(station), *station.lines()[-12:])
        points.ok(known <= subjects_of(station) and pids(station)["capture"] == captures,
                  "read-only: what was written stays, and who captures went on")
        said = station.count_lines("cannot be written: check")
        points.ok(said <= 8, "read-only: it is said when it is tried again, more and more seldom", said)
        traffic.stop()
        points.same(station.stop(), 0, "read-only: it ends when it is told to")
        check_once(points, station, server, "read-only")
        tell(f"read-only: noticed after {noticed or -1:.1f} s, told in {said} lines; all written {took or -1:.1f} s after it could be")


# What happens to the file of a station at work, the word for it, and whether a copy can be made then.
WRONG_WHILE_RUNNING = [
    ("removed", lambda station: [path.unlink() for path in files_of(station)], "was removed or replaced", True),
    ("written-over", lambda station: overwrite(database_of(station), 0, PAGE), "was written over", True),
    ("emptied", lambda station: os.truncate(database_of(station), 0), "was emptied", False),
]


def try_harmed(scene):
    """All at the same time, a station each."""
    points = scene.points
    stations = {}
    for name, *_ in WRONG_WHILE_RUNNING:
        stations[name] = scene.make(scene.folder / name)
        stations[name][0].start()
    traffic = scene.send(4, 0.2)
    machines = list(traffic.await_machines(4))
    points.ok(all(await_told(station, server, machines) is not None for station, server in stations.values()),
              "at work: machines are found and told of")
    before = {name: pids(station) for name, (station, _) in stations.items()}
    for name, harm, _, _ in WRONG_WHILE_RUNNING:
        harm(stations[name][0])
    for name, _, word, may_copy in WRONG_WHILE_RUNNING:
        station, server = stations[name]
        points.ok(await_true(lambda: station.count_lines("alarm", word, "hinomi backup") > 0, NOTICED_S) is not None,
                  f"at work: {name}: the log says so, and what to do", *station.lines()[-8:])
        points.ok(await_true(lambda: any(LETTER in message for message, _ in server.messages),
                             NOTICED_S) is not None, f"at work: {name}: so does a letter to the operator",
                  *station.lines()[-8:])
        points.ok(station.count_lines("alarm", word) == 1 and pids(station) == before[name],
                  f"at work: {name}: once, and nobody dies of it", *station.lines()[-8:])
        copy = scene.folder / f"{name}.tar"
        made = run(station, "backup", str(copy))
        if not may_copy:
            points.ok(made.returncode == TROUBLE and not copy.exists() and DAMAGED in made.stderr or made.returncode == 0,
                      f"at work: {name}: no copy is made that is not whole", made.stderr)
            station.stop()
            continue
        points.ok(made.returncode == 0, f"at work: {name}: a copy of all it knows can be made", made.stderr)
        station.stop()
        put = run(station, "restore", str(copy), "--replace")
        station.start()
        points.ok(put.returncode < TROUBLE and station.await_lines(2, "source.open") and set(machines) <= subjects_of(station),
                  f"at work: {name}: which is put back, and knows it", put.stderr, *station.lines()[-8:])
        points.same(station.stop(), 0, f"at work: {name}: it ends when it is told to")
    traffic.stop()


def play(scene: Scene):
    try_protected(scene)
    try_harmed(scene)
