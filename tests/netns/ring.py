"""ring:IFACE, one of it: what it says is what `hinomi read` says of the same frames as dumpcap(1) recorded them. The
kernel stamps a frame once for both, so that findings are the same bytes."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from wire import (DARK, PROGRAM, QUIET_S, SECONDS_MAX, await_listening, inner_of, inside, points, seconds_of, send, split, start, stop, tagged)

# Sent while the program is stopped: more than its ring holds.
FLOOD_FRAMES = 60_000
FLOOD_BYTES = 1400


def try_replay(folder, name, frames, *options):
    """The same frames live and recorded."""
    recorded = folder / f"{name}.pcapng"
    recorder = start("dumpcap", "-q", "-P", "-i", "vb", "-w", str(recorded))
    child = start(str(PROGRAM), "read", "--format", "json", *DARK, *options, "ring:vb")
    await_listening(2)
    send(frames)
    status, lines, err = stop(child)
    recorder.send_signal(signal.SIGINT)
    recorder.communicate(timeout=SECONDS_MAX)
    findings, summary = split(lines)
    points.same((err, summary.get("packets"), summary.get("dropped")), ("", len(frames), 0),
                f"{name}: every frame is read, and none is lost")
    again = subprocess.run([str(PROGRAM), "read", "--format", "json", *DARK, *options, str(recorded)],
                           capture_output=True, text=True, timeout=SECONDS_MAX)
    expected, summary_again = split([json.loads(line) for line in again.stdout.splitlines()])
    points.same(summary_again.get("packets"), len(frames), f"{name}: the recorder has them all as well")
    points.same(findings, expected, f"{name}: the same findings")
    points.same(status, again.returncode, f"{name}: the same status")
    points.ok(len(findings) > 0, f"{name}: there are findings")
    for key in ("first", "last", "decoded", "hosts", "verdicts"):
        points.same(summary.get(key), summary_again.get(key), f"{name}: the same {key}")


def try_overrun(frame):
    """More than the ring holds, while nobody reads it: what is lost is counted, to a frame."""
    child = start(str(PROGRAM), "read", "--format", "json", *DARK, "ring:vb")
    await_listening(1)
    process = inner_of(child)
    os.kill(process, signal.SIGSTOP)
    send([frame + bytes(FLOOD_BYTES - len(frame))] * FLOOD_FRAMES, 0)
    os.kill(process, signal.SIGCONT)
    _, lines, err = stop(child)
    summary = split(lines)[1]
    points.ok(summary.get("dropped", 0) > 0, "overrun: frames are lost", summary, err)
    points.same(summary.get("packets", 0) + summary.get("dropped", 0), FLOOD_FRAMES, "overrun: and each is counted")


def try_idle(frames):
    """Who waits for frames leaves the processor alone, also when some came before."""
    child = start(str(PROGRAM), "read", "--format", "json", *DARK, "ring:vb")
    await_listening(1)
    send(frames[:1000])
    time.sleep(QUIET_S)
    before = seconds_of(child.pid)
    time.sleep(2)
    used = seconds_of(child.pid) - before
    points.ok(used <= 0.2, "idle: a tenth of the processor at most, with sanitizers", f"{used} s of 2")
    points.same(split(stop(child)[1])[1].get("packets"), 1000, "idle: all frames before")


def try_link_down(frames):
    """Down, and up again; then away."""
    child = start(str(PROGRAM), "read", "--format", "json", *DARK, "ring:vb")
    await_listening(1)
    send(frames[:100])
    time.sleep(QUIET_S)
    inside("b", "ip", "link", "set", "vb", "down")
    time.sleep(QUIET_S)
    inside("b", "ip", "link", "set", "vb", "up")
    time.sleep(QUIET_S)
    send(frames[100:200])
    time.sleep(QUIET_S)
    points.same(child.poll(), None, "down and up: it listens on")
    inside("b", "ip", "link", "del", "vb")
    out, err = child.communicate(timeout=SECONDS_MAX)
    lines = [json.loads(line) for line in out.splitlines()]
    points.same(split(lines)[1].get("packets"), 200, "down and up: all frames before and after")
    points.same((child.returncode, err),
                (2, "hinomi: ring:vb: the interface was removed while it was listened on\n"), "removed: that is said")


def try_loopback():
    """Each packet comes twice there, as sent and as received: once is enough."""
    inside("b", "ip", "link", "set", "lo", "up")
    child = start(str(PROGRAM), "read", "--format", "json", *DARK, "ring:lo")
    await_listening(1)
    inside("b", sys.executable, "-c", "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
           "t = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nt.bind(('127.0.0.1', 9999))\n"
           "for _ in range(10): s.sendto(b'x', ('127.0.0.1', 9999))")
    points.same(split(stop(child)[1])[1].get("packets"), 10, "loopback: each packet once")


def try_evidence(folder, frames):
    """First frames of a finding are kept until the end, when the ring's blocks have long been others'."""
    evidence = folder / "evidence"
    child = start(str(PROGRAM), "read", "--format", "json", *DARK, "--pcapng-out", str(evidence), "--workers", "2",
                  "ring:vb")
    await_listening(1)
    send(frames)
    findings, _ = split(stop(child)[1])
    kept = list(evidence.iterdir()) if evidence.is_dir() else []
    ours = [path for path in kept if "198.51.100.77" in path.name]
    points.ok(len(findings) > 0 and len(ours) == 1, "evidence: a file for the finding", kept)
    sent = set(frames)
    shown = subprocess.run(["tshark", "-r", str(ours[0]), "-T", "json", "-x"], capture_output=True, text=True)
    raw = [bytes.fromhex(packet["_source"]["layers"]["frame_raw"][0]) for packet in json.loads(shown.stdout)]
    points.ok(len(raw) > 0 and all(frame in sent for frame in raw), "evidence: frames as they were sent", len(raw))


def try_wrong():
    def says(title, arguments, status, message, end="b"):
        ran = inside(end, str(PROGRAM), "read", *arguments)
        points.same((ran.returncode, ran.stderr), (status, message), title)

    says("no such interface", ["ring:vc"], 2, "hinomi: ring:vc: no such interface; expected one of: lo, vb\n")
    says("no name", ["ring:"], 2, "hinomi: ring:: no such interface; expected one of: lo, vb\n")
    long = "v" * 40
    says("a name too long", [f"ring:{long}"], 2, f"hinomi: ring:{long}: no such interface; expected one of: lo, vb\n")
    says("twice", ["ring:vb", "ring:vb?blocks=8"], 2, "hinomi: an interface twice: every packet would count twice; "
         "expected each once, or shared by fanout=\n")
    says("with a file", ["ring:vb", "drill:mirai-recorder"], 2, "hinomi: interfaces together with other files: expected only "
         "the ones or only the others\n")
    ran = inside("b", "setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw", str(PROGRAM), "read", "ring:vb")
    points.same((ran.returncode, ran.stderr), (2, "hinomi: ring:vb: Operation not permitted; expected root, or the "
                                               "capability CAP_NET_RAW\n"), "without the capability")


def try_ring(folder, frames):
    try_replay(folder, "plain", frames)
    try_replay(folder, "workers", frames, "--workers", "2", "--batch", "64")
    try_replay(folder, "tagged", [tagged(frame, 7) for frame in frames[:5000]])
    try_evidence(folder, frames)
    try_loopback()
    try_wrong()
    try_overrun(frames[0])
    try_idle(frames)
    try_link_down(frames)
