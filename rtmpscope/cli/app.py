"""The ``rtmpscope`` program: its commands, and ``rtmpscope CAPTURE`` as short for ``rtmpscope analyze CAPTURE``."""

from __future__ import annotations

from typing import Annotated

import typer
from typer.core import TyperGroup

from rtmpscope.cli import analyze, demo, explain, export, messages, plot, show, table
from rtmpscope.cli.exits import ReaderGoneError

_HELP = """Look into captured RTMP: what connected to what, what was asked, answered and sent.

\b
Examples:
  rtmpscope capture.pcap                                  the main job: a summary
  rtmpscope messages capture.pcap --where "type == 'video' and length > 50000"
  rtmpscope show capture.pcap 17                          one message, field by field
  rtmpscope export capture.pcap --stream 0 -o stream.flv  a stream as a file
  rtmpscope analyze capture.pcap -o report                report, charts and tables in a folder

\b
Exit codes: 0 analyzed, 1 a finding reached --fail-on, 2 unusable arguments or
input, 3 nothing RTMP-like in the capture, 70 a defect of rtmpscope.
"""


#: What may stand before a command's name.
_OWN_OPTIONS = ("--version", "--help", "-h")


class _AnalyzeByDefault(TyperGroup):
    """A first argument that is no command is a capture to analyze, or an option of ``analyze``."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        if args and args[0] not in (*self.commands, *_OWN_OPTIONS):
            args = ["analyze", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        """Run the command; that nobody reads its output any more is no failure, as it would be to typer.

        Nor is an EOFError, which typer takes for an answer of the user.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError as gone:
            raise ReaderGoneError from gone
        except EOFError as error:
            raise RuntimeError("unexpected end of a file") from error


app = typer.Typer(
    name="rtmpscope",
    help=_HELP,
    cls=_AnalyzeByDefault,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from rtmpscope import __version__

        typer.echo(f"rtmpscope {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop."),
    ] = False,
) -> None:
    """What stands before the command's name."""


app.command("analyze")(analyze.analyze)
app.command("messages")(messages.messages)
app.command("table")(table.table)
app.command("show")(show.show)
app.command("plot")(plot.plot)
app.command("export")(export.export)
app.command("explain")(explain.explain)
app.command("demo")(demo.demo)
