"""The example configuration is one that the broker takes."""

import signal
import subprocess
import time

import grpc

from broker_client import ROOT, Party
from conftest import BINARIES, free_port_base

SERVING = b"\x08\x01"


def test_the_example_configuration_serves(tmp_path, demo):
    port = free_port_base()
    folder = demo.directory / "pki"
    config = (ROOT / "deploy/broker.toml").read_text()
    for example, here in {
        "0.0.0.0:7440": f"127.0.0.1:{port}",
        "0.0.0.0:7441": f"127.0.0.1:{port + 1}",
        "/var/lib/ssbtek-broker-keys": tmp_path / "keys",
        "/var/lib/ssbtek-broker": tmp_path,
        "/etc/ssbtek-broker/door": folder / "broker",
        "/etc/ssbtek-broker/agencies-ca": folder / "ca",
        "/etc/ssbtek-broker/agencies-crl": folder / "revoked.pem",
        "/etc/ssbtek-broker/witness-ca": folder / "ca",
        "/etc/ssbtek-broker/agencies": folder / "broker",
        "/etc/ssbtek-broker/client-ca": folder / "ca",
        "/etc/ssbtek-broker/crl": folder / "revoked.pem",
    }.items():
        assert example in config, example
        config = config.replace(example, str(here))
    (tmp_path / "broker.toml").write_text(config)
    command = [BINARIES / "ssbtek-broker", "serve", "--config", tmp_path / "broker.toml"]
    broker = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        assert _health(demo, port) == SERVING
    finally:
        broker.send_signal(signal.SIGTERM)
        said = broker.communicate(timeout=45)[1]
    assert broker.returncode == 0, said


def _health(demo, port):
    """`grpc.health.v1`, as any supervisor would ask; tried until the door is open."""
    board = Party(demo, address=f"127.0.0.1:{port}")
    check = board.channel.unary_unary("/grpc.health.v1.Health/Check")
    until = time.monotonic() + 20
    while True:
        try:
            return check(b"", timeout=5)
        except grpc.RpcError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
