"""Answers TCP and UDP on the ports 7001 to 7004 of each address with the peer that it saw, until it is ended."""

import selectors
import socket
import sys

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
print("ready")


def peer_text(peer):
    return f"{peer[0]}:{peer[1]}".encode()


try:
    while True:
        for key, _ in selector.select():
            if key.data == "datagram":
                _, peer = key.fileobj.recvfrom(2048)
                key.fileobj.sendto(peer_text(peer), peer)
            elif key.data == "listener":
                connection, peer = key.fileobj.accept()
                connection.sendall(peer_text(peer))
                selector.register(connection, selectors.EVENT_READ, "connection")
            elif not key.fileobj.recv(65536):
                selector.unregister(key.fileobj)
                key.fileobj.close()
except KeyboardInterrupt:
    pass
