"""station.yaml is read again (SIGHUP, or since settings were changed) while packets come: none is lost, what is new is in force,
and what is wrong changes nothing."""
import os
import signal
import subprocess
import threading
import time

import scene
import wire
from scene import points
from smtp_server import SmtpServer

RELOADS = 5
FRAMES = 3000
PAUSE_S = 0.002
DONE_S = 20
MAIL = """\
operator: {{mail: {operator}}}
mail: {{server: "127.0.0.1:{port}", security: none, from: hinomi@live.example}}
notices: {{settle: 0, digest: "off", cap: {cap}}}
"""


def reload(station, event="reload.done"):
    """Tells it to; until it says that it is done."""
    before = station.count_lines(event)
    os.kill(station.parent(), signal.SIGHUP)
    return station.await_lines(before + 1, event, seconds=DONE_S)


def try_traffic(folder):
    """Each frame counts: the sum of all packets of the incident is what was sent."""
    frames = list(scene.drill_frames(folder, "national-telescope", "--packets", "2000", "--sources", "20", "--seconds", "60"))
    frames = (frames * (FRAMES // len(frames) + 1))[:FRAMES]
    with scene.station_of(folder / "traffic", scene.configuration("ring:vb"), scene.MEMBERS) as station:
        sending = threading.Thread(target=wire.send, args=(frames, PAUSE_S))
        capture = station.duties()["capture"]
        keeper = station.duties()["keeper"]
        sending.start()
        done = [reload(station) for _ in range(RELOADS)]
        is_amid = sending.is_alive()
        sending.join()
        time.sleep(wire.QUIET_S)
        points.ok(all(done), "it is done each time", *station.lines()[-20:])
        points.ok(is_amid, "while packets came")
        points.same(station.duties()["capture"], capture, "the capture is the one that it was")
        points.ok(station.duties()["keeper"] != keeper, "the keeper is a new one")
        points.same(station.stop(), 0, "it ends when it is told to")
    points.same(scene.counts_of(station), {"ring:vb": (FRAMES, 0)}, "every frame is read, and none is lost")
    points.same(station.rows("select kind, from_us, to_us, detail from gap"), [], "there is no gap")
    return station


def try_settings(folder):
    """Settings are changed while packets come: the same, without a signal from anybody."""
    frames = list(scene.drill_frames(folder, "national-telescope", "--packets", "2000", "--sources", "20", "--seconds", "60"))
    frames = (frames * (FRAMES // len(frames) + 1))[:FRAMES]
    with scene.station_of(folder / "settings", scene.configuration("ring:vb"), scene.MEMBERS) as station:
        sending = threading.Thread(target=wire.send, args=(frames, PAUSE_S))
        capture = station.duties()["capture"]
        sending.start()
        changed = [subprocess.run([station.program, "setting", "set", key, value, "--station", str(station.folder)], capture_output=True,
                                  text=True, check=False) for key, value in (("notices.cap", "40"), ("alarms.rest", "3m"))]
        points.ok(all(done.returncode == 0 for done in changed), "settings are changed", *(done.stderr for done in changed))
        points.ok(station.await_lines(1, "reload.done", seconds=DONE_S), "and taken over", *station.lines()[-10:])
        points.ok(sending.is_alive(), "while packets came")
        sending.join()
        time.sleep(wire.QUIET_S)
        points.same(station.duties()["capture"], capture, "the capture is the one that it was")
        points.same(station.stop(), 0, "it ends when it is told to")
    points.same(scene.counts_of(station), {"ring:vb": (FRAMES, 0)}, "every frame is read, and none is lost")
    points.same(station.rows("select kind, from_us, to_us, detail from gap"), [], "there is no gap")


def try_letters(folder, server):
    """Contacts and caps are those of the file, each time."""
    def config(**values):
        return scene.configuration("ring:vb", more=MAIL.format(port=server.port, **values))
    with scene.station_of(folder / "letters", config(operator="one@live.example", cap=20), scene.MEMBERS) as station:
        station.configure(config(operator="two@live.example", cap=20))
        points.ok(reload(station), "with another operator")
        # the keeper that began with it writes it down in a turn of its own
        station.await_rows("select count(*) from contact where coalesce(member_id, 0) = 0 and address = 'two@live.example'", 1)
        contacts = station.rows("select address from contact where member_id is null or member_id = 0")
        points.ok(any(row["address"] == "two@live.example" for row in contacts), "who is written down", contacts)
        station.configure(config(operator="three@live.example", cap=20).replace("watch:", "wacth:"))
        points.ok(reload(station, "reload.refused"), "what is wrong is refused")
        refused = [line for line in station.lines() if "reload.refused" in line]
        points.ok("wacth" in refused[0] and "watch" in refused[0] and "station.yaml" in refused[0], "with line and nearest key", *refused)
        contacts = station.rows("select address from contact")
        points.ok(all(row["address"] != "three@live.example" for row in contacts), "and nothing of it is in force", contacts)
        station.configure(config(operator="two@live.example", cap=20) + "memory: 64M\n")
        points.ok(reload(station), "with another memory")
        points.ok(station.count_lines("reload.later", "memory") == 1, "which is said to need a start", *station.lines()[-10:])
        capture = station.duties()["capture"]
        station.configure(config(operator="two@live.example", cap=20) + "evidence: {frames: 4}\n")
        points.ok(reload(station), "with fewer first frames")
        points.ok(station.count_lines("source.anew", "ring:vb") == 1 and station.duties()["capture"] != capture,
                  "which captures are told at their start: they begin anew", *station.lines()[-10:])
        points.same(station.stop(), 0, "it ends")


def try_sources(folder):
    """One more, and one less; the one that stays is not touched."""
    name = os.environ["HINOMI_INSIDE"]
    scene.make_wire(name, "vc", "vd")
    with scene.station_of(folder / "sources", scene.configuration("ring:vb"), scene.MEMBERS) as station:
        capture = station.duties()["capture"]
        station.configure(scene.configuration("ring:vb", "ring:vd"))
        points.ok(reload(station), "with one more source")
        points.ok(station.await_lines(1, "source.open", "ring:vd", seconds=DONE_S), "it is opened", *station.lines()[-20:])
        points.ok(capture in station.duties().values(), "the other goes on")
        frames = list(scene.drill_frames(folder, "national-telescope", "--packets", "100", "--sources", "10", "--seconds", "5"))
        time.sleep(0.2)
        wire.send(frames, PAUSE_S, interface="vc")
        time.sleep(wire.QUIET_S)
        station.configure(scene.configuration("ring:vd"))
        points.ok(reload(station), "with one less")
        points.ok(station.await_lines(1, "source.closed", "ring:vb", seconds=DONE_S), "it is closed", *station.lines()[-20:])
        points.same(len([one for one in station.duties() if one.startswith("capture")]), 1, "one capture is left")
        station.configure(scene.configuration("ring:vd", "ring:vx"))
        points.ok(reload(station), "with one that is not there")
        points.ok(station.await_lines(1, "source.wanted", "ring:vx", seconds=DONE_S), "it is waited for", *station.lines()[-20:])
        points.same(station.stop(), 0, "it ends")
    counts = scene.counts_of(station)
    points.same(counts.get("ring:vd"), (len(frames), 0), "what came by the new source was read")
    sources = {row["source"] for row in station.rows("select source from gap where kind != 'clock-set'")}
    points.same(sources, set(), "no gap")


def try_reload(folder):
    try_traffic(folder)
    try_settings(folder)
    with SmtpServer() as server:
        try_letters(folder, server)
    try_sources(folder)
