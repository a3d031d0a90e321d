"""A disk that somebody else fills, again and again as room is made on it, while much is observed; later it is made larger."""
import contextlib
import subprocess
import threading
import time

from scene import Scene, await_told, await_true, check_once, pids, subjects_of, tell

SMALL = "32m"
LARGE = "256m"
FULL_S = 12
BACK_S = 10


def fill(ballast):
    """All that is left of it."""
    for size in (1 << 20, 1 << 12):
        with contextlib.suppress(OSError):
            while ballast.write(bytes(size)):
                pass


@contextlib.contextmanager
def filled(place):
    """Whatever room is made is taken at once."""
    ended = threading.Event()

    def go_on():
        with open(place / "ballast", "wb", buffering=0) as ballast:
            while not ended.wait(0.005):
                fill(ballast)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def says_full(station):
    return station.count_lines("the disk is full")


def play(scene: Scene):
    points = scene.points
    place = scene.folder / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "hinomi-test", str(place)]).returncode != 0:
        points.skip("a full disk", "this machine lets us mount nothing")
        return
    station = None
    try:
        station, server = scene.make(place / "station")
        station.log = scene.folder / "disk.log"
        station.start()
        traffic = scene.send(12, 1.5)
        first = list(traffic.await_machines(3))
        points.ok(await_told(station, server, first) is not None, "full disk: before, machines are found and told of",
                  *station.lines()[-10:])
        known = subjects_of(station)
        before = pids(station)
        with filled(place):
            points.ok(await_true(lambda: says_full(station) > 0), "when it is full the log says so", *station.lines()[-10:])
            time.sleep(FULL_S)
            points.ok(known <= subjects_of(station), "what was written stays")
            points.ok(pids(station) == before, "nobody dies of it", before, pids(station), *station.lines()[-10:])
            begun = traffic.await_machines(8)
            tell(f"full for {FULL_S} s: {says_full(station)} lines say so; "
                 f"{len(subjects_of(station))} incidents of {len(begun)} machines are written")
            points.ok(says_full(station) == 1, "it is said once, not each time", *station.lines()[-10:])
        subprocess.run(["mount", "-o", f"remount,size={LARGE}", str(place)], check=True)
        machines = list(traffic.await_machines(12))
        took = await_told(station, server, machines)
        points.ok(took is not None, "made larger, it goes on by itself: all are found and told of, those of meanwhile too",
                  set(machines) - subjects_of(station), *station.lines()[-10:])
        traffic.stop()
        points.ok(pids(station) == before, "and nobody had to be started anew")
        points.same(station.stop(), 0, "it ends when it is told to")
        check_once(points, station, server, "full disk")
        tell(f"made larger: all written and told {took or -1:.1f} s after the last machine began")
    finally:
        if station is not None and station.child is not None and station.child.poll() is None:
            station.kill_all()
        subprocess.run(["umount", "-l", str(place)])
