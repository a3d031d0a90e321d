"""A station with members that know nothing of each other, and whoever asks its API.

Each member has words that stand nowhere else, and addresses that are nobody else's.
"""
import base64
import hashlib
import http.client
import ipaddress
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
from mail_catcher import free_port
from station import Station

BASE_S = 1_772_409_600  # 2026-03-02
DARK = ipaddress.ip_network("198.18.0.0/16")
NAMES = ["amberfield", "basaltburg", "cobaltside"]
ROOMS = [["198.51.100.0/28", "2001:db8:a::/48"], ["203.0.113.0/28", "2001:db8:b::/48"], ["198.51.100.64/28"]]
CONFIG = """\
station: {{name: watchtower, language: en, zone: Asia/Tokyo}}
sources: ["pcap:{capture}?speed=max"]
dark: [198.18.0.0/16]
operator: {{mail: keeperofall@station.example, webhook: "https://hooks.example/verysecretpath"}}
mail: {{server: "127.0.0.1:9", security: none, from: hinomi@station.example}}
notices: {{settle: 0}}
canary: {{every: 0}}
metrics: {{listen: "127.0.0.1:{metrics}"}}
web: {{listen: "127.0.0.1:{port}"}}
"""


class Member:
    def __init__(self, number):
        self.name = NAMES[number]
        self.rooms = [ipaddress.ip_network(room) for room in ROOMS[number]]
        self.note = f"=notesof{self.name}"  # a spreadsheet would run it
        self.contact = f"desk.{self.name}@town.example"
        self.reason = f"known-{self.name}-printer"
        self.words = [self.name, self.contact]
        self.id = None
        self.machine = self.rooms[0][5]


def frame(source, target, port):
    tcp = struct.pack(">HHIIBBHHH", 40000 + port % 1000, port, 1, 0, 5 << 4, 2, 1024, 0, 0)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, 40, 1, 0, 60, 6, 0, source.packed, target.packed) + tcp


def write_capture(path, members):
    frames = []
    for number, member in enumerate(members):
        port = [23, 445, 3389][number % 3]
        frames += [(BASE_S + 60 * number + i / 50, frame(member.machine, DARK[1000 * number + i], port)) for i in range(300)]
    frames.sort(key=lambda each: each[0])
    frames.append((BASE_S + 4000, frame(ipaddress.ip_address("192.0.2.200"), DARK[7], 1)))
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for at, bytes_ in frames:
            out.write(struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(bytes_), len(bytes_)) + bytes_)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {key.lower(): value for key, value in response.getheaders()}
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)


class Caller:
    """Somebody with a session, or nobody."""

    refusals = []  # of all of them

    def __init__(self, port, role, token=None, member=None):
        self.port = port
        self.role = role
        self.token = token
        self.member = member
        self.connection = None

    def ask(self, path, method="GET", headers=None, body=None):
        answer = self.ask_once(path, method, headers, body)
        if answer.status >= 400 and answer.headers.get("content-type", "").startswith("application/problem+json"):
            problem = answer.json()
            Caller.refusals.append((method, path, answer.status, problem.get("code"), problem.get("values"), problem["detail"]))
        return answer

    def ask_once(self, path, method, headers, body):
        headers = {**({"Cookie": f"hinomi={self.token}"} if self.token else {}), **(headers or {})}
        for attempt in range(2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
            try:
                self.connection.request(method, path, body=body, headers=headers)
                return Answer(self.connection.getresponse())
            except (http.client.HTTPException, OSError):
                self.connection.close()
                self.connection = None
                if attempt == 1:
                    raise
        return None

    def get(self, path, **query):
        query = {key: value for key, value in query.items() if value is not None}
        return self.ask("/api/v1" + path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def send(self, method, path, **body):
        return self.ask("/api/v1" + path, method, {"Content-Type": "application/json"}, json.dumps(body).encode())

    def listen(self, path="/api/v1/events"):
        """A connection by which events come."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        connection.request("GET", path, headers={"Cookie": f"hinomi={self.token}"})
        return connection, connection.getresponse()


def finding(member, subject, port, number):
    return json.dumps({"type": "finding", "rule": "scan.dark", "member": member, "subject": subject, "role": "actor",
                       "first": "2026-03-01T00:00:00.000000Z", "last": "2026-03-01T00:10:00.000000Z", "packets": 100 + number,
                       "targets": 90, "port_count": 1, "shape": "horizontal",
                       "ports": [{"proto": "tcp", "port": port, "packets": 100 + number, "targets": 90}], "source_ports": [],
                       "attribution": "one-way", "spoof": {"estimate": "unlikely", "reasons": []}, "severity": "low",
                       "confidence": 0.9, "why": "because"}, separators=(",", ":"))


class Town:
    def __init__(self, program, folder):
        self.program = program
        self.port = free_port()
        self.station = Station(program, folder / "station")
        self.members = [Member(number) for number in range(len(NAMES))]
        capture = folder / "town.pcap"
        write_capture(capture, self.members)
        self.station.make(CONFIG.format(capture=capture, port=self.port, metrics=free_port()))
        wording = self.station.folder / "wording"
        wording.mkdir(mode=0o750, exist_ok=True)
        (wording / "en.yaml").write_text('findings:\n  who-member: "{1}, which {2} looks after"\n')
        (wording / "en.yaml").chmod(0o640)
        for member in self.members:
            member.id = self.station.add_member(member.name, [str(room) for room in member.rooms], member.contact)
            self.station.write([
                ("update member set note = ? where id = ?", (member.note, member.id)),
                ("insert into exception (member_id, rule, subject, port, reason, by, created_us) values (?, '', ?, -1, ?, 'x', 1)",
                 (member.id, str(member.rooms[0][9]) + "/32", member.reason))])
        self.callers = [Caller(self.port, "nobody"), self.add_account("boss", "operator"), self.add_account("wall", "viewer")]
        self.callers += [self.add_account(f"of-{member.name}", "member", member) for member in self.members[:2]]

    def add_account(self, name, role, member=None):
        token = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
        now_us = int(time.time() * 1e6)
        self.station.write([
            ("insert into account (name, role, member_id, language, created_us, changed_us, failures, disabled)"
             " values (?, ?, ?, 'en', 1, 1, 0, 0)", (name, role, member.id if member else None)),
            ('insert into session (account_id, token_hash, kind, created_us, until_us, "from")'
             " select id, ?, 'page', ?, ?, 'test' from account where name = ?",
             (hashlib.sha256(token.encode()).hexdigest(), now_us, now_us + 3_600_000_000, name))])
        return Caller(self.port, role, token, member)

    def caller(self, role, number=0):
        return [caller for caller in self.callers if caller.role == role][number]

    def add_incidents(self, count):
        """So many old ones, of two members: enough for pages."""
        states = ["new", "notified", "acknowledged", "in-progress", "quiet", "closed", "relapsed"]
        severities = ["info", "low", "medium", "high", "critical"]
        rows = []
        for number in range(count):
            member = self.members[number % 2]
            subject = str(member.rooms[0][[1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14][number % 13]])  # not the machine of the capture
            at_us = (BASE_S - 86400 + number // 5) * 1_000_000  # five of each time
            rows.append((member.id, member.name, subject, states[number % 7], severities[number % 5], at_us, at_us + 1_000_000, at_us,
                         at_us + 2_000_000, 100 + number, finding(member.name, subject, 1000 + number % 3, number)))
        self.station.write([
            ("insert into incident (member_id, member, subject, rule, drill, state, severity, first_us, last_us, opened_us, changed_us,"
             " packets, targets, port_count, relapses, told_targets, told_ports, finding)"
             " values (?, ?, ?, 'scan.dark', 0, ?, ?, ?, ?, ?, ?, ?, 90, 1, 0, 0, 0, ?)", row) for row in rows])

    def add_troubles(self):
        """What the station tells of itself."""
        now_us = int(time.time() * 1e6)
        self.station.write([
            ("insert into gap (source, from_us, to_us, kind, count, detail) values ('=ring:x', ?, ?, 'capture-ended', 3, null)",
             (now_us - 7_200_000_000, now_us - 3_600_000_000)),
            ("insert into notice (contact_id, kind, message_id, subject, body, state, attempts, next_us, last_us, created_us, delivered_us)"
             " values (1, 'canary', 'c@x', 'a test', x'', 'delivered', 1, ?, ?, ?, ?)", (now_us, now_us, now_us - 2_500_000, now_us)),
            ("insert into meta (key, value) values ('alarm.disk-full.=/var/lib', ?)", (f"{now_us} {now_us}",))])

    def start(self):
        self.station.start()
        self.station.await_lines(1, "duty.begun", "duty=web")
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                if self.caller("operator").get("/now").status == 200 and self.found() >= len(self.members):
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.2)

    def found(self):
        return next(iter(self.station.rows("select count(distinct member_id) from incident where opened_us >= ?", BASE_S * 1_000_000)[0]
                         .values()))

    def tell(self, *words):
        return subprocess.run([self.program, *words, "--station", str(self.station.folder)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60)


ADDRESS = re.compile(r"(?<![0-9a-fA-F:.])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?![0-9a-fA-F:.])")


def foreign(text, member, members):
    """What of others stands there."""
    found = []
    for other in members:
        if other is not member:
            found += [word for word in [*other.words, other.note, other.reason] if word in text]
            for written in set(ADDRESS.findall(text)):
                try:
                    address = ipaddress.ip_address(written)
                except ValueError:
                    continue
                found += [written for room in other.rooms if room.version == address.version and address in room]
    return found
