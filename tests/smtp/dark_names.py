"""A courier whose name server never answers: in a network of its own (unshare), where that is the only one there is.

    dark_names.py PROGRAM FOLDER    prints the results, and how long the whole took

Started by tests/smtp/run.
"""
import json
import pathlib
import socket
import subprocess
import sys

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests" / "tools"))
from courier import Courier
from smtp_server import SmtpServer


def main(program, folder):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    resolver = pathlib.Path(folder, "resolv.conf")
    resolver.write_text("nameserver 127.0.0.1\n")
    subprocess.run(["mount", "--bind", resolver, pathlib.Path("/etc/resolv.conf").resolve()], check=True)
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 53))
    message = pathlib.Path(folder, "message")
    fields = {"kind": "mail", "sender": "noc@example.jp", "recipient": "soumu@town.example", "file": message}
    with SmtpServer() as server:
        lost = [{**fields, "id": number, "host": "mail.example.jp", "port": 25, "tls": "starttls"} for number in range(3)]
        good = [{**fields, "id": number, "host": "127.0.0.1", "port": server.port, "tls": "clear"} for number in range(3, 9)]
        courier = Courier(program, mail_total_s=2, mail_connect_s=2)
        results = courier.run(*lost, *good)
    print(json.dumps({"results": [vars(result) for result in results], "took_s": courier.took_s}))


main(*sys.argv[1:])
