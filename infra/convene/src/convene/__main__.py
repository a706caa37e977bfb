"""The command line."""

import sys
from importlib import import_module

import typer

from convene.parts.trouble import Unavailable

COMMANDS = (
    *("up", "down", "status", "logs", "token", "seed", "demo", "tail", "load", "bench", "chaos"),
    *("journal", "reconcile", "dlq", "erase"),
)
"""In the order of the help; each is ``convene.commands.<name>``."""


def build(arguments: list[str]) -> typer.Typer:
    """The application with the command that the arguments name, or with all of them for the help."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

    @app.callback()
    def convene() -> None:
        """Convene's command line for operators and newcomers."""

    wanted = arguments[0] if arguments and arguments[0] in COMMANDS else None
    for name in [wanted] if wanted else COMMANDS:
        import_module(f"convene.commands.{name}").register(app)
    return app


def main() -> None:
    """Run; what a person can act on is one sentence on stderr and exit code 1."""
    try:
        build(sys.argv[1:])()
    except Unavailable as trouble:
        print(f"convene: {trouble}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
