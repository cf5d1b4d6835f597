"""Sends packets of SCTP through a NAT, and prints how its kernel follows each.

kernel-sctp.py HOST GATEWAY SERVER INSIDE OUTSIDE NAT WALKS: the names of three network namespaces, the addresses of the host, of the
server and of the gateway towards it, and lists of steps, each with a client port of its own: ">init" is sent by the host, "<init" by
the server, and a number is so many seconds to wait. Verification tags are those that the kernel expects, as far as it expects any.

Prints a list for each walk with a pair for each step: whether the packet was translated, and how many seconds the session has left
from then on, null for none.
"""

import ctypes
import json
import os
import select
import socket
import struct
import sys
import time

from kernel_checksums import crc32c

CLONE_NEWNET = 0x40000000
SERVER_PORT = 36412
CLIENT_TAG, SERVER_TAG = 0x11111111, 0x22222222
CHUNKS = ["data", "init", "initAck", "sack", "heartbeat", "heartbeatAck", "abort", "shutdown", "shutdownAck", "error"]
TYPES = {name: number for number, name in enumerate(CHUNKS)}
TYPES.update(cookieEcho=10, cookieAck=11, shutdownComplete=14)
# A packet that is not translated is waited for in vain for as long.
PATIENCE_SEC = 0.15

host_name, gateway_name, server_name, inside, outside, nat = sys.argv[1:7]
libc = ctypes.CDLL(None, use_errno=True)


def enter(name):
    with open(f"/var/run/netns/{name}") as namespace:
        if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {name}")


def raw_socket(name):
    enter(name)
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, 132)


host, server = raw_socket(host_name), raw_socket(server_name)
enter(gateway_name)


def packet(port, to, tag, chunk, own_tag):
    kind = TYPES[chunk]
    body = struct.pack("!IIHHI", own_tag, 65536, 1, 1, 1) if chunk in ("init", "initAck") else bytes(16)
    head = struct.pack("!HHI", port, to, tag)
    rest = struct.pack("!BBH", kind, 0, 4 + len(body)) + body
    return head + struct.pack("<I", crc32c(head + bytes(4) + rest)) + rest


def arrives(at, port, address):
    """Whether the next packet of the port comes, and from or to whom it should be."""
    until = time.monotonic() + PATIENCE_SEC
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([at], [], [], left)[0]:
            return False
        seen, (peer, _) = at.recvfrom(2048)
        ports = struct.unpack("!HH", seen[20:24])
        if port in ports:
            return peer == address


def session_of(port):
    """Its seconds and its state."""
    with open("/proc/thread-self/net/nf_conntrack") as table:
        for line in table:
            if f" sport={port} dport={SERVER_PORT} " in line:
                return int(line.split()[4]), line.split()[5]
    return None, None


class Tags:
    """What the kernel expects of the client and of the server; 0 where it has not seen it."""

    def __init__(self):
        self.client = self.server = 0

    def of_client(self, chunk, is_new):
        if chunk == "init":
            self.server = CLIENT_TAG
            return 0
        if is_new:
            # What shows an association is answered with its own tag.
            if chunk in ("heartbeat", "heartbeatAck"):
                self.client = SERVER_TAG
            if chunk in ("heartbeatAck", "shutdownAck"):
                self.server = SERVER_TAG
            return SERVER_TAG
        if chunk == "initAck":
            self.server = CLIENT_TAG
        elif chunk in ("heartbeat", "heartbeatAck") and self.client == 0:
            self.client = SERVER_TAG
        return self.client

    def of_server(self, chunk, is_unknown):
        if chunk == "init":
            self.client = SERVER_TAG
            return 0
        tag = self.server
        # Without a session, or on a path that is tried, the kernel does not know the tag that the server has.
        if tag == 0 and (is_unknown or chunk in ("heartbeat", "heartbeatAck")):
            tag = CLIENT_TAG
        if chunk == "initAck":
            self.client = SERVER_TAG
        elif chunk in ("heartbeat", "heartbeatAck"):
            self.server = tag
        return tag


def take(port, step, tags, state):
    chunk = step[1:]
    if step[0] == ">":
        tag = tags.of_client(chunk, state is None)
        host.sendto(packet(port, SERVER_PORT, tag, chunk, CLIENT_TAG), (outside, 0))
        return arrives(server, port, nat)
    tag = tags.of_server(chunk, state in (None, "HEARTBEAT_SENT"))
    server.sendto(packet(SERVER_PORT, port, tag, chunk, SERVER_TAG), (nat, 0))
    return arrives(host, port, outside)


results = []
for index, walk in enumerate(json.loads(sys.argv[7])):
    port = 1024 + index
    tags = Tags()
    state = None
    result = []
    for step in walk:
        if isinstance(step, str):
            if state is None:
                tags = Tags()
            is_translated = take(port, step, tags, state)
        else:
            time.sleep(step)
            is_translated = True
        left, state = session_of(port)
        result.append([is_translated, left])
    results.append(result)
print(json.dumps(results))
