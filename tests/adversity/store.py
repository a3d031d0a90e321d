"""A database that was damaged, emptied, replaced or removed before the station starts, or that it cannot write: one line says what to
do, exit status 2, nothing is changed; after `hinomi restore` it starts and knows what it knew.
"""
import os
import shutil
import sqlite3
import subprocess

from scene import Scene, await_told, subjects_of
from station import Station

TROUBLE = 2
SECONDS_MAX = 30
PAGE = 4096


def database_of(station):
    return station.folder / "station.db"


def log_of(station):
    return station.folder / "station.db-wal"


def run(station, *words):
    """Ended, if need be, as an operator would."""
    return subprocess.run(["timeout", str(SECONDS_MAX), station.program, *words, "--station", str(station.folder)], text=True,
                          capture_output=True, stdin=subprocess.DEVNULL)


# ---- Before it starts ----

def overwrite(path, at, count):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(os.urandom(count))


def take_log_in(station):
    """So that no page has a second copy in the log."""
    database = sqlite3.connect(database_of(station))
    database.execute("pragma wal_checkpoint(truncate)")
    database.close()


def harm_pages(station, first, last):
    """Of the database, by their share of it."""
    take_log_in(station)
    size = database_of(station).stat().st_size // PAGE
    overwrite(database_of(station), int(first * size) * PAGE, max(1, int((last - first) * size)) * PAGE)


def cut(station):
    take_log_in(station)
    os.truncate(database_of(station), middle(station) + 100)


def middle(station):
    return database_of(station).stat().st_size // 2 // PAGE * PAGE


def replace(station, content):
    for path in station.folder.glob("station.db*"):
        path.unlink()
    database_of(station).write_bytes(content)


def protect(station):
    os.chmod(database_of(station), 0o400)
    os.chown(database_of(station), 65534, 65534)


def close_directory(station):
    """As where the disk was mounted read-only."""
    subprocess.run(["mount", "--bind", str(station.folder), str(station.folder)], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(station.folder)], check=True)


def unprotect(station):
    subprocess.run(["umount", str(station.folder)], capture_output=True)
    os.chown(database_of(station), os.geteuid(), os.getegid())
    os.chmod(database_of(station), 0o640)


DAMAGED = "put back a copy"
# What is done to the database of a station that was killed, and what it then says.
WRONG_AT_START = [
    ("its middle is written over", lambda station: harm_pages(station, 0.2, 0.8), DAMAGED),
    ("its beginning is written over", lambda station: harm_pages(station, 0, 0), DAMAGED),
    ("it was cut short", cut, DAMAGED),
    ("it is another file", lambda station: replace(station, b"Dear station\n" * 1000), DAMAGED),
    ("it cannot be written", protect, "cannot be written: check its owner and permissions"),
    ("nor can its directory", close_directory, "Read-only file system"),
]


def contents(station):
    return {path.name: path.read_bytes() for path in station.folder.glob("station.db*")
            if not path.name.endswith(("-lock", "-shm")) and path.stat().st_size > 0}


def copy_of(scene, whole):
    """Another station that is in no way different, and has said nothing yet."""
    station = Station(scene.program, scene.folder / "harmed")
    station.log.unlink(missing_ok=True)
    shutil.copytree(whole.folder, station.folder, ignore=shutil.ignore_patterns("control.sock"))
    return station


def check_start(scene, whole, copy, name, harm, words):
    points = scene.points
    station = copy_of(scene, whole)
    harm(station)
    before = contents(station)
    ran = run(station, "run")
    said = [line for line in ran.stderr.splitlines() if line.startswith("hinomi: ")]
    points.ok(ran.returncode == TROUBLE and len(said) == 1 and str(station.folder) in said[0] and words in said[0],
              f"start: {name}: one line says what to do", ran.returncode, *said, *ran.stderr.splitlines()[-8:])
    after = contents(station)
    points.ok(after == before, f"start: {name}: nothing is changed",
              *(file for file in {**before, **after} if before.get(file) != after.get(file)))
    unprotect(station)
    restored = subprocess.run([scene.program, "restore", str(copy), "--replace", "--station", str(station.folder)],
                              capture_output=True, text=True, timeout=SECONDS_MAX)
    known = subjects_of(whole)
    begins = False
    if restored.returncode < TROUBLE:
        station.start()
        begins = station.await_lines(1, "source.open")
    points.ok(begins and station.stop() == 0 and known <= subjects_of(station),
              f"start: {name}: a copy that is put back runs, and knows all", restored.stderr, *station.lines()[-8:])
    shutil.rmtree(station.folder)


def check_new(scene, whole, name, harm):
    station = copy_of(scene, whole)
    harm(station)
    station.start()
    scene.points.ok(station.await_lines(1, "store.new", "hinomi restore") and station.await_lines(1, "source.open") and
                    station.stop() == 0, f"start: {name}: a new one is made, which is said", *station.lines()[-8:])
    shutil.rmtree(station.folder)


def check_log(scene, whole):
    """What was committed after the place that is damaged cannot be had; what came before is sound."""
    station = copy_of(scene, whole)
    overwrite(log_of(station), log_of(station).stat().st_size // 2, PAGE)
    station.start()
    begins = station.await_lines(1, "source.open")
    ended = station.stop()
    sound = station.rows("pragma integrity_check")[0]["integrity_check"]
    scene.points.ok(begins and ended == 0 and sound == "ok", "start: its log is damaged: what is sound of it counts, and it runs",
                    sound, *station.lines()[-8:])
    shutil.rmtree(station.folder)


def try_starts(scene):
    station, server = scene.make(scene.folder / "whole")
    station.start()
    traffic = scene.send(4, 0.2)
    machines = list(traffic.await_machines(4))
    scene.points.ok(await_told(station, server, machines) is not None, "start: there is a station that knows something",
                    *station.lines()[-8:])
    traffic.stop()
    copy = scene.folder / "copy.tar"
    made = run(station, "backup", str(copy))
    scene.points.same(made.returncode, 0, "start: and a copy of it")
    station.kill_all()
    for name, harm, words in WRONG_AT_START:
        check_start(scene, station, copy, name, harm, words)
    check_new(scene, station, "it is empty", lambda harmed: replace(harmed, b""))
    check_new(scene, station, "it is gone", lambda harmed: [path.unlink() for path in harmed.folder.glob("station.db*")])
    check_log(scene, station)


def play(scene: Scene):
    try_starts(scene)
