"""Asks OBS to stop streaming, as its own button would: OBS does nothing of the kind when it gets a signal."""

import json
import os
import socket

connection = socket.create_connection(("127.0.0.1", 4455), timeout=5)
upgrade = "GET / HTTP/1.1\r\nHost: localhost:4455\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
upgrade += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ZGVtby1rZXktZGVtby1rZQ==\r\n\r\n"
connection.sendall(upgrade.encode())
for ask in ({"op": 1, "d": {"rpcVersion": 1}}, {"op": 6, "d": {"requestType": "StopStream", "requestId": "1"}}):
    connection.recv(65536)
    body, mask = json.dumps(ask).encode(), os.urandom(4)
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(body))
    connection.sendall(bytes([0x81, 0x80 | len(body)]) + mask + masked)
connection.recv(65536)
connection.recv(65536)
