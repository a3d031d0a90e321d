"""What all adversities need: a station of some members in this network namespace, a mail server, machines that scan on the other
end of the wire, and what must hold in the end.
"""
import collections
import email
import email.policy
import os
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(TOP / "tests" / "tools"), str(TOP / "tests" / "netns")]
from smtp_server import SmtpServer
from station import Station

MEMBERS = 4
TRAFFIC = TOP / "tests" / "kills" / "traffic.py"
INTERFACE = "vb"
OTHER_END = "va"
FOUND_S = 30
CONFIG = """\
station: {{name: adversity, language: en, zone: UTC}}
sources: [{source}]
dark: [198.18.0.0/16]
operator: {{mail: ops@station.example}}
mail: {{server: "127.0.0.1:{port}", {security}, from: hinomi@station.example}}
notices: {{cap: 1000}}
canary: {{every: {canary}}}
{more}"""


class Scene:
    """Of one adversity."""

    def __init__(self, points, program, folder, wire):
        self.points = points
        self.program = program
        self.folder = folder
        self.wire = wire  # words before a command at the other end

    def make(self, folder=None, server=None, members=MEMBERS, **settings):
        """A station that was never started, and its mail server."""
        server = server or SmtpServer()
        station = Station(self.program, folder or self.folder / "station")
        values = {"source": f"ring:{INTERFACE}", "security": "security: none", "canary": "0", "more": "", **settings}
        station.make(CONFIG.format(port=server.port, **values))
        for member in range(members):
            station.add_member(f"member-{member}", [f"10.{member}.0.0/16"], f"soc@member-{member}.example")
        return station, server

    def send(self, machines, between, members=MEMBERS):
        return Traffic(self.wire, machines, between, members)


class Traffic:
    """Machines that scan, one more each `between` seconds."""

    def __init__(self, wire, machines, between, members):
        self.machines = machines
        self.child = subprocess.Popen([*wire, sys.executable, str(TRAFFIC), OTHER_END, str(members), str(machines), str(between),
                                       "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.begun = []

    def await_machines(self, count):
        """Until so many have begun; gives their addresses."""
        while len(self.begun) < count:
            line = self.child.stdout.readline().strip()
            if not line:
                raise AssertionError("the traffic has ended")
            self.begun.append(line)
        return self.begun

    def stop(self):
        self.child.stdin.close()
        self.child.wait(timeout=30)


def letters_of(server):
    """Message-ID -> what was accepted under it."""
    accepted = collections.defaultdict(list)
    for message, _ in server.messages:
        parsed = email.message_from_bytes(message, policy=email.policy.default)
        accepted[str(parsed["Message-ID"]).strip(" <>")].append(message)
    return accepted


def subjects_of(station):
    return {row["subject"] for row in station.rows("select subject from incident where severity != 'info'")}


def told_of(station, server):
    """Machines about which a first letter was taken over."""
    accepted = letters_of(server)
    rows = station.rows("select i.subject, n.message_id from notice n join incident i on i.id = n.incident_id "
                        "where n.kind = 'first'")
    return {row["subject"] for row in rows if row["message_id"] in accepted}


def await_true(what, seconds=FOUND_S, pause=0.1):
    """Until it is; how long that took, or None."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if what():
            return time.monotonic() - begun
        time.sleep(pause)
    return None


def await_told(station, server, machines, seconds=FOUND_S):
    return await_true(lambda: set(machines) <= told_of(station, server), seconds)


def check_once(points, station, server, what):
    """Every machine one incident, every letter one Message-ID, every copy the same."""
    rows = station.rows("select member, subject, rule from incident")
    twice = [key for key, count in collections.Counter(tuple(row.values()) for row in rows).items() if count > 1]
    firsts = collections.Counter((row["incident_id"], row["contact_id"])
                                 for row in station.rows("select incident_id, contact_id from notice where kind = 'first'"))
    accepted = letters_of(server)
    unknown = set(accepted) - {row["message_id"] for row in station.rows("select message_id from notice")}
    if station.count_lines("store.removed", "notices"):
        # Letters that belong to no incident were removed, when the disk had no room for them.
        unknown = {name for name in unknown if not name.startswith("alarm")}
    altered = [name for name, copies in accepted.items() if len(set(copies)) > 1]
    sound = station.rows("pragma integrity_check")[0]["integrity_check"]
    points.ok(not twice and all(count == 1 for count in firsts.values()) and not unknown and not altered and sound == "ok",
              f"{what}: one incident and one letter each, the same in each copy, in a sound database",
              twice, firsts, unknown, altered, sound, *station.lines()[-15:])
    return sum(len(copies) - 1 for copies in accepted.values())


def pids(station):
    return {name: number for name, number in station.duties().items()}


def tell(*words):
    print("#", *words, flush=True)
