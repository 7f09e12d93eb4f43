"""The cluster that `make run` keeps: made once, sound after a crash in the making, its own and nobody else's."""

import stat
from pathlib import Path

import pytest

from asterisk_conf.stage import postgres
from tests.integration.conftest import Server, free_port


def test_it_is_made_once_and_a_half_made_one_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    half = tmp_path / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("15\n")
    postgres.ensure_cluster(folder, 0)
    secret = folder / "line1420.password"
    password = secret.read_text()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert not half.exists()
    postgres.ensure_cluster(folder, 0)
    assert secret.read_text() == password


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(SystemExit, match="move it away"):
        postgres.ensure_cluster(tmp_path, 0)
    assert (tmp_path / "thesis.txt").exists()


def test_a_cluster_of_a_version_that_is_not_installed_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("9\n")
    with pytest.raises(SystemExit, match="apt-get install postgresql-9"):
        postgres.ensure_cluster(tmp_path, 0)


def test_it_knows_persian(postgres_server: Server) -> None:
    postgres.check_persian(postgres_server.folder, postgres_server.port)


def test_a_server_that_never_comes_up_is_an_error_with_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_server: Server
) -> None:
    monkeypatch.setattr(postgres, "_START_SECONDS", 0.5)
    with pytest.raises(SystemExit, match="LINE1420_DATABASE_PORT"):
        postgres.wait_ready(postgres_server.folder, free_port())


def test_another_cluster_on_our_port_is_not_taken_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_server: Server
) -> None:
    other = tmp_path / "postgres"
    postgres.ensure_cluster(other, postgres_server.port)
    monkeypatch.setattr(postgres, "_START_SECONDS", 0.5)
    with pytest.raises(SystemExit, match="different server"):
        postgres.wait_ready(other, postgres_server.port)
