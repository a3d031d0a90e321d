"""Every line that a station logs is one event with its fields, in the form of its reader."""
import os
import re
import time

from stations import Station, wait_for

PLAIN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z (error|warning|notice|info|debug) ([a-z]+): (.*)\Z")
JOURNAL = re.compile(r"<([3-7])>([a-z]+): (.*)\Z")
EVENT = re.compile(r"[a-z]+(\.[a-z]+)*")
FIELD = re.compile(r' ([a-z_0-9]+)=("(?:[^"\\]|\\.)*"|[^" ]+)')


def is_event(text):
    match = EVENT.match(text)
    at = match.end() if match else -1
    while 0 <= at < len(text):
        field = FIELD.match(text, at)
        at = field.end() if field else -1
    return at == len(text)


def try_form(part, station, name, form):
    station.start()
    wait_for(lambda: station.value("hinomi_up", duty="keeper") == 1, 30)
    # What others choose stands in a field, whatever it holds.
    station.ask("POST", "/heartbeat/a%20b%3D%22c%5C", b"x", {"X-Hinomi-Time": "1 2=\"3\""})
    os.kill(station.pid_of("courier"), 9)
    wait_for(lambda: "duty.died" in station.text(), 10)
    time.sleep(0.5)
    status = station.end()
    lines = station.text().splitlines()
    wrong = [line for line in lines if not form.match(line) or not is_event(form.match(line)[3])]
    part.ok(status == (0, []) and len(lines) > 8 and not wrong, f"{name}: every line is an event with its fields", status,
            *wrong[:5])
    processes = {form.match(line)[2] for line in lines if form.match(line)}
    part.ok({"parent", "web"} <= processes, f"{name}: which say who speaks", processes)
    part.ok(any('heartbeat.refused station="a b=\\x22c\\x5c"' in line or 'heartbeat.refused station="a b=\\"c\\\\"' in line
                for line in lines), f"{name}: and quote what others say", *[line for line in lines if "refused" in line])


def try_logs(part, program, folder):
    for name, form in (("plain", PLAIN), ("journal", JOURNAL)):
        station = Station(program, folder, name)
        station.tell(f"sources: ['drill:demo-day?speed=60']\nmetrics: {{listen: '127.0.0.1:{station.port}'}}\n")
        station.log.touch()
        if form is JOURNAL:  # as systemd tells that it reads
            made = station.log.stat()
            station.environment["JOURNAL_STREAM"] = f"{made.st_dev}:{made.st_ino}"
        try_form(part, station, name, form)
