"""A machine at its usual work: it serves, turns to others that do, and asks for names.

    talk.py 4|6 NAME-SERVER ADDRESS...

6: it can speak both versions of IP.
"""
import random
import socket
import struct
import sys
import threading
import time

PORT = 8080
PAUSE_S = 0.4
NAME = b"\3lan\7example\0"


def serve(both):
    with socket.create_server(("", PORT), family=socket.AF_INET6 if both else socket.AF_INET, dualstack_ipv6=both) as server:
        while True:
            peer, _ = server.accept()
            with peer:
                peer.sendall(peer.recv(4096))


def turn_to(address):
    try:
        with socket.create_connection((address, PORT), timeout=2) as peer:
            peer.sendall(b"good morning")
            peer.recv(4096)
    except OSError:
        pass  # it is not there yet


def ask(server, number):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(2)
        asking.sendto(struct.pack("!6H", number & 0xffff, 0x0100, 1, 0, 0, 0) + NAME + struct.pack("!2H", 1, 1), (server, 53))
        try:
            asking.recv(4096)
        except OSError:
            pass


def main():
    version, server, *others = sys.argv[1:]
    threading.Thread(target=serve, args=(version == "6",), daemon=True).start()
    number = 0
    while True:
        turn_to(random.choice(others))
        number += 1
        if number % 4 == 0:
            ask(server, number)
        time.sleep(random.uniform(0, 2 * PAUSE_S))


main()
