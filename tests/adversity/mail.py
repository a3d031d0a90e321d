"""Mail servers that are away, slow, refuse for now and for good, break off when they have a letter, hang, and show wrong
certificates: each of them of another member, all at the same time. Each letter is delivered when it can be, or marked as one that
cannot; and nobody waits for who is slow. The short form does not wait for the minute after which a letter is tried again: it asks for
that, as an operator would.
"""
import os
import socket
import subprocess
import threading
import time

from certificates import Certificates
from scene import Scene, await_true, check_once, letters_of, tell
from smtp_server import DROP, SmtpServer

IS_SOAK = os.environ.get("HINOMI_SOAK") == "1"
SLOW_S = 1.0
HANG_S = 15 if IS_SOAK else 6
QUICK_S = 15
AGAIN_S = 100  # the second attempt comes after a minute and a fifth of one at most


def recipient(session):
    """The member to whom the letter under way goes."""
    said = [line for line, _ in session.heard if line.upper().startswith("RCPT")]
    return int(said[-1].split("member-")[1].split(".")[0]) if said and "member-" in said[-1] else 0


class Members:
    """What becomes of letters to each member; and how often it was tried."""

    def __init__(self):
        self.attempts = {}
        self.lock = threading.Lock()
        self.script = {"rcpt": self.rcpt, "data": self.data, "end": self.end}

    def count(self, member):
        with self.lock:
            self.attempts[member] = self.attempts.get(member, 0) + 1
            return self.attempts[member]

    def rcpt(self, session):
        member = recipient(session)
        attempt = self.count(member)
        if member == GREY and attempt == 1:
            return "451 4.7.1 greylisted, come again"
        if member == REFUSED:
            return "550 5.1.1 no such user here"
        if member == SLOW:
            time.sleep(SLOW_S)
        return "250 ok"

    def data(self, session):
        member = recipient(session)
        if member == HANGING and self.attempts[member] == 1:
            time.sleep(HANG_S)
            return DROP
        if member == SLOW:
            time.sleep(SLOW_S)
        session.send(b"354 go on\r\n")
        session.messages.append((session.message(), session.in_tls))
        session.say("end")
        return None

    def end(self, session):
        member = recipient(session)
        if member == BREAKING and self.attempts[member] == 1:
            return DROP
        if member == SLOW:
            time.sleep(SLOW_S)
        return "250 taken"


PLAIN, GREY, REFUSED, BREAKING, SLOW, HANGING = range(6)
MEMBERS = 6
# Of the first letter to each member: its state and attempts in the end, and a word of the reply.
AGAIN = 2 if IS_SOAK else 1  # who asks for it begins to count anew
ENDS = [
    (PLAIN, "an ordinary server", "delivered", 1, "taken"),
    (GREY, "one that says to come again", "delivered", AGAIN, "taken"),
    (REFUSED, "one that knows no such user", "failed", 1, "550"),
    (BREAKING, "one that breaks off after the dot", "delivered", AGAIN, "taken"),
    (SLOW, "a slow one", "delivered", 1, "taken"),
    (HANGING, "one that hangs", "delivered", AGAIN, "taken"),
]


def reserve_port():
    """A port on which nobody listens yet."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def first_letters(station):
    """Of each member."""
    rows = station.rows("select n.*, i.member, c.address from notice n join incident i on i.id = n.incident_id "
                        "join contact c on c.id = n.contact_id where n.kind = 'first'")
    return {int(row["address"].split("member-")[1].split(".")[0]): row for row in rows if "member-" in row["address"]}


def try_again(station, members):
    """What waits after its first attempt is tried now."""
    if IS_SOAK:
        return True
    if await_true(lambda: is_at(station, [(member, "waiting", 1) for member in members])) is None:
        return False
    there = first_letters(station)
    for member in members:
        subprocess.run([station.program, "notice", "resend", str(there[member]["id"]), "--station", str(station.folder)], check=True,
                       stdout=subprocess.DEVNULL)
    return True


def is_at(station, wanted):
    there = first_letters(station)
    return all(member in there and there[member]["state"] == state and there[member]["attempts"] >= attempts
               for member, state, attempts in wanted)


def begin_many(scene):
    members = Members()
    station, server = scene.make(server=SmtpServer(members.script), members=MEMBERS)
    station.start()
    return station, server


def check_many(points, station, server):
    ends = [(member, state, attempts) for member, _, state, attempts, _ in ENDS]
    points.ok(try_again(station, [GREY, BREAKING, HANGING]) and await_true(lambda: is_at(station, ends), AGAIN_S) is not None,
              "mail: all letters come to their ends", *first_letters(station).values())
    there = first_letters(station)
    for member, name, state, attempts, word in ENDS:
        row = there.get(member, {"state": "", "attempts": 0, "reply": ""})
        points.ok(row["state"] == state and row["attempts"] == attempts and word in row["reply"],
                  f"mail: {name}: {state} at attempt {attempts}", row)
    repeated = check_once(points, station, server, "mail")
    broken = [copies for name, copies in letters_of(server).items() if name == there[BREAKING]["message_id"]]
    points.ok(len(broken) == 1 and len(broken[0]) == 2 and repeated == 1,
              "mail: what was broken off after the dot came twice, as the same", repeated)


def check_away(points, station, server):
    took = await_true(lambda: is_at(station, [(0, "delivered", AGAIN)]), AGAIN_S)
    rows = list(first_letters(station).values())
    points.ok(took is not None and rows[0]["attempts"] == AGAIN and len(rows) == 1, "mail: a server that was away gets its letter when it is back", *rows)
    check_once(points, station, server, "mail, a server that was away")


def check_certificate(points, station, server):
    points.ok(await_true(lambda: any(row["attempts"] == 1 for row in first_letters(station).values())) is not None,
              "mail: a certificate that has expired: the letter waits", *station.lines()[-5:])
    rows = list(first_letters(station).values())
    points.ok(rows and rows[0]["state"] == "waiting" and "certificate" in rows[0]["reply"], "and why is known", *rows)
    points.ok(not any(line.upper().startswith("MAIL") for line, _ in server.heard), "and nothing was said to that server",
              *server.heard)


def play(scene: Scene):
    points = scene.points
    made = Certificates(scene.folder)
    secure, tls = scene.make(scene.folder / "secure", SmtpServer(pair=made.pair("expired")), members=1,
                             security=f"security: starttls, ca_file: {made.authority}")
    port = reserve_port()
    away = type("Port", (), {"port": port})
    lonely, _ = scene.make(scene.folder / "lonely", away, members=1)
    station, server = begin_many(scene)
    secure.start()
    lonely.start()
    for one in (station, secure, lonely):
        one.await_lines(1, "source.open")
    traffic = scene.send(MEMBERS, 0.05, members=MEMBERS)
    try:
        quick = await_true(lambda: is_at(station, [(PLAIN, "delivered", 1), (SLOW, "delivered", 1), (REFUSED, "failed", 1)]), QUICK_S)
        points.ok(quick is not None, "mail: while one hangs, the letters of others come at once", *first_letters(station).values())
        check_certificate(points, secure, tls)
        points.ok(await_true(lambda: any(row["attempts"] == 1 for row in first_letters(lonely).values())) is not None,
                  "mail: nobody listens: the letter waits", *lonely.lines()[-5:])
        back = SmtpServer(port=port)
        tls.context.load_cert_chain(made.pair("good"))
        for one in (lonely, secure):
            points.ok(try_again(one, [0]), f"mail: {one.folder.name}: a letter that waits can be sent again", *one.lines()[-5:])
        check_many(points, station, server)
        check_away(points, lonely, back)
        points.ok(await_true(lambda: all(row["state"] == "delivered" for row in first_letters(secure).values()), AGAIN_S) is not None,
                  "mail: with a good certificate it goes", *first_letters(secure).values())
        points.ok(all(in_tls for _, in_tls in tls.messages), "and never in the clear")
        tell(f"letters: quick ones after {quick or -1:.1f} s; attempts {[row['attempts'] for row in first_letters(station).values()]}")
    finally:
        traffic.stop()
        for one in (station, secure, lonely):
            points.same(one.stop(), 0, f"mail: {one.folder.name} ends when it is told to")
