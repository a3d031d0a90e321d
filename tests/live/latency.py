"""How long it takes from a machine's first hostile packet to the letter about it: accepted by a mail server (a Postfix of our own,
over TLS, with a password), and in the mailbox. With the windows and pauses that a station has by default."""
import email
import email.policy
import os
import random
import re
import shutil
import subprocess
import sys
import time

import scene
import wire
from scene import HERE, TOP, points

sys.path.insert(0, str(TOP / "tests" / "smtp"))
import certificates
from postfix import NEEDED, Postfix

RUNS = 10
SOAK_RUNS = 100
MEMBERS = 10
MEDIAN_MAX_S = 3
WORST_MAX_S = 10
WAIT_S = 20
RATE = 10  # addresses a second: no fast one
SECONDS = 4
PAUSE_S = (0.3, 2.0)  # between two worms: at any moment of the station's turns and windows
ASKED = "198.18.0.0/16"
PORT = 445
READER = "soumu@town.example"
CONFIG = """\
station: {{name: live, language: en, zone: UTC}}
sources: ["ring:vb"]
dark: [198.18.0.0/16]
metrics: {{listen: off}}
operator: {{mail: ops@town.example}}
mail: {{server: "127.0.0.1:{port}", security: starttls, user: kita, password_file: keys/password, ca_file: keys/authority.pem,
        from: noc@example.jp, helo: station.example}}
"""


def make_station(folder, server, certs):
    station = scene.Station(wire.PROGRAM, folder / "station")
    station.make(CONFIG.format(port=server.port))
    password = station.folder / "keys" / "password"
    password.write_text("secret\n")
    password.chmod(0o600)
    shutil.copy(certs.authority, station.folder / "keys" / "authority.pem")
    for member in range(MEMBERS):
        station.add_member(f"member-{member}", [f"10.{member}.0.0/16"], READER)
    return station


def address_of(run):
    return f"10.{run % MEMBERS}.1.{run // MEMBERS + 1}"


def start_worms(runs):
    inside = ["ip", "netns", "exec", f"{wire.NAME}-a"]
    for run in range(runs):
        wire.inside("a", "ip", "address", "add", f"{address_of(run)}/32", "dev", "va")
    wire.inside("a", "ip", "route", "add", ASKED, "dev", "va")
    return subprocess.Popen([*inside, sys.executable, str(HERE / "worm.py"), "va", ASKED, str(PORT), str(RATE), str(SECONDS)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def play(station, runs):
    """When each machine sent its first packet."""
    worms = start_worms(runs)
    began = {}
    for run in range(runs):
        worms.stdin.write(f"{'raw' if run % 2 else 'connect'} {address_of(run)}\n")
        worms.stdin.flush()
        address, moment = worms.stdout.readline().split()
        began[address] = float(moment)
        time.sleep(random.uniform(*PAUSE_S))
    worms.stdin.close()
    worms.wait(timeout=wire.SECONDS_MAX)
    station.await_rows("select count(*) from notice where kind = 'first' and state = 'delivered'", runs, seconds=WAIT_S)
    return began


def accepted_at(station):
    """When the server took the first letter about each machine."""
    rows = station.rows("select incident.subject as subject, delivered_us from notice join incident on incident.id = notice.incident_id "
                        "where notice.kind = 'first' and notice.state = 'delivered'")
    return {row["subject"]: row["delivered_us"] / 1e6 for row in rows}


def arrived_at(server, runs):
    """When it lay in the mailbox."""
    server.delivered(runs)
    arrived = {}
    for path in (server.folder / "mail/soumu/new").glob("*"):
        letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        text = next(letter.iter_parts(), letter).get_content()
        for address in set(re.findall(r"\b10\.\d+\.1\.\d+\b", f"{letter['Subject']}\n{text}")):
            moment = path.stat().st_mtime
            arrived[address] = min(moment, arrived.get(address, moment))
    return arrived


def tell(title, began, ended):
    """Median, 90 % and worst of all that came."""
    took = sorted(ended[address] - moment for address, moment in began.items() if address in ended)
    if not took:
        return None
    median, most, worst = took[len(took) // 2], took[len(took) * 9 // 10], took[-1]
    print(f"# from the first hostile packet to {title}: median {median:.2f} s, 90 % {most:.2f} s, worst {worst:.2f} s of {len(took)}")
    return median, worst


def judge(station, title, began, ended):
    missing = sorted(set(began) - set(ended))
    points.ok(not missing, f"{title}: about each machine", missing, *station.lines()[-8:])
    median, worst = tell(title, began, ended) or (float("inf"), float("inf"))
    points.ok(median < MEDIAN_MAX_S, f"{title}: in less than {MEDIAN_MAX_S} s, half of the time", median)
    points.ok(worst < WORST_MAX_S, f"{title}: in less than {WORST_MAX_S} s, always", worst)


def try_latency(folder):
    missing = [name for name in NEEDED if shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") is None]
    if missing:
        points.skip("latency", f"{missing[0]} is not installed (conf/packages.txt)")
        return
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    runs = SOAK_RUNS if os.environ.get("HINOMI_SOAK") == "1" else RUNS
    certs = certificates.Certificates(folder)
    server = Postfix(certs)
    station = make_station(folder, server, certs)
    try:
        station.start()
        scene.await_open(station, 1)
        began = play(station, runs)
        arrived = arrived_at(server, runs)
        points.same(station.stop(), 0, "it ends when it is told to")
        judge(station, "a mail server that took the letter", began, accepted_at(station))
        judge(station, "the mailbox", began, arrived)
        accused = {row["subject"] for row in station.rows("select subject from incident where drill = 0")}
        points.same(sorted(accused), sorted(began), "nobody else is accused")
    finally:
        if station.child and station.child.poll() is None:
            station.kill_all()
        server.stop()
