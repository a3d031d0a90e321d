"""What all tests of live stations share: the station's end of a wire, which is where these tests run, frames for it, and what
its database says of them.

`a` sends, `b` is the station's (tests/netns/wire.py). A test is started inside `b`, so that its mail servers are there as well.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path[:0] = [str(TOP / "tests" / "tools"), str(TOP / "tests" / "netns")]
import wire
from station import Station
from wire import PROGRAM, points

OPEN_S = 20
FRAME_BYTES_MAX = 1514
TOLD_S = 15
MEMBERS = {"sakura-town": ["198.51.100.0/24"], "asahi-hospital": ["203.0.113.0/24"],
           "minato-university": ["192.0.2.0/24", "2001:db8:100::/48"]}
OFFICE = {"office": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]}
EVERYBODY = {"everybody": ["0.0.0.0/0", "2000::/3", "fc00::/6"]}
DARK = ["198.18.0.0/16", "2001:db8:dead::/48"]
CONFIG = """\
station: {{name: live, language: en, zone: UTC}}
sources: [{sources}]
dark: [{dark}]
watch: {{settle: 0}}
canary: {{every: 0}}
metrics: {{listen: off}}
{more}"""


def configuration(*sources, dark=DARK, more=""):
    return CONFIG.format(sources=", ".join(f'"{source}"' for source in sources), dark=", ".join(f'"{one}"' for one in dark),
                         more=more)


@contextlib.contextmanager
def station_of(folder, config, members=None, wait=True):
    """One that runs. What it said and did is in `folder` afterwards as well."""
    station = Station(PROGRAM, folder)
    station.make(config)
    for name, prefixes in (members or {}).items():
        station.add_member(name, prefixes)
    station.start()
    try:
        if wait:
            await_open(station, config.split("sources: [")[1].split("]")[0].count(":"))
        yield station
    finally:
        if station.child.poll() is None:
            station.kill_all()


def await_open(station, count, seconds=OPEN_S):
    """Until so many sources were opened."""
    is_open = station.await_lines(count, "source.open", seconds=seconds)
    if not is_open:
        points.ok(False, "the station watches", *station.lines()[-20:])
    time.sleep(0.1)  # bound, and then made promiscuous
    return is_open


def drill_frames(folder, name, *options):
    path = folder / f"{name}.pcap"
    subprocess.run([str(PROGRAM), "drill", "write", name, str(path), *options], check=True, capture_output=True)
    return frames_of(path)


def frames_of(path):
    """As many as an Ethernet carries: some captures hold what a card had put together."""
    return [frame for frame in wire.read_frames(path) if len(frame) <= FRAME_BYTES_MAX]


def words_of(line):
    """The fields of a line of the log."""
    return {name: quoted or plain for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', line)}


def counts_of(station):
    """What each source gave, and what the kernel dropped of it, summed over all times that it was open. Of a station that ended."""
    found = {}
    for line in station.lines():
        if "source.closed" in line:
            words = words_of(line)
            frames, dropped = found.get(words["source"], (0, 0))
            found[words["source"]] = (frames + int(words["frames"]), dropped + int(words["dropped"]))
    return found


def findings_of(station):
    """Of its incidents that stand, as `hinomi read` would print them: what more packets spoke against was withdrawn. Beside that a
    record has `codes`, of which letters are made."""
    rows = station.rows("select finding from incident where coalesce(close_reason, '') != 'withdrawn' order by subject, rule")
    return [{key: value for key, value in json.loads(row["finding"]).items() if key != "codes"} for row in rows]


def in_order(findings):
    return sorted(findings, key=lambda one: (one["subject"], one["rule"]))


def member_options(members, dark=DARK):
    options = []
    for name, prefixes in members.items():
        options += ["--member", f"{name}={','.join(prefixes)}"]
    for one in dark:
        options += ["--dark", one]
    return options


def read_findings(members, *paths, dark=DARK):
    """What `hinomi read` says of captures: findings, and its summary."""
    done = subprocess.run([str(PROGRAM), "read", "--format", "json", *member_options(members, dark), *map(str, paths)],
                          capture_output=True, text=True, timeout=wire.SECONDS_MAX)
    return wire.split([json.loads(line) for line in done.stdout.splitlines()])


def make_ends(name):
    """The namespaces `NAME-a` and `NAME-b`, and a wire between them. False where that is not allowed."""
    for end in "ab":
        namespace = f"{name}-{end}"
        if wire.ip("netns", "add", namespace).returncode != 0:
            return False
        within = ["netns", "exec", namespace]
        wire.ip(*within, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        wire.ip(*within, "ip", "link", "set", "lo", "up")
    return make_wire(name)


def make_wire(name, first="va", second="vb"):
    made = wire.ip("link", "add", first, "netns", f"{name}-a", "type", "veth", "peer", "name", second, "netns", f"{name}-b")
    for end, interface in (("a", first), ("b", second)):
        wire.ip("netns", "exec", f"{name}-{end}", "ip", "link", "set", interface, "up", "arp", "off")
    return made.returncode == 0
