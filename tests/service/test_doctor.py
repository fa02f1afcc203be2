"""`huref doctor`: all is well, and each thing that can be wrong with an installation or a service's set-up."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from huref.doctor import installation
from huref.registry.blobs import Folder
from huref.serve import doctor
from huref.serve.settings import Settings
from huref.serve.store.database import address_of
from tests.service.conftest import serving
from tests.service.test_faults import keep
from tests.service.test_witnesses import given
from tests.support import postgres, s3
from tests.support.cli import Here

ROOT = Path(__file__).parents[2]


def faults(settings: Settings, now: datetime | None = None) -> dict[str, str]:
    return {one.check: str(one.code) for one in doctor.findings(settings, now) if not one.ok}


@pytest.fixture
def kept(tmp_path: Path) -> Settings:
    """Settings of a service that has accepted something."""
    settings = Settings(data=tmp_path / "data", writing="anyone")
    with serving(settings) as port:
        assert keep(f"http://127.0.0.1:{port}", 0).status_code == 201
    return settings


def test_a_good_installation(huref: Here) -> None:
    ran = huref("doctor", "--json")
    assert ran.code == 0, ran
    assert [one["check"] for one in ran.json["findings"]] == ["program", "core", "extras"]
    assert "All is well" in huref("doctor").out


def test_the_bundle_that_is_kept_is_one_of_the_vectors() -> None:
    kept = ROOT / "python" / "huref" / "doctor" / installation.KEPT
    assert kept.read_bytes() == (ROOT / "proofs" / "vectors" / "bundles" / "v2" / "small.huref.json").read_bytes()


def test_a_core_that_accepts_everything(huref: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "rejection", lambda *_: None)
    ran = huref("doctor", "--json")
    assert (ran.code, ran.json["ok"], ran.json["findings"][1]["code"]) == (70, False, "internal")


def test_a_service_before_and_after_its_first_start(tmp_path: Path, huref: Here) -> None:
    folder = tmp_path / "data"
    assert huref("doctor", "--data", folder).code == 0
    assert not folder.exists(), "looking makes nothing"
    folder.mkdir()
    assert huref("doctor", "--data", folder).code == 0
    assert not list(folder.iterdir()), "what was tried there is gone"
    with serving(Settings(data=folder, writing="anyone")) as port:
        assert keep(f"http://127.0.0.1:{port}", 0).status_code == 201
        ran = huref("doctor", "--data", folder, "--json")
    assert ran.code == 0, ran
    details = {one["check"]: one["detail"] for one in ran.json["findings"]}
    assert "1 entries" in details["log"]
    assert details["database"].startswith("revision 0"), "that of this release"


def test_servers_and_a_store_that_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres.server() as running:
        with s3.store() as address:
            for name, value in s3.environment(address).items():
                monkeypatch.setenv(name, value)
            settings = Settings(
                data=tmp_path,
                database=SecretStr(postgres.database(running)),
                objects=f"s3://{s3.bucket(address)}/prefix",
                writing="anyone",
            )
            assert faults(settings) == {}
            with serving(settings) as port:
                assert keep(f"http://127.0.0.1:{port}", 0).status_code == 201
            assert faults(settings) == {}
        away = faults(settings)
        assert away["objects"] == away["log"] == "store-failed"


def test_a_log_that_is_lost(kept: Settings, huref: Here) -> None:
    assert kept.data is not None
    shutil.rmtree(kept.data / "log")
    assert faults(kept) == {"log": "log-rejected"}
    ran = huref("doctor", "--data", kept.data)
    assert ran.code == 1
    assert "restore the log" in " ".join(ran.out.split())


def test_a_key_that_is_lost(kept: Settings) -> None:
    assert kept.data is not None
    (kept.data / "log.key").unlink()
    assert faults(kept) == {"log": "not-found"}


def test_a_database_of_a_newer_release(kept: Settings) -> None:
    engine = sa.create_engine(address_of(kept))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    assert faults(kept) == {"database": "store-failed"}


def test_a_store_without_conditions(kept: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(self: Folder, name: str, before: bytes | None, data: bytes) -> bool:
        self.put(name, data)
        return True

    monkeypatch.setattr(Folder, "swap", careless)
    assert faults(kept) == {"objects": "store-failed"}


def test_a_clock_that_was_set_back(kept: Settings) -> None:
    now = datetime.now(UTC)
    assert faults(kept, now - timedelta(seconds=30)) == {}
    assert faults(kept, now - timedelta(days=1)) == {"clock": "machine-unfit"}


def test_too_little_of_everything(kept: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ROOM", 1 << 62)
    many = kept.model_copy(update={"connections": 10**9})
    assert faults(many) == {"open files": "machine-unfit", "disk": "machine-unfit"}


def test_witnesses_that_did_not_answer(tmp_path: Path) -> None:
    settings = given(tmp_path, "http://127.0.0.1:1")
    assert faults(settings) == {}
    with serving(settings) as port:
        assert keep(f"http://127.0.0.1:{port}", 0).status_code == 201
    assert faults(settings) == {"witnesses": "service-failed"}
