"""Runs a script of steps, and prints for each session that was answered what its two ends know.

["tcp", host, port, server, server port]    a connection that is closed again; port 0 for any
["hold", host, port, server, server port]   one that stays open until the end
["udp", host, port, server, server port]    a datagram from a socket that stays open, and its answer
["ping", host, identifier, server]          an echo request, and its reply; the server does not say what it saw
["lost", host, port, server, server port]   a datagram to a port where nobody listens, and the error about it
["raw", host, protocol, server]              a packet of a protocol without ports, and its answer
["raw", host, protocol, server, port, server port]   of one with ports an INIT of SCTP, or a datagram of UDP-Lite, and its answer
["unanswered", ...]                         the same, of which no answer may come within a second
["curl", host, port, server]                the program fetches two pages over one connection
["echo", host, server, count]               the program ping sends so many requests, and has their replies
["wait", milliseconds]
"""

import json
import os
import socket
import struct
import subprocess
import sys
import time

from kernel_checksums import crc32c, internet_checksum

ICMP_ECHO_REQUEST = 8
HTTP_PORT = 7005
held = []
datagrams = {}


def tell(protocol, own, server, seen):
    pri = f"{own[0]}:{own[1]}"
    print(json.dumps({"protocol": protocol, "pri": pri, "pub": f"{server[0]}:{server[1]}", "nat": seen}))


def connect(host, port, server, server_port):
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    connection.settimeout(5)
    connection.bind((host, port))
    connection.connect((server, server_port))
    seen = connection.recv(64).decode()
    tell(6, connection.getsockname(), (server, server_port), seen)
    connection.sendall(os.urandom(300))
    return connection


def send_datagram(host, port, server, server_port):
    key = (host, port)
    if key not in datagrams:
        datagrams[key] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams[key].settimeout(5)
        datagrams[key].bind((host, port))
    datagrams[key].sendto(os.urandom(20), (server, server_port))
    seen, _ = datagrams[key].recvfrom(2048)
    tell(17, datagrams[key].getsockname(), (server, server_port), seen.decode())


def ping(host, identifier, server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP) as echo:
        echo.settimeout(5)
        # The identifier is the port of such a socket.
        echo.bind((host, identifier))
        echo.sendto(struct.pack("!BBHHH", ICMP_ECHO_REQUEST, 0, 0, 0, 1) + os.urandom(20), (server, 0))
        echo.recvfrom(2048)


def lose_datagram(host, port, server, server_port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as lost:
        lost.settimeout(5)
        lost.bind((host, port))
        lost.connect((server, server_port))
        lost.send(os.urandom(20))
        try:
            lost.recv(1)
        except ConnectionRefusedError:
            pass


GRE, SCTP, UDP_LITE = 47, 132, 136


def lite_datagram(source, target, port, target_port, data):
    """Its checksum covers its header."""
    head = struct.pack("!HHHH", port, target_port, 8, 0)
    pseudo = socket.inet_aton(source) + socket.inet_aton(target) + struct.pack("!II", UDP_LITE, len(head + data))
    return head[:6] + struct.pack("!H", internet_checksum(pseudo + head) or 0xFFFF) + data


def raw_payload(protocol, host, server, port, server_port):
    if protocol == GRE:
        # Without options, of an experimental EtherType, so that it is no tunnel.
        return struct.pack("!HH", 0, 0x88B5) + os.urandom(16)
    if protocol == UDP_LITE:
        return lite_datagram(host, server, port, server_port, os.urandom(20))
    if protocol != SCTP:
        return os.urandom(20)
    chunk = struct.pack("!BBHIIHHI", 1, 0, 20, 1, 65536, 1, 1, 1)
    ports = struct.pack("!HH", port, server_port)
    tag = struct.pack("!I", 0)
    checksum = struct.pack("<I", crc32c(ports + tag + bytes(4) + chunk))
    return ports + tag + checksum + chunk


def send_raw(expects_answer, host, protocol, server, port=0, server_port=0):
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol) as raw:
        raw.bind((host, 0))
        raw.settimeout(5 if expects_answer else 1)
        raw.sendto(raw_payload(protocol, host, server, port, server_port), (server, 0))
        try:
            answer = raw.recv(2048)
        except socket.timeout:
            if expects_answer:
                raise
            return
        if not expects_answer:
            raise RuntimeError(f"{host} was answered")
        tell(protocol, (host, port), (server, server_port), answer.rsplit(b"seen ", 1)[1].rstrip(bytes(1)).decode())


def run_program(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


def fetch(host, port, server):
    """A page is whom the server saw; what curl prints after it are its own ends."""
    ends = "\n%{local_ip} %{local_port} %{remote_port} %{response_code}\n"
    urls = [f"http://{server}:{HTTP_PORT}/{page}" for page in (1, 2)]
    # Nothing of the machine's own settings, such as a proxy.
    own = ("-q", "--noproxy", "*", "--interface", host, "--local-port", str(port))
    printed = run_program("curl", *own, "-sS", "-m", "10", "-w", ends, *urls)
    lines = printed.splitlines()
    if len(lines) != 4:
        raise RuntimeError(printed)
    for seen, told in zip(lines[::2], lines[1::2]):
        address, port, server_port, status = told.split()
        if status != "200":
            raise RuntimeError(f"HTTP {status}: {printed}")
        tell(6, (address, port), (server, server_port), seen)


def echo(host, server, count):
    """It chooses its identifier itself; the server does not say what it saw."""
    printed = run_program("ping", "-n", "-c", str(count), "-i", "0.2", "-W", "5", "-I", host, server)
    if f"{count} received" not in printed and f"{count} packets received" not in printed:
        raise RuntimeError(printed)


for step, *args in json.loads(sys.argv[1]):
    if step == "wait":
        time.sleep(args[0] / 1000)
    elif step == "ping":
        ping(*args)
    elif step in ("raw", "unanswered"):
        send_raw(step == "raw", *args)
    elif step == "curl":
        fetch(*args)
    elif step == "echo":
        echo(*args)
    elif step == "lost":
        lose_datagram(*args)
    elif step == "udp":
        send_datagram(*args)
    elif step == "hold":
        held.append(connect(*args))
    else:
        connect(*args).close()
