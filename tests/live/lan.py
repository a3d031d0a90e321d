"""A network as it stands in an office: a switch, a router that gives addresses (DHCP) and a prefix (router advertisements), machines
that talk to each other and to it. The station's interface vb is plugged into the switch, as any machine is. Where this kernel has
no IPv6, all that belongs to it is left out.

Each machine is a namespace NAME-hN with the interface eth0; h0 is the router. The switch is in NAME-a.
"""
import pathlib
import re
import signal
import subprocess
import sys
import time

import wire
from scene import HERE

MACHINES = 5
NETWORK = "192.168.77"
PREFIX = "2001:db8:77"
READY_S = 30
HAS_IPV6 = pathlib.Path("/proc/net/if_inet6").exists()
LEASE = """#!/bin/sh
case $1 in
bound|renew)
	ip address replace "$ip/$mask" dev "$interface"
	ip route replace default via "$router" dev "$interface"
	;;
esac
"""


def enter(machine):
    return ["ip", "netns", "exec", f"{wire.NAME}-{machine}"]


def run(machine, *command):
    return subprocess.run([*enter(machine), *command], capture_output=True, text=True, timeout=wire.SECONDS_MAX)


class Lan:
    def __init__(self, folder):
        self.folder = folder
        self.children = []
        self.make_switch()
        for number in range(MACHINES + 1):
            self.make_machine(f"h{number}", f"p{number}")
        self.start_router()
        script = folder / "lease"
        script.write_text(LEASE)
        script.chmod(0o755)
        self.machines = [f"h{number}" for number in range(1, MACHINES + 1)]
        clients = [subprocess.Popen([*enter(machine), "udhcpc", "-q", "-n", "-i", interface, "-s", str(script)],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                   for machine, interface in [("b", "vb"), *((machine, "eth0") for machine in self.machines)]]
        for client in clients:
            client.wait(READY_S + 10)
        self.addresses = {machine: self.address_of(machine) for machine in self.machines}
        self.addresses6 = {machine: self.address6_of(machine) for machine in self.machines} if HAS_IPV6 else {}

    def make_switch(self):
        """Its ports flood what is for groups to all, as those of plain switches do."""
        wire.ip("netns", "exec", f"{wire.NAME}-a", "ip", "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        run("a", "ip", "link", "set", "br0", "up")
        self.plug("va")
        run("b", "sysctl", "-qw", "net.ipv6.conf.vb.disable_ipv6=0")
        run("b", "ip", "link", "set", "vb", "arp", "on")

    def plug(self, port):
        run("a", "ip", "link", "set", port, "master", "br0", "up")

    def make_machine(self, name, port):
        wire.ip("netns", "add", f"{wire.NAME}-{name}")
        run(name, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0")
        run(name, "ip", "link", "set", "lo", "up")
        wire.ip("link", "add", "eth0", "netns", f"{wire.NAME}-{name}", "type", "veth", "peer", "name", port, "netns", f"{wire.NAME}-a")
        run(name, "ip", "link", "set", "eth0", "up")
        self.plug(port)

    def start_router(self):
        run("h0", "ip", "address", "add", f"{NETWORK}.1/24", "dev", "eth0")
        prefix = []
        if HAS_IPV6:
            run("h0", "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
            run("h0", "ip", "address", "add", f"{PREFIX}::1/64", "dev", "eth0", "nodad")
            prefix = [f"--dhcp-range={PREFIX}::,ra-only,64,1h", "--enable-ra", "--ra-param=eth0,4,1800"]
        self.start("h0", "dnsmasq", "--conf-file=/dev/null", "--keep-in-foreground", "--user=root", "--no-resolv", "--no-hosts",
                   "--interface=eth0", "--bind-interfaces", "--no-ping", "--address=/lan.example/192.0.2.1",
                   f"--dhcp-range={NETWORK}.100,{NETWORK}.150,1h", *prefix, f"--dhcp-leasefile={self.folder / 'leases'}", "--pid-file=")

    def start(self, machine, *command, **options):
        child = subprocess.Popen([*enter(machine), *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, **options)
        self.children.append(child)
        return child

    def address_of(self, machine):
        found = re.search(rf"inet ({NETWORK}\.\d+)/", run(machine, "ip", "address", "show", "eth0").stdout)
        return found[1] if found else None

    def address6_of(self, machine):
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            found = re.search(rf"inet6 ({PREFIX}:[0-9a-f:]+)/", run(machine, "ip", "address", "show", "eth0").stdout)
            if found:
                return found[1]
            time.sleep(0.2)
        return None

    def start_talk(self):
        """Each with all others, by both versions of IP, and with the router."""
        everybody = [*self.addresses.values(), *self.addresses6.values()]
        family = "6" if HAS_IPV6 else "4"
        for machine in self.machines:
            self.start(machine, sys.executable, str(HERE / "talk.py"), family, f"{NETWORK}.1", *everybody)

    def stop(self):
        for child in self.children:
            child.send_signal(signal.SIGKILL)
            child.wait()
