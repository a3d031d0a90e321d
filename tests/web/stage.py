"""The stations before which the page is tried, and what the scripts ask of whoever has them.

Each is a context with `url`, `values` (for its script), `check(part)`, and a function for each question.
"""
import json
import random
import re
import socket
import sqlite3
import struct
import subprocess
import threading
import time

import mail_catcher
import station

TOWN, TOWN_MAIL, OPERATOR_MAIL = "sakura-town", "soumu@sakura.example", "operator@watch.example"
MACHINE = "198.51.100.77"
HOSTILE = "<script>alert(1)</script>"  # as a member may be named
INCIDENTS = 100000
TOWER_MEMBERS = 2000
WAIT_S = 30
DAY_S = 45  # of the demonstration's day, as far as the pictures show it
CONFIG = """station: {{name: {name}, language: ja, zone: Asia/Tokyo}}
sources: [{source}]
dark: [198.18.0.0/16]
operator: {{mail: {operator}}}
mail: {{server: '127.0.0.1:{mail}', security: none, from: hinomi@watch.example}}
notices: {{digest: off}}
canary: {{every: {canary}}}
metrics: {{listen: off}}
watch: {{settle: 0}}
web: {{url: '{url}', listen: '127.0.0.1:{port}'}}
"""
SANITIZERS = ("AddressSanitizer", "LeakSanitizer", "runtime error:")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Stage:
    source = "'ring:mirror'"
    name = "北町"
    canary = "0"

    def __init__(self, program, folder):
        self.program = program
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.values = {}
        self.mail = mail_catcher.MailCatcher()
        self.station = station.Station(program, folder / "station")

    def __enter__(self):
        self.mail.__enter__()
        self.station.make(CONFIG.format(name=self.name, canary=self.canary, source=self.source, operator=OPERATOR_MAIL, mail=self.mail.port, url=self.url,
                                        port=self.port))
        self.station.write([("insert into contact (kind, address, language, severity_min, state, failures, created_us) "
                             "values ('mail', ?, 'ja', 'low', 'verified', 0, 1)", (OPERATOR_MAIL,))])
        self.fill()
        self.start()
        return self

    def __exit__(self, *_):
        if self.station.child.poll() is None:
            self.station.kill_all()
        self.mail.__exit__()

    def fill(self):
        """What is in its database before it starts."""
        self.station.add_member(TOWN, ["198.51.100.0/24"], TOWN_MAIL, language="ja")

    def check(self, part):
        status = self.station.stop()
        bad = [line for line in self.station.lines() if any(word in line for word in SANITIZERS)]
        part.ok(status == 0 and not bad, "the station ends well", status, *bad, *self.station.lines()[-5:])

    # ---- What scripts ask for ----

    def start(self):
        self.station.start()
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return {}
            except OSError:
                time.sleep(0.05)
        raise AssertionError("\n".join(self.station.lines()[-20:]))

    def stop(self):
        return {"status": self.station.stop()}

    def link(self):
        """As an operator gets one."""
        made = subprocess.run([self.program, "account", "link", "operator", "--station", str(self.station.folder)], capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, check=False)
        found = re.search(r"https?://\S+#signin=\S+", made.stdout)
        if not found:
            raise AssertionError(made.stdout + made.stderr + "\n".join(self.station.lines()[-20:]))
        return {"link": found[0]}

    def members(self):
        rows = self.station.rows("select member.name, prefix from member join prefix on member_id = member.id order by prefix.id")
        return {"members": {name: [row["prefix"] for row in rows if row["name"] == name] for name in {row["name"] for row in rows}}}

    def letter(self):
        """The link of the first letter to the town."""
        letter = self.mail.wait(lambda one: one.to == TOWN_MAIL and "/a/" in one.text, WAIT_S)
        found = letter and re.search(re.escape(self.url) + r"/a/\S+", letter.text)
        return {"link": found[0] if found else None}

    def code(self, to):
        letter = self.mail.wait(lambda one: one.to == to, WAIT_S)
        found = letter and re.search(r"^\s*([0-9A-Z]{4,}(?:-[0-9A-Z]{4,})*)\s*$", letter.text, re.MULTILINE)
        return {"code": found[1] if found else letter and letter.text}


def syn(target, port, sender=MACHINE):
    """One of the Mirai family: its sequence number is the address that it asks."""
    destination = socket.inet_aton(target)
    tcp = struct.pack(">HH4sIBBHHH", 40000 + port % 1000, port, destination, 0, 0x50, 2, 1024, 0, 0)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, 1, 0, 64, 6, 0, socket.inet_aton(sender), destination)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp + bytes(6)


class Story(Stage):
    """Before a real wire, on whose other end a machine begins to search."""

    def __enter__(self):
        super().__enter__()
        if not self.station.await_lines(1, "source.open"):
            raise AssertionError("\n".join(self.station.lines()[-20:]))
        time.sleep(0.2)
        return self

    def attack(self):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
            wire.bind(("sender", 0))
            first = time.time()
            for number in range(400):
                wire.send(syn(f"198.18.{number % 251}.{number * 7 % 253 + 1}", 23 if number % 10 else 2323))
        return {"first_ms": first * 1000}


class Views(Stage):
    """In the middle of the demonstration's day."""
    source = "'drill:demo-day?speed=720&days=30'"
    canary = "15m"

    def fill(self):
        super().fill()
        self.station.add_member("asahi-hospital", ["203.0.113.0/24"], "noc@asahi.example", language="ja")
        self.station.add_member("minato-university", ["192.0.2.0/24", "2001:db8:100::/48"], "ict@minato.example", language="en")
        self.mail.refusals["ict@minato.example"] = "550 nobody of that name"
        self.station.write([("insert into exception (rule, subject, port, reason, by, created_us, until_us) "
                             "values ('scan.sweep', '203.0.113.9/32', -1, '資産管理のスキャン（情報システム課）', '山田', 1, 1900000000000000)", ())])

    def __enter__(self):
        super().__enter__()
        self.station.await_rows("select count(*) from incident where state not in ('quiet', 'closed') and severity = 'high'", 1, DAY_S)
        self.station.await_rows("select count(*) from notice where kind = 'canary' and state = 'delivered'", 1, DAY_S)
        time.sleep(1)
        return self

    def some(self):
        incident = self.station.rows("select id from incident where severity = 'high' and rule like 'scan.%' order by packets desc limit 1")
        notice = self.station.rows("select id from notice where kind = 'first' order by id limit 1")
        return {"incident": incident[0]["id"] if incident else 1, "notice": notice[0]["id"] if notice else 1}


class Budget(Stage):
    """With so many incidents as ten years bring, some of whom wait; one of a member with a name made to do harm."""

    def __init__(self, program, folder):
        super().__init__(program, folder)
        self.values = {"incidents": INCIDENTS}

    def fill(self):
        super().fill()
        number = self.station.add_member(HOSTILE, ["192.0.2.0/24"], language="ja")
        finding = json.dumps({"type": "finding", "rule": "scan.dark", "member": HOSTILE, "subject": "192.0.2.1", "role": "actor", "packets": 400,
                              "targets": 400, "port_count": 1, "ports": [{"proto": "tcp", "port": 23, "packets": 400, "targets": 400}],
                              "severity": "high", "confidence": 0.9, "why": "<img src=x onerror=alert(1)>"})
        now = int(time.time() * 1000000)
        database = sqlite3.connect(self.station.folder / "station.db", timeout=30)
        columns = [row[1] for row in database.execute("pragma table_info(incident)")]
        plain = {"member_id": number, "member": HOSTILE, "rule": "scan.dark", "drill": 0, "severity": "high", "packets": 400, "targets": 400,
                 "port_count": 1, "relapses": 0, "told_targets": 0, "told_ports": 0, "finding": finding, "told_letters": 0, "reminders": 0}

        def row(i):
            is_open = i >= INCIDENTS - 40
            at = now - (INCIDENTS - i) * 1000000
            record = {**plain, "subject": f"192.0.2.{i % 250 + 1}", "state": "acknowledged" if is_open else "closed",
                      "close_reason": None if is_open else "fixed", "first_us": at, "last_us": at, "opened_us": at, "changed_us": at}
            return [record.get(name) for name in columns[1:]]

        with database:
            database.executemany(f"insert into incident ({', '.join(columns[1:])}) values ({', '.join('?' * (len(columns) - 1))})",
                                 (row(i) for i in range(INCIDENTS)))
        database.close()


class Tower(Stage):
    """As many members as a country has, at a wire on which all of them and very many strangers speak."""
    source = "'ring:mirror'"
    PAUSE_S, AT_ONCE = 0.02, 160  # 8,000 a second

    def __init__(self, program, folder):
        super().__init__(program, folder)
        self.values = {"members": TOWER_MEMBERS}
        self.is_over = threading.Event()
        self.thread = None

    def fill(self):
        chance = random.Random(1)
        now = int(time.time() * 1000000)
        statements = []
        for i in range(TOWER_MEMBERS):
            statements.append(("insert into member (id, name, language, zone, created_us) values (?, ?, 'en', '', 1)", (i + 1, f"member {i}")))
            statements.append(("insert into prefix (member_id, prefix, dark) values (?, ?, 0)", (i + 1, f"20.{i >> 8}.{i & 255}.0/24")))
        for i in chance.sample(range(TOWER_MEMBERS), 60):
            statements.append(("insert into incident (member_id, member, subject, rule, drill, state, severity, first_us, last_us, opened_us, "
                               "changed_us, packets, targets, port_count, relapses, told_targets, told_ports, finding, told_letters, reminders) "
                               "values (?, ?, ?, 'scan.dark', 0, 'acknowledged', ?, ?, ?, ?, ?, 9, 9, 1, 0, 0, 0, ?, 0, 0)",
                               (i + 1, f"member {i}", f"20.{i >> 8}.{i & 255}.9", chance.choice(["high", "critical"]), now, now, now, now,
                                json.dumps({"type": "finding", "rule": "scan.dark", "member": f"member {i}", "subject": f"20.{i >> 8}.{i & 255}.9",
                                            "role": "actor", "packets": 9, "targets": 9, "port_count": 1, "ports": [], "severity": "high",
                                            "confidence": 0.9, "why": "it asked dark addresses"}))))
        self.station.write(statements)

    def make_frame(self, chance):
        i = chance.randrange(TOWER_MEMBERS)
        member = f"20.{i >> 8}.{i & 255}.{chance.randrange(1, 255)}"
        stranger = f"{chance.choice((1, 45, 80, 103, 142, 185, 203))}.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"
        port = chance.choice((22, 23, 80, 443, 445, 3389, 8080))
        return syn(stranger, port, member) if chance.random() < 0.7 else syn(member, port, stranger)

    def speak(self):
        chance = random.Random(2)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
            wire.bind(("sender", 0))
            while not self.is_over.is_set():
                for _ in range(self.AT_ONCE):
                    wire.send(self.make_frame(chance))
                self.is_over.wait(self.PAUSE_S)

    def begin(self):
        self.thread = threading.Thread(target=self.speak, daemon=True)
        self.thread.start()
        return {}

    def check(self, part):
        self.is_over.set()
        if self.thread:
            self.thread.join()
        super().check(part)


class Settings(Stage):
    """Whose station.yaml can be made so that nothing can be taken over."""
    source = "'drill:demo-day'"

    def spoil(self):
        self.kept = (self.station.folder / "station.yaml").read_text()
        (self.station.folder / "station.yaml").write_text(self.kept + "memory: 1T\n")
        return {}

    def mend(self):
        (self.station.folder / "station.yaml").write_text(self.kept)
        return {}


STAGES = {"story": Story, "settings": Settings, "views": Views, "budget": Budget, "tower": Tower}
