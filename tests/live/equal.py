"""What a station finds on the wire is what `hinomi read` finds in the same frames, as they were recorded.

By `ring` the kernel stamps a frame once for the station and for the recorder, so that findings are the same bytes. By `xdp` it
stamps none, and what is taken there no recorder sees: frames are recorded where they are sent, and times may be off by as much
as the way takes, and by what a window's end makes of them: `first`, `last`, and `events`, which are told with their times.
"""
import os
import pathlib
import signal
import subprocess
import time
import zlib

import scene
import wire
from scene import EVERYBODY, MEMBERS, OFFICE, points

PAUSE_S = 0.0001
NEAR_S = 1
DRILLS = [("demo-day", [], MEMBERS), ("forged-member", [], MEMBERS), ("smb-worm", [], OFFICE),
          ("office-day", ["--seed", "3"], OFFICE)]
PUBLIC = ["scan_nmap_syn_1000ports", "ransomware_cerber_udp_sweep", "scan_ipv6_vertical_1000"]
FRAMES_MAX = 12_000
XDP = ["smb-worm", "scan_nmap_syn_1000ports"]


class Recorder:
    """dumpcap(1), at an end of the wire."""

    def __init__(self, path, *interfaces, end="b"):
        self.path = path
        words = [word for interface in interfaces for word in ("-i", interface)]
        self.child = subprocess.Popen(["ip", "netns", "exec", f"{wire.NAME}-{end}", "dumpcap", "-q", "-P", *words, "-w", str(path)],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def stop(self):
        time.sleep(wire.QUIET_S)
        self.child.send_signal(signal.SIGINT)
        self.child.communicate(timeout=wire.SECONDS_MAX)


def works(folder):
    """Names, frames and members."""
    for name, options, members in DRILLS:
        yield name, scene.drill_frames(folder, name, *options)[:FRAMES_MAX], members
    captures = os.environ.get("HINOMI_CAPTURES")
    if not captures:
        points.skip("captures of real networks", "HINOMI_CAPTURES is not set")
        return
    for name in PUBLIC:
        yield name, scene.frames_of(pathlib.Path(captures, "public", f"{name}.pcap"))[:FRAMES_MAX], EVERYBODY


def without_times(finding):
    return {key: value for key, value in finding.items() if key not in ("first", "last", "events", "seconds")}


def play(folder, name, kind, frames, members):
    recorded = folder / f"{name}-{kind}.pcapng"
    is_ring = kind == "ring"
    with scene.station_of(folder / f"{name}-{kind}", scene.configuration(f"{kind}:vb"), members) as station:
        recorder = Recorder(recorded, "vb" if is_ring else "va", end="b" if is_ring else "a")
        wire.await_listening(2 if is_ring else 1, "b" if is_ring else "a")
        wire.send(frames, PAUSE_S)
        recorder.stop()
        status = station.stop()
    found = scene.findings_of(station)
    expected, summary = scene.read_findings(members, recorded)
    title = f"{kind}, {name}"
    points.same(status, 0, f"{title}: it ends when it is told to")
    points.same(scene.counts_of(station), {f"{kind}:vb": (len(frames), 0)}, f"{title}: every frame is read, and none is lost")
    points.same(summary.get("packets"), len(frames), f"{title}: the recorder has them all as well")
    return found, expected, title


def differences(found, expected):
    keys = {(one["subject"], one["rule"]) for one in found + expected}
    for key in sorted(keys):
        ours, theirs = ([one for one in all if (one["subject"], one["rule"]) == key] for all in (found, expected))
        if ours != theirs:
            fields = {field for one in ours + theirs for field in one
                      if [one.get(field) for one in ours] != [one.get(field) for one in theirs]}
            yield key, [{field: one.get(field) for field in sorted(fields)} for one in ours], \
                [{field: one.get(field) for field in sorted(fields)} for one in theirs]


def try_ring(folder, name, frames, members):
    found, expected, title = play(folder, name, "ring", frames, members)
    points.ok(scene.in_order(found) == scene.in_order(expected), f"{title}: the findings of the recorded frames, byte for byte",
              *differences(found, expected))
    return len(found)


def is_near(ours, theirs):
    return all(abs(wire.when(ours[key]) - wire.when(theirs[key])) < NEAR_S for key in ("first", "last"))


def try_xdp(folder, name, frames, members):
    found, expected, title = play(folder, name, "xdp", frames, members)
    found, expected = scene.in_order(found), scene.in_order(expected)
    points.ok([without_times(one) for one in found] == [without_times(one) for one in expected],
              f"{title}: the findings of the frames that were sent", *differences(found, expected))
    points.ok(len(found) == len(expected) and all(map(is_near, found, expected)), f"{title}: at nearly the same times")


def conversations(frames, count):
    """In so many parts, each with both directions of what two addresses say to each other."""
    parts = [[] for _ in range(count)]
    for frame in frames:
        pair = {frame[26:30], frame[30:34]} if frame[12:14] == b"\x08\0" else {frame[28:32], frame[38:42]}
        parts[zlib.crc32(b"".join(sorted(pair))) % count].append(frame)
    return parts


def try_two(folder, frames, members):
    """At once, one of them behind a VLAN. What two addresses say to each other must come by one interface: of two captures none
    sees whole what comes by both."""
    recorded = folder / "two.pcapng"
    scene.make_wire(wire.NAME, "vc", "vd")
    first, second = conversations(frames, 2)
    second = [wire.tagged(frame, 7) for frame in second]
    with scene.station_of(folder / "two", scene.configuration("ring:vb", "ring:vd"), members) as station:
        recorder = Recorder(recorded, "vb", "vd")
        wire.await_listening(4)
        for at in range(0, len(frames), 500):
            wire.send(first[at:at + 500], PAUSE_S)
            wire.send(second[at:at + 500], PAUSE_S, "vc")
        recorder.stop()
        points.same(station.stop(), 0, "two sources: it ends when it is told to")
    found = scene.findings_of(station)
    expected, _ = scene.read_findings(members, recorded)
    points.same(scene.counts_of(station), {"ring:vb": (len(first), 0), "ring:vd": (len(second), 0)},
                "two sources: every frame of both is read, and none is lost")
    points.ok(min(len(first), len(second)) > len(frames) // 4, "two sources: each has its part", len(first), len(second))
    points.ok(len(found) > 1 and scene.in_order(found) == scene.in_order(expected),
              "two sources: the findings of what both recorded, byte for byte", *differences(found, expected))


def try_shared(folder, frames, members):
    """By two captures, each of which gets its part of all pairs of addresses."""
    recorded = folder / "shared.pcapng"
    with scene.station_of(folder / "shared", scene.configuration("ring:vb", more="workers: 2\n"), members) as station:
        recorder = Recorder(recorded, "vb")
        wire.await_listening(3)
        wire.send(frames, PAUSE_S)
        recorder.stop()
        points.same(station.stop(), 0, "two workers: it ends when it is told to")
    found = scene.findings_of(station)
    expected, _ = scene.read_findings(members, recorded)
    counts = scene.counts_of(station)
    points.ok(len(counts) == 2 and all(seen > 0 and lost == 0 for seen, lost in counts.values()), "two workers: each has its part", counts)
    points.same(sum(seen for seen, _ in counts.values()), len(frames), "two workers: every frame is read by one of them")
    points.ok(len(found) > 1 and scene.in_order(found) == scene.in_order(expected),
              "two workers: the findings of the recorded frames, byte for byte", *differences(found, expected))


def try_equal(folder):
    everything = list(works(folder))
    count = sum(try_ring(folder, *work) for work in everything)
    points.ok(count >= len(everything), "there is enough to find", count)
    for work in everything:
        if work[0] in XDP:
            try_xdp(folder, *work)
    by_name = {name: (frames, members) for name, frames, members in everything}
    try_two(folder, *by_name["smb-worm"])
    try_shared(folder, *by_name["smb-worm"])
