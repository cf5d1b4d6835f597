"""Answers TCP and UDP on the ports 7001 to 7004 of each address, HTTP on 7005, GRE, ESP, SCTP and UDP-Lite with the peer that it saw, until it is ended."""

import selectors
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from kernel_checksums import crc32c, internet_checksum

GRE, ESP, SCTP, UDP_LITE = 47, 50, 132, 136

selector = selectors.DefaultSelector()
for address in sys.argv[1:]:
    for port in range(7001, 7005):
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.bind((address, port))
        selector.register(datagrams, selectors.EVENT_READ, "datagram")
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(1024)
        selector.register(listener, selectors.EVENT_READ, "listener")


class PeerPage(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = peer_text(self.client_address)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


for address in sys.argv[1:]:
    pages = ThreadingHTTPServer((address, 7005), PeerPage)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
for protocol in (GRE, ESP, SCTP, UDP_LITE):
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)
    selector.register(raw, selectors.EVENT_READ, "raw")
print("ready")


def answer_raw(raw):
    packet, (peer, _) = raw.recvfrom(2048)
    source, own = socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])
    protocol, body = packet[9], packet[(packet[0] & 15) * 4 :]
    if protocol == SCTP:
        port, own_port = struct.unpack("!HH", body[:4])
        # An INIT ACK with what was seen in the place of its parameters.
        seen = f"seen {source}:{port}".encode()
        seen += bytes(-len(seen) % 4)
        chunk = struct.pack("!BBHIIHHI", 2, 0, 20 + len(seen), 2, 65536, 1, 1, 1) + seen
        head = struct.pack("!HHI", own_port, port, 1)
        answer = head + struct.pack("<I", crc32c(head + bytes(4) + chunk)) + chunk
    elif protocol == UDP_LITE:
        port, own_port = struct.unpack("!HH", body[:4])
        data = f"seen {source}:{port}".encode()
        # The checksum covers the header.
        head = struct.pack("!HHHH", own_port, port, 8, 0)
        pseudo = packet[16:20] + packet[12:16] + struct.pack("!II", UDP_LITE, len(head + data))
        answer = head[:6] + struct.pack("!H", internet_checksum(pseudo + head) or 0xFFFF) + data
    else:
        answer = body[:4] + f"seen {source}:0".encode()
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol) as back:
        back.bind((own, 0))
        back.sendto(answer, (peer, 0))


def peer_text(peer):
    return f"{peer[0]}:{peer[1]}".encode()


try:
    while True:
        for key, _ in selector.select():
            if key.data == "datagram":
                _, peer = key.fileobj.recvfrom(2048)
                key.fileobj.sendto(peer_text(peer), peer)
            elif key.data == "raw":
                answer_raw(key.fileobj)
            elif key.data == "listener":
                connection, peer = key.fileobj.accept()
                connection.sendall(peer_text(peer))
                selector.register(connection, selectors.EVENT_READ, "connection")
            elif not key.fileobj.recv(65536):
                selector.unregister(key.fileobj)
                key.fileobj.close()
except KeyboardInterrupt:
    pass
