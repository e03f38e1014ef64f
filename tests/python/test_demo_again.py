"""The demo starts again on what an earlier start has left."""

import datetime
import subprocess
import zoneinfo

from conftest import BINARIES, Running, free_port_base


def test_the_demo_starts_again_after_new_instructions_were_published(tmp_path):
    directory, text = tmp_path / "demo", tmp_path / "instructions.txt"
    text.write_text("Ask only what the case needs.\n")
    today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Stockholm")).date()
    first = Running(directory, free_port_base())
    try:
        command = [BINARIES / "ssbtek-operator", "instructions", "publish", "later"]
        command += ["--document", text, "--from", str(today), "--demo", directory]
        published = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert published.returncode == 0, published.stderr
    finally:
        first.stop()
    again = Running(directory, free_port_base())
    again.stop()
    assert "stays up" in again.said()
