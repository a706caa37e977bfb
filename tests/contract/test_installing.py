"""uv is installed once for all checkouts of a user, whole or not at all."""

import hashlib
import os
import re
import subprocess
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINNED = re.findall(r"^uv==([0-9.]+)", (ROOT / "requirements" / "uv.txt").read_text(), re.MULTILINE)
AT_ONCE = 3


def without_make(**more: str) -> dict[str, str]:
    """The environment, without what a make around the tests hands on."""
    return {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    } | more


def is_up_to_date(cache: Path) -> bool:
    """Whether make would leave the uv of this cache as it is."""
    uv = cache / "convene" / f"uv-{PINNED[0]}" / "bin" / "uv"
    command = ["make", "--question", "--no-print-directory", str(uv)]
    done = subprocess.run(command, cwd=ROOT, env=without_make(XDG_CACHE_HOME=str(cache)), check=False)
    assert done.returncode in {0, 1}
    return done.returncode == 0


def test_a_uv_of_the_pinned_version_is_used_however_old_it_is(tmp_path: Path) -> None:
    assert not is_up_to_date(tmp_path)
    uv = tmp_path / "convene" / f"uv-{PINNED[0]}" / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    uv.touch(0o755)
    os.utime(uv, (1, 1))
    assert is_up_to_date(tmp_path)


def program(folder: Path) -> str:
    """Put a wheel there with a program named uv; its SHA-256."""
    at = "uv-1.0.dist-info"
    files = {
        "uv-1.0.data/scripts/uv": "#!/bin/sh\necho it runs\n",
        f"{at}/METADATA": "Metadata-Version: 2.1\nName: uv\nVersion: 1.0\n",
        f"{at}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [
        f"{name},sha256={urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}"
        for name, text in files.items()
    ]
    wheel = folder / "uv-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {**files, f"{at}/RECORD": "\n".join([*rows, f"{at}/RECORD,,\n"])}.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100755 << 16
            archive.writestr(entry, text)
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder whose requirements/uv.txt pins a small wheel beside it."""
    folder = tmp_path / "checkout"
    (folder / "requirements").mkdir(parents=True)
    (folder / "requirements" / "uv.txt").write_text(f"uv==1.0 --hash=sha256:{program(folder)}\n")
    return folder


def installing(checkout: Path, home: Path) -> subprocess.Popen[str]:
    """The script at work in this folder, with no registry."""
    python = subprocess.run(["sh", "infra/python.sh"], cwd=ROOT, capture_output=True, text=True, check=True)
    environ = without_make(PYTHON=python.stdout.strip(), PIP_NO_INDEX="1", PIP_FIND_LINKS=str(checkout))
    command = ["sh", str(ROOT / "infra" / "uv.sh"), str(home)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=checkout, env=environ, text=True, stdout=pipe, stderr=pipe)


def test_several_checkouts_that_install_at_once_end_with_one_that_runs(tmp_path: Path, checkout: Path) -> None:
    home = tmp_path / "cache" / "uv-1.0"
    running = [installing(checkout, home) for _ in range(AT_ONCE)]
    said = [one.communicate() for one in running]
    assert [one.returncode for one in running] == [0] * AT_ONCE, said
    assert os.listdir(home.parent) == ["uv-1.0"]
    found = subprocess.run([home / "bin" / "uv"], capture_output=True, text=True, check=True)
    assert found.stdout == "it runs\n"


def test_what_does_not_match_its_hash_leaves_nothing_behind(tmp_path: Path, checkout: Path) -> None:
    home = tmp_path / "cache" / "uv-1.0"
    (checkout / "requirements" / "uv.txt").write_text(f"uv==1.0 --hash=sha256:{'0' * 64}\n")
    failing = installing(checkout, home)
    _, err = failing.communicate()
    assert failing.returncode == 1
    assert err.splitlines()[-1] == "make: uv could not be installed; check the network and try again."
    assert os.listdir(home.parent) == []


def test_a_folder_without_a_uv_is_named_and_left_alone(tmp_path: Path, checkout: Path) -> None:
    home = tmp_path / "cache" / "uv-1.0"
    home.mkdir(parents=True)
    (home / "README").touch()
    failing = installing(checkout, home)
    _, err = failing.communicate()
    assert failing.returncode == 1
    assert err == f"make: {home} is there without a uv in it; remove it and try again.\n"
    assert os.listdir(home) == ["README"]
