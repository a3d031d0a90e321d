"""Two stations that watch each other: one is killed, the operator of the other hears of it, and of its end."""
import email
import email.policy
import os
import signal
import time

from smtp_server import SmtpServer
from stations import Station, beat, signed, wait_for

DEADLINE_S = 10
# From the deadline on: a look each second, a turn of the keeper, a letter, all on a busy machine.
SLACK_S = 10
# That it is over is told when it has been so for a while: with HINOMI_SOAK=1 for as long as a station waits by itself.
REST_S = 120 if os.environ.get("HINOMI_SOAK") == "1" else 3
OVER_S = REST_S + 60


def letters_of(server):
    """Subjects and texts of what came to a mail server."""
    letters = []
    for session in list(server.sessions):
        for content, _ in list(session.messages):
            message = email.message_from_bytes(content, policy=email.policy.default)
            letters.append((message["subject"], message.get_body(("plain",)).get_content()))
    return letters


def letter_about(server, *words):
    """The first that has all of these words; None when there is none."""
    for subject, text in letters_of(server):
        if all(word in subject + "\n" + text for word in words):
            return subject, text
    return None


def make(program, folder, name, server):
    station = Station(program, folder, name)
    station.add_operator(f"operator@{name}.example")
    station.mail = (f"operator: {{mail: operator@{name}.example}}\n"
                    f"mail: {{server: '127.0.0.1:{server.port}', security: none, from: hinomi@{name}.example}}\n"
                    f"canary: {{every: 0}}\nalarms: {{rest: {REST_S}s}}\n")
    return station


def configure(station, other, more=""):
    station.tell(
        "sources: ['drill:demo-day?speed=60']\n" + station.mail +
        f"metrics: {{listen: '127.0.0.1:{station.port}'}}\n"
        f"heartbeat:\n  url: 'http://127.0.0.1:{other.port}/heartbeat/{station.name}'\n  every: 5s\n"
        f"  secret_file: keys/heartbeat.secret\n  expect:\n    {other.name}: {DEADLINE_S}s\n{more}")


def try_both(part, north, south):
    for station, other in ((north, south), (south, north)):
        part.ok(wait_for(lambda: station.value("hinomi_station_up", station=other.name) == 1 and
                         (station.value("hinomi_heartbeats_taken_total") or 0) > 0, 40),
                f"{station.name} hears {other.name}, and is heard", station.text()[-2000:])
    part.same(south.value("hinomi_heartbeats_heard_total", verdict="forged"), 0.0, "none of them is taken for forged")


def try_forged(part, south):
    """By somebody who knows the way, on loopback as they are."""
    north, drone = beat("north"), beat("drone")
    now = time.time()
    rows = [
        ("signed as it should be", "drone", drone, signed(drone, now), 204),
        ("the same again", "drone", drone, signed(drone, now), 409),
        ("signed before the last one", "drone", drone, signed(drone, now - 100), 204),
        ("with another secret", "north", north, signed(north, secret="x" * 32), 403),
        ("with no secret", "north", north, {}, 403),
        ("with no time", "north", north, {"X-Hinomi-Signature": signed(north)["X-Hinomi-Signature"]}, 403),
        ("with two times", "north", north, {**signed(north), "x-hinomi-time": "1"}, 403),
        ("changed", "north", beat("north", sequence=2), signed(north), 403),
        ("under another name", "north", drone, signed(drone), 400),
        ("six minutes old", "north", north, signed(north, now - 360), 403),
        ("six minutes early", "north", north, signed(north, now + 360), 403),
        ("of nobody that is expected", "west", beat("west"), signed(beat("west")), 403),
        ("no sign of life", "north", b"{}", signed(b"{}"), 400),
        ("no body", "north", b"", signed(b""), 400),
        ("too large", "north", b" " * 2049, signed(b" " * 2049), 413),
    ]
    for name, station, body, headers, status in rows:
        got = south.ask("POST", f"/heartbeat/{station}", body, headers)
        part.ok(got[0] == status, f"a sign of life {name}: {status}", got)
    part.ok("heartbeat.refused station=" in south.text(), "what is refused is logged")
    part.ok(south.text().count("heartbeat.refused") < 5, "but not each time")


def try_hanging_keeper(part, south):
    keeper = south.pid_of("keeper")
    os.kill(keeper, signal.SIGSTOP)
    body = beat("drone", sequence=9)
    got = south.ask("POST", "/heartbeat/drone", body, signed(body))
    part.ok(got[0] == 503, "where the keeper hangs nobody is told that he was heard", got)
    os.kill(keeper, signal.SIGCONT)
    part.ok(wait_for(lambda: south.ask("POST", "/heartbeat/drone", body, signed(body))[0] == 204, 20), "and later he is")


def try_death(part, north, south, server):
    """kill -9 of all of north."""
    began = time.monotonic()
    north.kill_all()
    found = wait_for(lambda: letter_about(server, "STATION ALARM: no sign of life from north"), DEADLINE_S + SLACK_S)
    took = time.monotonic() - began
    part.ok(found, f"the death of one station is told to the other's operator, after {took:.1f} s", letters_of(server),
            south.text()[-2000:])
    part.ok(took > DEADLINE_S - 6, "not before its deadline", took)
    part.same(south.value("hinomi_station_up", station="north"), 0.0, "and stands in the numbers")
    part.ok(wait_for(lambda: letter_about(server, "watcher", "127.0.0.1"), 45),
            "that north does not take ours any more is told after five of them", letters_of(server), south.text()[-2000:])
    north.start()
    part.ok(wait_for(lambda: south.value("hinomi_station_up", station="north") == 1, 30), "it is back")
    over = wait_for(lambda: [subject for subject, _ in letters_of(server) if "[hinomi]" in subject and "over" in subject.lower()]
                    [1:], OVER_S)
    part.ok(over, "that both are over is told", [subject for subject, _ in letters_of(server)])


def try_peers(part, program, folder):
    with SmtpServer() as north_server, SmtpServer() as south_server:
        north = make(program, folder, "north", north_server)
        south = make(program, folder, "south", south_server)
        configure(north, south)
        configure(south, north, "    drone: 1h\n")
        north.start()
        south.start()
        try:
            try_both(part, north, south)
            try_forged(part, south)
            try_hanging_keeper(part, south)
            try_death(part, north, south, south_server)
            part.same(letters_of(north_server), [], "the operator of north heard of nothing")
        finally:
            part.same(north.end(), (0, []), "north ends well")
            part.same(south.end(), (0, []), "south ends well")
