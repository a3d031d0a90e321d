"""The numbers of a station: their form, that they move, and what they say when the keeper does not answer."""
import os
import pathlib
import re
import signal
import time

import prometheus_client.parser

import exposition
from stations import Station, wait_for

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
SOURCE = "drill:demo-day"
QUICK_S = 1.0
# What a page without the keeper takes at most: it is asked for 2 s.
HANGING_S = 4.0


def scrape(part, station, name):
    """The samples of a page, which must be right in form."""
    status, text, headers = station.ask()
    faults, samples = exposition.check(text)
    part.ok(status == 200 and not faults, f"{name}: the form is as Prometheus has it", status, *faults)
    part.same(headers.get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8", f"{name}: its type")
    try:
        families = {family.name: family.type for family in prometheus_client.parser.text_string_to_metric_families(text)}
        part.ok(len(families) == len(samples), f"{name}: Prometheus' own parser reads it", len(families), len(samples))
    except ValueError as error:
        part.ok(False, f"{name}: Prometheus' own parser reads it", error)
    return samples


def try_moving(part, station):
    before = scrape(part, station, "early")
    wait_for(lambda: (station.value("hinomi_subjects_judged_total") or 0) > 0, 30)
    time.sleep(1.1)  # figures are fresh for a second
    after = scrape(part, station, "later")
    fallen = [name for name, samples in before.items() if name.endswith("_total")
              for labels, value in samples.items() if after.get(name, {}).get(labels, -1) < value]
    part.same(fallen, [], "no counter falls")
    source = (("source", SOURCE),)
    for name, labels in (("hinomi_source_packets_total", source), ("hinomi_source_bytes_total", source),
                         ("hinomi_batches_total", ()), ("hinomi_sightings_total", ()), ("hinomi_commits_total", ())):
        part.ok(after[name][labels] > before[name][labels], f"{name} moves", before[name], after[name])
    now = time.time()
    part.ok(now - 30 < after["hinomi_last_commit_timestamp_seconds"][()] < now + 1, "the last commit was just now")
    part.ok(now - 60 < after["hinomi_start_time_seconds"][()] < now, "it was started before")
    part.same(after["hinomi_source_up"][source], 1.0, "the source is up")
    duties = {labels[0][1] for labels in after["hinomi_up"]}
    part.same(duties, {"parent", "capture0", "keeper", "courier", "web"}, "all processes are told of")
    part.ok(all(value == 1 for value in after["hinomi_up"].values()), "and all are up", after["hinomi_up"])
    sizes = wait_for(lambda: len(station.ask()[1].split("hinomi_duty_resident_memory_bytes{")) > 5, 10)
    part.ok(sizes, "with the memory that each has")
    return after


def try_page(part, samples):
    """docs/man/hinomi-metrics.7 lists all there are."""
    page = TOP.joinpath("docs/man/hinomi-metrics.7").read_text()
    listed = set(re.findall(r"hinomi_[a-z_]+[a-z]", page))
    part.same(sorted(set(samples) - listed), [], "the manual page lists every metric")
    source = TOP.joinpath("src/cmd/station/figures_text.c").read_text()
    known = set(re.findall(r'"(hinomi_[a-z_]+)"', source))
    part.same(sorted(known ^ listed), [], "the manual page lists those of the program, and no others")


def try_stopped_keeper(part, station):
    keeper = station.pid_of("keeper")
    os.kill(keeper, signal.SIGSTOP)
    time.sleep(1.1)
    began = time.monotonic()
    status, text, _ = station.ask()
    took = time.monotonic() - began
    faults, samples = exposition.check(text)
    part.ok(status == 200 and not faults and took < HANGING_S, "a keeper that hangs: the page is there all the same", status,
            took, *faults)
    part.same(samples.get("hinomi_up", {}).get((("duty", "keeper"),)), 0.0, "it says so")
    part.same(samples.get("hinomi_up", {}).get((("duty", "web"),)), 1.0, "the others are up")
    part.ok("# keeper: it did not answer within 2 s" in text, "in words as well", text[-200:])
    part.ok("hinomi_batches_total" not in samples, "and nothing old is told as new")
    os.kill(keeper, signal.SIGCONT)
    part.ok(wait_for(lambda: station.value("hinomi_up", duty="keeper") == 1, 20), "it goes on, and is up")


def try_killed_duties(part, station):
    os.kill(station.pid_of("keeper"), signal.SIGKILL)
    part.ok(wait_for(lambda: station.value("hinomi_duty_restarts_total", duty="keeper") == 1, 20), "a restart is counted")
    part.ok(wait_for(lambda: station.value("hinomi_up", duty="keeper") == 1, 20), "a new keeper answers")
    os.kill(station.pid_of("web"), signal.SIGKILL)
    part.ok(wait_for(lambda: station.value("hinomi_duty_restarts_total", duty="web") == 1, 20),
            "a new web duty has the socket and knows of its own restart")


def try_figures(part, program, folder):
    station = Station(program, folder, "north")
    station.tell(f"sources: ['{SOURCE}?speed=60']\nmetrics: {{listen: '127.0.0.1:{station.port}'}}\n")
    station.start()
    try:
        part.ok(station.is_ready("web") and station.is_ready("keeper"), "the station starts", station.text()[-2000:])
        wait_for(lambda: station.value("hinomi_up", duty="keeper") == 1, 20)
        samples = try_moving(part, station)
        try_page(part, samples)
        try_stopped_keeper(part, station)
        try_killed_duties(part, station)
    finally:
        part.same(station.end(), (0, []), "it ends well")
