"""A station with many incidents stored, for what is measured of its page."""
import base64
import hashlib
import json
import os
import pathlib
import socket
import sqlite3
import sys
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

CONFIG = """station: {{name: North watch, language: en}}
sources: ['drill:demo-day?days=366&speed=60']
notices: {{digest: off}}
canary: {{every: 0}}
metrics: {{listen: off}}
web: {{listen: '127.0.0.1:{port}'}}
"""
MEMBERS = 100
# One in ten is open: a keeper knows no more than 16,384 of those.
STATES = ["new"] + ["closed"] * 9
SEVERITIES = ["info", "low", "medium", "high", "critical"]
BEGAN_US = 1_775_000_000_000_000


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def finding(member, subject, number):
    """As a rule gives it (hinomi-read(1))."""
    first = "2026-04-01T00:00:00.000000Z"
    return json.dumps({
        "type": "finding", "rule": "scan.dark", "member": member, "subject": subject, "role": "actor", "first": first, "last": first,
        "packets": 254 + number, "targets": 254, "port_count": 1, "shape": "horizontal",
        "ports": [{"proto": "tcp", "port": 445, "packets": 254 + number, "targets": 254}], "source_ports": [49152, 49153],
        "attribution": "one-way", "spoof": {"estimate": "unlikely", "reasons": ["sequential source ports"]}, "severity": "high",
        "confidence": 0.98, "why": "254 addresses that nobody uses were asked for tcp/445"}, separators=(",", ":"))


def fill(station, count):
    members = [(f"town-{i}", station.add_member(f"town-{i}", [f"10.{i}.0.0/16"], f"noc@town-{i}.example")) for i in range(MEMBERS)]

    def rows():
        for i in range(count):
            name, number = members[i % MEMBERS]
            subject = f"10.{i % MEMBERS}.{i // MEMBERS // 250 % 250}.{1 + i // MEMBERS % 250}"
            at_us = BEGAN_US + i * 1_000_000
            yield (number, name, subject, STATES[i % len(STATES)], "no-answer" if STATES[i % len(STATES)] == "closed" else "",
                   SEVERITIES[i % len(SEVERITIES)], at_us, at_us + 60_000_000, at_us, at_us + 120_000_000, 254 + i,
                   finding(name, subject, i))

    with sqlite3.connect(station.folder / "station.db") as database:
        database.executemany(
            "insert into incident (member_id, member, subject, rule, drill, state, close_reason, severity, first_us, last_us,"
            " opened_us, changed_us, packets, targets, port_count, relapses, told_targets, told_ports, finding)"
            " values (?, ?, ?, 'scan.dark', 0, ?, ?, ?, ?, ?, ?, ?, ?, 254, 1, 0, 0, 0, ?)", rows())
    database.close()


def sign_in(station):
    """The token of an operator's session."""
    token = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
    now_us = int(time.time() * 1e6)
    station.write([
        ("insert into account (name, role, language, created_us, changed_us, failures, disabled) "
         "values ('bench', 'operator', 'en', 1, 1, 0, 0)", ()),
        ('insert into session (account_id, token_hash, kind, created_us, until_us, "from") '
         "select id, ?, 'page', ?, ?, 'bench' from account where name = 'bench'",
         (hashlib.sha256(token.encode()).hexdigest(), now_us, now_us + 3_600_000_000))])
    return token


def await_page(port, token, seconds=60):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/incidents?limit=50", headers={"Cookie": f"hinomi={token}"})
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read())
        except (OSError, urllib.error.HTTPError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
