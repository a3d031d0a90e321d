"""A machine of its own, made by debootstrap and booted by systemd-nspawn, on which the package is installed and the service
runs as it will: with systemd, in its cage. Used by tests/deb/run."""
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess

MIRROR = "http://deb.debian.org/debian"
SECONDS_MAX = 900
BOOT_SECONDS_MAX = 400
NEEDED = ("debootstrap", "systemd-nspawn")
# What it may do inside: make interfaces, listen, and what xdp needs. systemd-nspawn refuses some calls by itself.
CAPABILITIES = "CAP_NET_ADMIN,CAP_NET_RAW,CAP_BPF,CAP_IPC_LOCK"
CALLS = ("bpf", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")

# Asks for 250 addresses by ARP, as a worm does, on $1.
SWEEP = r"""
import socket, struct, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
us = bytes.fromhex("020000000066")
for n in range(1, 251):
    s.send(b"\xff" * 6 + us + struct.pack(">HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + us + bytes((10, 9, 0, 66)) + bytes(6) +
           bytes((10, 9, 0, n)))
    time.sleep(0.01)
"""

SCRIPT = r"""#!/bin/bash
tell() { word=$1; shift; status=0; said=$("$@" 2>&1) || status=$?; echo "$word $status $(echo "$said" | tr '\n' '|')"; }
show() { systemctl show hinomi --property "$1" --value; }
wait_for() { for i in $(seq 400); do [ "$(show "$1")" = "$2" ] && return 0; sleep 0.2; done; show "$1"; return 1; }
each() { for pid in $(cat /sys/fs/cgroup/system.slice/hinomi.service/cgroup.procs \
	/sys/fs/cgroup/*/system.slice/hinomi.service/cgroup.procs 2>/dev/null | sort -nu); do
	sed -n "s/^$1:[[:space:]]*//p" /proc/$pid/status | tr '\t' ' '; done; }
parent() { sed -n "s/^$1:[[:space:]]*//p" /proc/$(show MainPID)/status; }
ready() { for i in $(seq 150); do show StatusText | grep -qE '^[0-9]+ duties run$' && return 0; sleep 0.2; done
	show StatusText; return 1; }

ip link add w0 type veth peer name w1
ip link set w0 up
ip link set w1 up
tell early systemctl start hinomi
tell early-state show ActiveState
hinomi init /var/lib/hinomi >/dev/null
sed -i 's/^#sources: auto/sources: ring:w0/; s/^  #settle: 1h/  settle: 0/' /var/lib/hinomi/station.yaml
tell start systemctl start hinomi
tell ready ready
tell users each Uid
tell rights each CapPrm
tell bounds parent CapBnd
tell sandbox journalctl --unit hinomi --grep duty.ready --output cat
sleep 1
tell sweep python3 /root/sweep.py w1
sleep 4
first=$(show MainPID)
kill -KILL $first
tell killed wait_for NRestarts 1
tell ready-again ready
second=$(show MainPID)
tell another test "$second" != "$first" -a "$second" -gt 1
kill -STOP $second
tell watchdog wait_for NRestarts 2
tell watched ready
mkdir -p /etc/systemd/system/hinomi.service.d
cp /usr/share/doc/hinomi/examples/xdp.conf /etc/systemd/system/hinomi.service.d
sed -i 's/^sources: ring:w0/sources: xdp:w0/' /var/lib/hinomi/station.yaml
systemctl daemon-reload
tell xdp-start systemctl restart hinomi
tell xdp-ready ready
sleep 2
tell xdp ip link show w0
tell stop systemctl stop hinomi
tell result show Result
tell silent journalctl _SYSTEMD_UNIT=hinomi.service --priority err --output cat
cp /var/lib/hinomi/station.db* /root
tell purge env DEBIAN_FRONTEND=noninteractive dpkg --purge hinomi
tell left ls -d /var/lib/hinomi /lib/systemd/system/hinomi.service /etc/systemd/system/multi-user.target.wants/hinomi.service
"""

UNIT = """
[Unit]
After=basic.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c '/root/try >/root/said 2>/root/errors; systemctl --no-block poweroff'
[Install]
WantedBy=multi-user.target
"""


def run(*command, seconds=SECONDS_MAX):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, timeout=seconds)


def nspawn(root, *words):
    return ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", f"--directory={root}",
            "--resolv-conf=copy-host", *words]


def make(points, package, root):
    """A machine with the package on it; whether that went well."""
    ran = run("debootstrap", "--variant=minbase", "--include=systemd-sysv,iproute2,python3-minimal", "bookworm", root, MIRROR)
    if ran.returncode != 0:
        points.skip("booting a machine with it", f"debootstrap: {ran.stdout.strip().splitlines()[-1:]}")
        return False
    shutil.copy(package, root / "root/hinomi.deb")
    ran = run(*nspawn(root, "--pipe", "sh", "-c",
                      "apt-get update -q && apt-get install -y -q --no-install-recommends /root/hinomi.deb"))
    points.ok(ran.returncode == 0, "apt installs it with what it depends on, on a machine that has nothing", ran.stdout[-3000:])
    (root / "root/sweep.py").write_text(SWEEP)
    (root / "root/try").write_text(SCRIPT)
    (root / "root/try").chmod(0o755)
    (root / "etc/systemd/system/try.service").write_text(UNIT)
    (root / "etc/systemd/system/multi-user.target.wants").mkdir(exist_ok=True)
    (root / "etc/systemd/system/multi-user.target.wants/try.service").symlink_to("../try.service")
    return ran.returncode == 0


def boot(root):
    """What the script said, word by word, and all that the console showed."""
    try:
        ran = run(*nspawn(root, "--private-network", "--console=pipe", f"--capability={CAPABILITIES}",
                          *(f"--system-call-filter={call}" for call in CALLS), "--boot"), seconds=BOOT_SECONDS_MAX)
        console = ran.stdout
    except subprocess.TimeoutExpired as late:
        console = (late.stdout or b"").decode("utf-8", "replace") + "\nno end"
    said = root / "root/said"
    lines = said.read_text("utf-8", "replace").splitlines() if said.exists() else []
    return {line.split(" ", 1)[0]: line.split(" ", 1)[1] for line in lines if " " in line}, console


def incidents(root):
    with sqlite3.connect(f"file:{root}/root/station.db", uri=True) as database:
        return database.execute("SELECT rule, subject FROM incident").fetchall()


def judge(points, said):
    def expect(word, pattern, title):
        points.ok(re.fullmatch(pattern, said.get(word, "nothing")), title, said.get(word, "nothing"))

    expect("early", r"0 .*", "before `hinomi init` the service is not started, which is no error")
    expect("early-state", r"0 inactive\|", "and does not run")
    expect("start", r"0 \|?", "then it starts, and systemd is told when it is ready")
    expect("ready", r"0 \|?", "with all its duties")
    expect("users", r"0 ((\d+) \2 \2 \2\|)(\1)+", "all processes are one user")
    points.ok(not said.get("users", "0 0").startswith("0 0 "), "who is not root", said.get("users"))
    expect("bounds", r"0 0000000000002000\|", "nobody in it can ever have more than CAP_NET_RAW")
    points.ok(sorted(said.get("rights", "").split(" ", 1)[-1].strip("|").split("|"))[-2:-1] == ["0" * 16] and
              said.get("rights", "").count("0000000000002000|") == 1, "and only the parent has that", said.get("rights"))
    sandboxes = re.findall(r'sandbox="([^"]*)"', said.get("sandbox", ""))
    points.ok(len(sandboxes) >= 3 and all(re.fullmatch(r"Landlock \d+, seccomp", each) for each in sandboxes),
              "within it the duties enter their sandboxes whole", said.get("sandbox"))
    expect("sweep", r"0 \|?", "a worm asks for 250 addresses")
    expect("killed", r"0 \|?", "it comes back when it is killed")
    expect("ready-again", r"0 \|?", "with all its duties")
    expect("another", r"0 \|?", "as another process")
    expect("watchdog", r"0 \|?", "and when it hangs")
    expect("watched", r"0 \|?", "with all its duties")
    expect("xdp-start", r"0 \|?", "with what is added for xdp it starts")
    expect("xdp-ready", r"0 \|?", "with all its duties")
    expect("xdp", r"0 .*prog/xdp id.*", "and frames are taken in the driver")
    expect("stop", r"0 \|?", "it stops")
    expect("result", r"0 success\|", "as it should")
    expect("silent", r"[01] (-- No entries --)?\|?", "and never logged an error")
    expect("purge", r"0 .*", "the package can be purged")
    expect("left", r"2 .*", "and nothing of it is left")


def try_boot_of(points, package, folder):
    missing = [name for name in NEEDED if not shutil.which(name)]
    if os.geteuid() != 0 or missing:
        points.skip("booting a machine with it", f"{missing[0]} is not installed" if missing else "only root can")
        return
    root = pathlib.Path(folder) / "booted"
    if not make(points, package, root):
        return
    said, console = boot(root)
    if not said:
        points.skip("booting a machine with it", f"systemd-nspawn: {console.strip().splitlines()[-1:]}")
        return
    judge(points, said)
    if points.failed:
        print(f"# {console[-2000:]!r}")
    if "left" in said:
        found = incidents(root)
        points.ok(("scan.sweep", "10.9.0.66") in found, "what the worm did is an incident", found)
