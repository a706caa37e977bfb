"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

Local = Annotated[Path, typer.Option("--local", help="Folder of the platform's data.", envvar="CONVENE_LOCAL")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
