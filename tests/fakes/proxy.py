"""A proxy on loopback that does what CONNECT asks (RFC 9110, 9.3.6), and keeps what it was asked and what it passed."""

import socket
import threading
from types import TracebackType

PATIENCE_S = 10.0


class Proxy:
    """`with Proxy() as proxy:`; asked: the heads of its requests, passed: bytes from the client to the other side.

    answer: said instead of doing anything.
    """

    def __init__(self, answer: bytes | None = None) -> None:
        self._answer = answer
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.asked: list[bytes] = []
        self.passed = b""
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> "Proxy":
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing alone does not wake who waits in accept.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(PATIENCE_S)
        for one in self._open:
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return  # it is over
            client.settimeout(PATIENCE_S)
            self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            if not (some := client.recv(4_096)):
                client.close()
                return
            head += some
        self.asked.append(head)
        if self._answer is not None:
            client.sendall(self._answer)
            client.close()
            return
        host, _, port = head.split()[1].decode().rpartition(":")
        server = socket.create_connection((host, int(port)), PATIENCE_S)
        self._open += [client, server]
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        up = threading.Thread(target=self._pass_on, args=(client, server, True))
        down = threading.Thread(target=self._pass_on, args=(server, client, False))
        self._threads += [up, down]
        up.start()
        down.start()

    def _pass_on(self, source: socket.socket, target: socket.socket, keep: bool) -> None:
        try:
            while some := source.recv(65_536):
                if keep:
                    self.passed += some
                target.sendall(some)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return  # one side is gone
