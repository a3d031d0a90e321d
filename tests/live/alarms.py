"""What is wrong with a station itself, as its operator hears of it by mail: an interface that is down, one that hears nothing
although it usually does, a process that ends again and again. Each begins once and is told to be over."""
import os
import subprocess
import time
import urllib.request

import scene
import wire
from mail_catcher import MailCatcher
from scene import points
from wire import inside

OPERATOR = "ops@town.example"
DOWN_S, SILENT_S, REST_S = 4, 6, 3
FIGURES_S = 3
SLACK_S = 15  # reports each second, turns of the keeper, a letter, on a busy machine
ENDS = 3
ENDS_WITHIN_S = 600
PORT = 9464
USUAL = "60 1000000"  # minutes, thousandths of packets: 1000 a minute
CONFIG = """\
station: {{name: live, language: en, zone: UTC}}
sources: ["ring:vb"]
canary: {{every: 10s, deadline: 10s}}
metrics: {{listen: '127.0.0.1:{web}'}}
operator: {{mail: {operator}}}
mail: {{server: "127.0.0.1:{port}", security: none, from: hinomi@town.example}}
alarms: {{down: {down}s, silent: {silent}s, rest: {rest}s}}
"""


def metric(name):
    """As Prometheus would be told."""
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/metrics", timeout=wire.SECONDS_MAX) as page:
        for line in page.read().decode().splitlines():
            if line.startswith(f"{name} "):
                return int(line.split()[-1])
    return None


def alarms_on(name, expected):
    """Within the seconds by which figures are behind the letters."""
    end = time.monotonic() + FIGURES_S
    while metric(f'hinomi_alarms{{alarm="{name}"}}') != expected and time.monotonic() < end:
        time.sleep(0.1)
    return metric(f'hinomi_alarms{{alarm="{name}"}}')


class Mailbox:
    def __init__(self, catcher):
        self.catcher = catcher

    def subjects(self):
        return [letter.subject for letter in self.catcher.to(OPERATOR) if "larm" in letter.subject or "ALARM" in letter.subject]

    def await_one(self, subject, seconds):
        return self.catcher.wait(lambda letter: letter.to == OPERATOR and subject in letter.subject, seconds)

    def check(self, name, title, seconds, *words):
        """A letter with all these words."""
        letter = self.await_one(f"STATION ALARM: {title}", seconds)
        points.ok(letter is not None, f"{name}: the operator hears of it", *self.subjects())
        text = letter.text if letter else ""
        points.ok(letter is not None and all(word in text for word in words), f"{name}: with what to do first", text)
        points.same(alarms_on(name, 1), 1, f"{name}: metrics count it")

    def check_over(self, name, title, began):
        """Since about when it was well again, and not before that had lasted."""
        letter = self.await_one(f"Station alarm over: {title}", REST_S + SLACK_S)
        points.ok(letter is not None, f"{name}: and that it is over", *self.subjects())
        points.ok(time.monotonic() - began >= REST_S, f"{name}: when it was for a while")
        points.same(alarms_on(name, 0), 0, f"{name}: metrics count it no more")


def chatter(frames, seconds):
    until = time.monotonic() + seconds
    sent = 0
    while time.monotonic() < until:
        wire.send(frames, interface="va")
        sent += len(frames)
        time.sleep(0.2)
    return sent


def try_silent(mailbox, frames):
    sent = chatter(frames, 2)
    began = time.monotonic()
    mailbox.check("interface-silent", "vb hears nothing", SILENT_S + SLACK_S, "switch still mirrors", "tcpdump -i vb")
    points.ok(time.monotonic() - began > SILENT_S - 1, "interface-silent: not before its time")
    canary = mailbox.catcher.wait(lambda letter: letter.message["X-Hinomi-Canary"] is not None, SLACK_S)
    points.ok(canary is not None, "interface-silent: although canaries fly", [letter.subject for letter in mailbox.catcher.letters])
    time.sleep(2 * wire.QUIET_S)
    points.same(metric('hinomi_source_packets_total{source="ring:vb"}'), sent, "and are no packets of the interface")
    began = time.monotonic()
    chatter(frames, 2)
    mailbox.check_over("interface-silent", "vb hears nothing", began)


def lines_of_check(station):
    """What `hinomi check` says of alarms."""
    said = subprocess.run([str(wire.PROGRAM), "check", "--station", str(station.folder), "--lang", "en"], capture_output=True, text=True,
                          timeout=wire.SECONDS_MAX).stdout
    return [line for line in said.splitlines() if line.split()[1:2] == ["alarms"]]


def try_down(mailbox, station):
    points.ok(lines_of_check(station) and "none stands" in lines_of_check(station)[0], "check: no alarm", *lines_of_check(station))
    inside("b", "ip", "link", "set", "vb", "down")
    mailbox.check("interface-down", "vb is down", DOWN_S + SLACK_S, "ip link show vb")
    points.ok(any("vb is down, since " in line for line in lines_of_check(station)), "check: the interface", *lines_of_check(station))
    points.same(station.count_lines("alarm", "interface-down vb"), 1, "interface-down: one line in the log")
    began = time.monotonic()
    inside("b", "ip", "link", "set", "vb", "up")
    mailbox.check_over("interface-down", "vb is down", began)


def try_failing(mailbox, station):
    """The very process that sends the letter."""
    for death in range(ENDS):
        process = station.duties().get("courier")
        points.ok(process is not None and station.kill(process), f"duty-failing: end {death + 1}")
        station.await_lines(death + 2, "duty.ready", "duty=courier")
    mailbox.check("duty-failing", "courier ends again and again", SLACK_S, f"{ENDS} times within 10 min", "signal 9",
                  "journalctl -u hinomi")
    if os.environ.get("HINOMI_SOAK") == "1":
        began = time.monotonic()
        time.sleep(ENDS_WITHIN_S)
        mailbox.check_over("duty-failing", "courier ends again and again", began)


def try_alarms(folder):
    frames = scene.drill_frames(folder, "demo-day")[:20]
    with MailCatcher() as catcher:
        station = scene.Station(wire.PROGRAM, folder / "station")
        station.make(CONFIG.format(web=PORT, operator=OPERATOR, port=catcher.port, down=DOWN_S, silent=SILENT_S, rest=REST_S))
        station.write([("insert into contact(kind, address, language, severity_min, state, failures, created_us) "
                        "values('mail', ?, 'en', 'low', 'verified', 0, 1)", (OPERATOR,)),
                       ("insert into meta(key, value) values('usual.ring:vb', ?)", (USUAL,))])
        station.start()
        mailbox = Mailbox(catcher)
        try:
            scene.await_open(station, 1)
            try_silent(mailbox, frames)
            chatter(frames, 1)
            try_down(mailbox, station)
            try_failing(mailbox, station)
            began = [subject for subject in mailbox.subjects() if "STATION ALARM" in subject]
            points.same(len(began), len(set(began)), "each of them began once")
        finally:
            points.same(station.stop(), 0, "it ends when it is told to")
