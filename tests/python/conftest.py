"""A demo of its own for the tests: free ports, a directory that goes away, the binaries that cargo built."""

import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import threading
import urllib.request

import pytest

from broker_client import ROOT, Demo, Party

BINARIES = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
# Relative to --port-base; kept free together so that no later door finds its port taken.
OFFSETS = range(0, 20)
START_S = 120


def free_port_base():
    for _ in range(200):
        base = random.randrange(20_000, 60_000, 20)
        sockets = []
        try:
            for offset in OFFSETS:
                sockets.append(socket.create_server(("127.0.0.1", base + offset)))
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
        return base
    raise RuntimeError("no free ports")


class Running:
    """A running `ssbtek-demo`."""

    def __init__(self, directory, port_base):
        wire = os.environ.get("SSBTEK_WIRE", "own")
        command = [BINARIES / "ssbtek-demo", "--wire", wire]
        command += ["--data-dir", directory, "--port-base", str(port_base)]
        self.port_base = port_base
        self.errors = open(pathlib.Path(directory).with_suffix(".stderr"), "ab")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.printed = []
        self._up = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        assert self._up.wait(START_S) and self.process.poll() is None, f"the demo did not start: {self.said()}"
        self.demo = Demo(directory)

    def _read(self):
        for line in self.process.stdout:
            self.printed.append(line)
            if "stays up" in line:
                self._up.set()
        self._up.set()

    def said(self):
        return pathlib.Path(self.errors.name).read_text() + "".join(self.printed)

    def control(self, method, path, body=None):
        """Speaks to the mock agencies' control port."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.demo.mock_control}{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read()
        return json.loads(text) if text else None

    def behave(self, source, **behaviour):
        self.control("PUT", f"/behaviour/{source}", behaviour)

    def calls(self):
        """Questions that have reached any agency."""
        return self.control("GET", "/calls")["total"]

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(45)
        self.errors.close()


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    demo = Running(tmp_path_factory.mktemp("demo"), free_port_base())
    yield demo
    demo.stop()


@pytest.fixture(scope="session")
def demo(running):
    return running.demo


@pytest.fixture(scope="session")
def board(demo):
    return Party(demo)


@pytest.fixture(scope="session")
def operator(demo):
    return Party(demo, pathlib.Path(demo.operator_cert).read_bytes(), pathlib.Path(demo.operator_key).read_bytes())


@pytest.fixture(scope="session")
def second_operator(demo):
    certificate, key = pathlib.Path(demo.second_operator_cert), pathlib.Path(demo.second_operator_key)
    return Party(demo, certificate.read_bytes(), key.read_bytes())
