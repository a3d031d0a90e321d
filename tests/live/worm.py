"""A machine that spreads: it asks one address of a range after the other for one port.

    worm.py INTERFACE RANGE PORT RATE SECONDS

For each line of its input, "connect ADDRESS", "raw ADDRESS" or "refused ADDRESS", a worm begins at that address, whether others are
at work or not: by connect(2), as the kernel does it, by frames of its own, or by such with a refusal after each, as a mirror port
shows both. Prints "ADDRESS TIME", the moment before its first packet. Ends with
its input, when the last worm has ended.
"""
import errno
import ipaddress
import random
import socket
import struct
import sys
import threading
import time

SYN, RST_ACK = 0x02, 0x14
IN_VAIN = (errno.EINPROGRESS, errno.ENETUNREACH, errno.EHOSTUNREACH)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def segment(source, target, ports, numbers, flags):
    """As a frame, from 64 hops."""
    tcp = struct.pack("!HHIIBBHHH", *ports, *numbers, 0x50, flags, 64240, 0, 0)
    sum_of = checksum(source + target + struct.pack("!BBH", 0, 6, len(tcp)) + tcp)
    tcp = tcp[:16] + struct.pack("!H", sum_of) + tcp[18:]
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + source + target
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return b"\2\0\0\0\0\2" + b"\2\0\0\0\0\1" + b"\x08\0" + head + tcp


class Worms:
    def __init__(self, interface, prefix, port, rate, seconds):
        self.interface = interface
        self.network = ipaddress.ip_network(prefix)
        self.port = port
        self.rate = rate
        self.seconds = seconds
        self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.wire.bind((interface, 0))

    def target(self):
        return str(self.network[random.randrange(1, self.network.num_addresses - 1)])

    def ask_by_kernel(self, address, _):
        asking = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        asking.bind((address, 0))
        asking.setblocking(False)
        error = asking.connect_ex((self.target(), self.port))
        if error not in IN_VAIN:
            raise OSError(error, "connect")
        return asking

    def ask_raw(self, address, number, is_refused=False):
        source, target = socket.inet_aton(address), socket.inet_aton(self.target())
        ours, sequence = 40000 + number % 20000, number * 7919 & 0xffffffff
        self.wire.send(segment(source, target, (ours, self.port), (sequence, 0), SYN))
        if is_refused:
            self.wire.send(segment(target, source, (self.port, ours), (0, sequence + 1 & 0xffffffff), RST_ACK))

    def ask_refused(self, address, number):
        self.ask_raw(address, number, is_refused=True)

    def run(self, ask, address):
        print(address, time.time(), flush=True)
        asked = [ask(address, 0)]
        for number in range(1, int(self.rate * self.seconds)):
            time.sleep(1 / self.rate)
            asked.append(ask(address, number))


def main():
    interface, prefix, port, rate, seconds = sys.argv[1:6]
    worms = Worms(interface, prefix, int(port), float(rate), float(seconds))
    threads = []
    for line in sys.stdin:
        kind, address = line.split()
        ask = {"connect": worms.ask_by_kernel, "raw": worms.ask_raw, "refused": worms.ask_refused}[kind]
        threads.append(threading.Thread(target=worms.run, args=(ask, address)))
        threads[-1].start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
