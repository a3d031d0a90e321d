"""Plugged in, it listens: a station that was told nothing finds the worm on the network that it was plugged into, by what it asks
of everybody (ARP, neighbour solicitation), and accuses nobody else. With one line of its configuration changed it watches a
darknet, or a mirror port."""
import contextlib
import os
import shutil
import subprocess
import sys
import time

import lan
import scene
from lan import Lan
from scene import HERE, PROGRAM, points
from station import Station

NEEDED = ("dnsmasq", "udhcpc")
USUAL_S = 6  # of ordinary work, before
# On any machine. On an idle one it takes two; where failures are held against answers, which is done when their window has ended, up to
# sixty.
FOUND_S = 120
RATE = 20
WORM_S = 12
PORT = "445"
DARK = "198.18.0.0/16"
MIRRORED = "203.0.113.0/24"
ELSEWHERE = "198.51.100.0/24"
# A line of what `hinomi init` writes, and what it becomes.
DARKNET_MODE = ("#dark: [198.18.0.0/16]", f"dark: [{DARK}]")
MIRROR_MODE = ("  #ranges: auto", f"  ranges: [{MIRRORED}]")
MACHINE = "203.0.113.77"  # behind the mirror
STRANGER = "192.0.2.99"


def make_station(folder, change=None):
    """As `hinomi init` makes it, without a question, but for one line."""
    station = Station(PROGRAM, folder)
    made = subprocess.run([str(PROGRAM), "init", str(folder), "--lang", "en"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if made.returncode != 0:
        raise AssertionError(made.stderr)
    if change is not None:
        lines = (folder / "station.yaml").read_text().splitlines()
        points.same(lines.count(change[0]), 1, f"one line becomes: {change[1].strip()}")
        station.configure("".join(f"{change[1] if line == change[0] else line}\n" for line in lines))
    return station, made.stdout


@contextlib.contextmanager
def running(*stations):
    for station in stations:
        station.start()
    try:
        for station in stations:
            scene.await_open(station, 1)
        yield
    finally:
        for station in stations:
            if station.child.poll() is None:
                station.kill_all()


def found(station):
    """What it accuses, and what of."""
    return {(row["rule"], row["subject"]) for row in station.rows("select rule, subject from incident where drill = 0 and "
                                                                  "coalesce(close_reason, '') != 'withdrawn'")}


def awaits(station, rule, subject, title):
    began = time.monotonic()
    while time.monotonic() < began + FOUND_S and (rule, subject) not in found(station):
        time.sleep(0.1)
    points.ok((rule, subject) in found(station), title, (rule, subject), found(station), *station.lines()[-10:])
    print(f"# after {time.monotonic() - began:.1f} s")


def start_worm(office, machine, kind, address, targets):
    child = subprocess.Popen([*lan.enter(machine), sys.executable, str(HERE / "worm.py"), "eth0", targets, PORT, str(RATE), str(WORM_S)],
                             stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    child.stdin.write(f"{kind} {address}\n")
    child.stdin.close()
    office.children.append(child)
    return child


def ends(title, station, worms, expected):
    """When all has come, nobody else is accused."""
    for worm in worms:
        worm.wait(FOUND_S)
    time.sleep(1)
    points.same(station.stop(), 0, f"{title}: it ends when it is told to")
    points.same({subject for _, subject in found(station)}, expected, f"{title}: nobody else is accused")


def try_office(folder, office):
    """`hinomi init && hinomi run`."""
    station, said = make_station(folder)
    networks = f"{lan.NETWORK}.0/24, {lan.PREFIX}::/64" if lan.HAS_IPV6 else f"{lan.NETWORK}.0/24"
    points.ok(f"Found: vb ({networks}), gateway {lan.NETWORK}.1 at vb" in said and "It will watch vb." in said,
              "hinomi init finds out where it stands", said)
    with running(station):
        time.sleep(USUAL_S)
        points.same(found(station), set(), "ordinary work is no incident")
        worms = [start_worm(office, "h5", "connect", office.addresses["h5"], f"{lan.NETWORK}.0/24")]
        expected = {office.addresses["h5"]}
        if lan.HAS_IPV6:
            worms.append(start_worm(office, "h4", "connect", office.addresses6["h4"], f"{lan.PREFIX}::/120"))
            expected.add(office.addresses6["h4"])
        awaits(station, "scan.sweep", office.addresses["h5"], "the worm is found by what it asks of everybody (ARP)")
        if lan.HAS_IPV6:
            awaits(station, "scan.sweep", office.addresses6["h4"], "another one by neighbour solicitation")
        else:
            points.skip("another one by neighbour solicitation", "this kernel has no IPv6")
        ends("an office", station, worms, expected)
    severities = [row["severity"] for row in station.rows("select severity from incident where drill = 0")]
    points.same(severities, ["high"] * len(expected), "and what it does is serious")


def try_without_address(folder, office):
    """A port on which the station has no address itself: whose network it is, it hears."""
    lan.run("b", "ip", "address", "flush", "dev", "vb")
    lan.run("b", "sysctl", "-qw", "net.ipv6.conf.vb.disable_ipv6=1")
    station, said = make_station(folder)
    points.ok("It will watch vb." in said, "without an address: it watches that interface", said)
    with running(station):
        # tables of neighbours are asked for anew
        for machine in office.machines:
            lan.run(machine, "ip", "neighbour", "flush", "all")
        heard = station.await_lines(1, "greynet.range", f"{lan.PREFIX}::/64" if lan.HAS_IPV6 else f"{lan.NETWORK}.0/24",
                                    seconds=FOUND_S)
        points.ok(heard, "without an address: the network is heard", *station.lines()[-10:])
        worms = [start_worm(office, "h3", "connect", office.addresses["h3"], f"{lan.NETWORK}.0/24")]
        expected = {office.addresses["h3"]}
        if lan.HAS_IPV6:
            worms.append(start_worm(office, "h2", "connect", office.addresses6["h2"], f"{lan.PREFIX}::/120"))
            expected.add(office.addresses6["h2"])
        for subject in sorted(expected):
            awaits(station, "scan.sweep", subject, f"without an address: a worm is found ({'IPv6' if ':' in subject else 'ARP'})")
        ends("without an address", station, worms, expected)


def try_modes(folder, office):
    """The same traffic at three stations. What goes to the darknet, and by the mirror, is the same on this wire."""
    plain, _ = make_station(folder / "plain")
    darknet, _ = make_station(folder / "darknet", DARKNET_MODE)
    mirror, _ = make_station(folder / "mirror", MIRROR_MODE)
    with running(plain, darknet, mirror):
        inside = office.addresses["h1"]
        worms = [start_worm(office, "h1", "raw", inside, DARK), start_worm(office, "h2", "refused", MACHINE, ELSEWHERE),
                 start_worm(office, "h3", "raw", STRANGER, DARK)]
        awaits(darknet, "scan.dark", inside, "darknet mode: whoever of this network asks for it is found")
        awaits(mirror, "scan.live", MACHINE, "mirror mode: a machine of the range is found")
        for worm in worms:
            worm.wait(FOUND_S)
        time.sleep(1)
        points.same([station.stop() for station in (plain, darknet, mirror)], [0, 0, 0], "they end when they are told to")
    points.ok(("scan.dark", inside) not in found(plain) and MACHINE not in {subject for _, subject in found(plain)},
              "without the lines neither is", found(plain))
    for name, station, expected in (("darknet", darknet, {inside}), ("mirror", mirror, {inside, MACHINE})):
        points.ok({subject for _, subject in found(station)} <= expected, f"{name} mode: nobody else is accused", found(station))


def try_listen(folder):
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        points.skip("a network with a worm", f"{missing[0]} is not installed (conf/packages.txt)")
        return
    office = Lan(folder)
    try:
        points.ok(all(office.addresses.values()) and all(office.addresses6.values()), "an office's machines have their addresses",
                  office.addresses, office.addresses6)
        office.start_talk()
        try_office(folder / "office", office)
        try_modes(folder, office)
        try_without_address(folder / "bare", office)
    finally:
        office.stop()
