"""In the guest: a station on a disk whose power is cut at random moments, as dm-flakey does it: from one moment on it drops all that
is written to it, and says that it was written.

What was in the database, or accepted by the mail server, before that moment must be there when the disk is back, once; and the
station starts on what it finds by itself.
"""
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

from points import Points
from scene import Scene, await_told, await_true, check_once, letters_of, tell
from station import children_of

DEVICE = "/dev/vda"
NAME = "flaky"
DISK = pathlib.Path("/disk")
PAUSE_S = (0.1, 3.0)
WATCHING_S = 60
SETTLED_S = 180
BETWEEN_S = 6  # machines; a round takes about as long
MORE = "store: {low_disk: 1%}\n"


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.stderr}")


def load_table(target):
    """Another table for the device, without a sync of what is written to it."""
    with open(f"/sys/class/block/{pathlib.Path(DEVICE).name}/size") as file:
        sectors = int(file.read())
    table = f"0 {sectors} {target}"
    if not pathlib.Path(f"/dev/mapper/{NAME}").exists():
        run("dmsetup", "create", NAME, "--noudevsync", "--table", table)
        run("dmsetup", "mknodes", NAME)
        return
    run("dmsetup", "load", NAME, "--table", table)
    run("dmsetup", "suspend", "--nolockfs", "--noflush", NAME)
    run("dmsetup", "resume", "--noudevsync", NAME)


def take_off():
    """Who was killed still closes its files."""
    if await_true(lambda: subprocess.run(["umount", str(DISK)], capture_output=True).returncode == 0) is None:
        raise AssertionError(f"{DISK}: somebody still has files of it")


def switch_on():
    load_table(f"linear {DEVICE} 0")
    run("mount", "-t", "ext4", f"/dev/mapper/{NAME}", str(DISK))


class Power:
    """What was known before each cut, and what was there after it."""

    def __init__(self, scene, station, server, seed):
        self.scene = scene
        self.station = station
        self.server = server
        self.random = random.Random(seed)
        self.acknowledged = {}
        self.accepted = set()
        self.lost = []
        self.back = []

    def look(self):
        for row in self.station.rows("select id, member, subject, rule from incident"):
            self.acknowledged.setdefault(row["id"], row)

    def freeze(self):
        """At this moment everything stands still."""
        parent = self.station.parent()
        for process in [parent, *children_of(parent)]:
            os.kill(process, signal.SIGSTOP)

    def cut(self):
        self.look()
        self.freeze()
        load_table(f"flakey {DEVICE} 0 0 3600 1 drop_writes")
        time.sleep(0.1)  # what the mail server has is on its way to us
        self.accepted |= set(letters_of(self.server))
        self.station.kill_all()
        take_off()
        switch_on()

    def start(self):
        """And until it watches again."""
        opened = self.station.count_lines("source.open")
        begun = time.monotonic()
        self.station.start()
        if not self.station.await_lines(opened + 1, "source.open", seconds=WATCHING_S):
            raise AssertionError("it does not start: " + "\n".join(self.station.lines()[-20:]))
        self.back.append(time.monotonic() - begun)

    def check(self):
        there = {row["id"]: row for row in self.station.rows("select id, member, subject, rule from incident")}
        self.lost += [row for number, row in self.acknowledged.items()
                      if number not in there or there[number]["subject"] != row["subject"]]
        names = {row["message_id"] for row in self.station.rows("select message_id from notice")}
        self.lost += sorted(self.accepted - names)

    def round(self):
        self.start()
        self.check()
        time.sleep(self.random.uniform(*PAUSE_S))
        self.cut()


def play(rounds, seed):
    points = Points()
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "va", "type", "veth", "peer", "name", "vb")
    for name in ("va", "vb"):
        run("sysctl", "-qw", f"net.ipv6.conf.{name}.disable_ipv6=1")
        run("ip", "link", "set", name, "up", "arp", "off")
    load_table(f"linear {DEVICE} 0")
    run("mke2fs", "-q", "-t", "ext4", f"/dev/mapper/{NAME}")
    run("mount", "-t", "ext4", f"/dev/mapper/{NAME}", str(DISK))
    scene = Scene(points, "/usr/bin/hinomi", DISK, [])
    station, server = scene.make(more=MORE)
    station.log = pathlib.Path("/tmp/station.log")
    os.sync()
    power = Power(scene, station, server, seed)
    traffic = scene.send(rounds, BETWEEN_S)
    for _ in range(rounds):
        power.round()
    power.start()
    power.check()
    machines = list(traffic.await_machines(min(rounds, max(1, len(power.acknowledged)))))
    settled = await_told(station, server, machines, SETTLED_S)
    points.ok(settled is not None, "everything is found and told at last", *station.lines()[-20:])
    points.ok(not power.lost, "nothing is lost that was in the database, or whose letter was accepted, before the power went",
              *power.lost)
    points.ok(await_true(lambda: len(station.rows("select 1 from gap where kind = 'station-stopped'")) >= rounds - 2) is not None,
              "each time without power is a gap", *station.rows("select * from gap")[:20])
    traffic.stop()
    points.same(station.stop(), 0, "the station ends when it is told to")
    repeated = check_once(points, station, server, f"{rounds} power cuts")
    stored = station.rows("select count(*) as n from incident")[0]["n"]
    back = sorted(power.back)
    tell(f"seed {seed}; {rounds} power cuts: acknowledged {len(power.acknowledged)}, stored {stored}, missing {len(power.lost)}; "
         f"letters accepted {len(letters_of(server))}, again under the same Message-ID {repeated}; "
         f"watching again after {back[len(back) // 2]:.1f} s, at worst {back[-1]:.1f} s")
    points.done()
    sys.stdout.flush()
