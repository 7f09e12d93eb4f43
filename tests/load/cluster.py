"""A private PostgreSQL for one test, as large as it wants, gone afterwards."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

from asterisk_conf.stage import postgres

OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=2GB")
"""Safe only because nothing in it must survive a power cut."""


class Cluster:
    """`Cluster(folder).start()` … `stop()`; `url` as SQLAlchemy wants it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self._port: int = found.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return postgres.database_url(self._folder, self._port)

    def start(self) -> Cluster:
        postgres.ensure_cluster(self._folder, self._port)
        with (self._folder.parent / "postgres.log").open("ab") as log:
            argv = postgres.server_argv(self._folder, self._port, *OPTIONS)
            self._process = subprocess.Popen(argv, cwd="/", stdout=log, stderr=log)
        postgres.wait_ready(self._folder, self._port)
        return self

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(2)
            self._process.wait(60)
            self._process = None
