"""The command line: each command parses its options, calls one function, prints what it gives and sets the exit code.

Exit codes: 0 done, 1 something the user can fix, 2 a fault of segwh, 130 stopped with Ctrl-C. Everything but click is imported
inside the commands: `segwh --help` answers at once.
"""

from __future__ import annotations

import codecs
import contextlib
import functools
import gc
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import click

from segwh import __version__

if TYPE_CHECKING:
    from segwh.errors import RulesError, UserError

DONE, FIXABLE, FAULT, STOPPED = 0, 1, 2, 130
MOST_THREADS = 1000
"""Of more the operating system may refuse to make one, and dbt then ends in words of its own."""

Command = TypeVar("Command", bound=Callable[..., Any])


def plain(error: UnicodeError) -> tuple[str, int]:
    """What a terminal shows for characters that it lacks: for our own signs what looks like them, else a question mark."""
    assert isinstance(error, UnicodeEncodeError)
    left_out = error.object[error.start : error.end]
    return "".join({"−": "-", "—": "-", "·": ".", "…": "..."}.get(one, "?") for one in left_out), error.end


codecs.register_error("segwh.plain", plain)


class Segwh(click.Group):
    """The group of all commands. A wrong option is for the user to fix, as is everything that goes wrong before a command."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run a command and end the process with its exit code."""
        # Python has no stream for what is closed; the next file that is opened must not take its place.
        sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="segwh.plain")
        try:
            code = super().main(args, prog_name or "segwh", complete_var, standalone_mode=False, **extra)
        except click.ClickException as error:
            error.show()
            code = FIXABLE
        except (click.Abort, KeyboardInterrupt):
            click.echo("stopped", err=True)
            code = STOPPED
        except OSError as error:
            # Commands have their own guard: this is click's, which prints help and version.
            from segwh.display.output import unwritable

            complain(unwritable(error))
            code = FIXABLE
        sys.exit(code if isinstance(code, int) else DONE)


class Keyed(click.Command):
    """A command that takes a key, which may be a negative number: that looks like an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments."""
        ctx.ignore_unknown_options = any(arg[:1] == "-" and arg[1:].isdecimal() for arg in args)
        return super().parse_args(ctx, args)


def guarded(command: Command) -> Command:
    """Turn what a command raises into a message and an exit code."""

    @functools.wraps(command)
    def wrapper(*args: Any, debug: bool, **options: Any) -> Any:
        from segwh.errors import RulesError, UserError

        try:
            return command(*args, **options)
        except RulesError as error:
            click.echo(error.text, nl=False, err=True)
            explain_to_tools(error, options)
            return FIXABLE
        except UserError as error:
            complain(error)
            explain_to_tools(error, options)
            return FIXABLE
        except (click.ClickException, click.Abort, KeyboardInterrupt, BrokenPipeError):
            raise
        except PermissionError as error:
            complain(UserError(f"{error.filename or 'a file'}: {error.strerror}", "allow segwh to read and write there"))
            return FIXABLE
        except Exception as error:
            if debug:
                raise
            confess(error, options.get("project_dir"))
            return FAULT

    return cast("Command", wrapper)


def explain_to_tools(error: RulesError | UserError, options: Mapping[str, Any]) -> None:
    """Print why there is no result where JSON was asked for; an output that takes nothing is not told so."""
    from segwh.display.output import mistakes_as_json
    from segwh.errors import UserError

    if options.get("form") == "json":
        with contextlib.suppress(UserError):
            out(mistakes_as_json(error), is_data=True)


def complain(error: UserError) -> None:
    """Print what is wrong and what to do about it."""
    said(f"error: {error.message}", fg="red")
    for line in error.hint.splitlines():
        said(f"  {line}")


def confess(error: Exception, project_dir: str | None) -> None:
    """Say that segwh is at fault, with the traceback in a file and not on the screen."""
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    folder = Path(project_dir or ".") / "target"
    try:
        folder.mkdir(exist_ok=True)
        file = folder / "segwh_fault.txt"
        file.write_text(text, encoding="utf-8")
    except OSError:
        with tempfile.NamedTemporaryFile("w", prefix="segwh_fault_", suffix=".txt", delete=False, encoding="utf-8") as kept:
            kept.write(text)
        file = Path(kept.name)
    summary = " ".join(str(error).split())[:200]
    said(f"this is a fault of segwh: {type(error).__name__}: {summary}", fg="red")
    said(f"  the details are in {file}; please report it with them")


def said(text: str, **style: Any) -> None:
    """Print a line for people to standard error, in colour only where it is a terminal that wants it."""
    from segwh.text.diagnostics import printable

    shown = "\n".join(printable(line) for line in text.split("\n"))
    click.echo(shown if "NO_COLOR" in os.environ else click.style(shown, **style), err=True)


def out(text: str, nl: bool = True, is_data: bool = False) -> None:
    """Print a result to standard output; with `is_data` one that programs read."""
    from segwh.display.output import speak_utf8, written

    with written():
        if is_data:
            speak_utf8()
        click.echo(text, nl=nl)


def options(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options as one decorator, in the order in which help shows them."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


in_project = options(
    click.option("--project-dir", envvar="DBT_PROJECT_DIR", metavar="DIR", help="The dbt project (default: here or above)."),
    click.option("--profiles-dir", envvar="DBT_PROFILES_DIR", metavar="DIR", help="Where profiles.yml is (default: as dbt)."),
    click.option("--target", "-t", envvar="DBT_TARGET", metavar="NAME", help="The target in profiles.yml (default: its own)."),
    click.option("--debug", is_flag=True, help="Show the traceback of a fault."),
)
with_dialect = click.option("--dialect", metavar="NAME", help="The SQL dialect (default: that of the target).")
with_format = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print the result."
)


@click.group(cls=Segwh, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="segwh", message="%(prog)s %(version)s")
def cli() -> None:
    """Customer segments as code, run by dbt inside your own warehouse.

    Start with `segwh init` in a dbt project, then `segwh preview NAME` and `segwh run`.
    """


@cli.command()
@in_project
@with_dialect
@click.option("--force", is_flag=True, help="Overwrite files that are there already; each is kept as FILE.bak.")
@guarded
def init(project_dir: str | None, profiles_dir: str | None, target: str | None, dialect: str | None, force: bool) -> int:
    """Set up a dbt project: propose a catalog from its tables."""
    from segwh.display.init import show
    from segwh.display.terminal import console
    from segwh.init.setup import InitOptions, init

    show(init(InitOptions(project_dir, profiles_dir, target, force, dialect)), console())
    return DONE


@cli.command()
@in_project
@with_dialect
@with_format
@guarded
def validate(project_dir: str | None, profiles_dir: str | None, target: str | None, dialect: str | None, form: str) -> int:
    """Check the rules and the files of tests, without a warehouse; `segwh test` runs the tests."""
    from segwh.commands.workspace import find_workspace, validate
    from segwh.display.validation import as_json, as_text

    found = validate(find_workspace(project_dir, profiles_dir, target, dialect, needs_target=False))
    out(as_json(found) if form == "json" else as_text(found), nl=False, is_data=form == "json")
    return DONE if found.is_valid else FIXABLE


@cli.command("compile")
@in_project
@with_dialect
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the compiled files are not up to date.")
@guarded
def compile_command(
    project_dir: str | None, profiles_dir: str | None, target: str | None, dialect: str | None, check: bool
) -> int:
    """Write the models, tests and macros into the dbt project."""
    from segwh.commands.workspace import compile_workspace, find_workspace
    from segwh.display.compile import lines

    compiled = compile_workspace(find_workspace(project_dir, profiles_dir, target, dialect), check=check)
    click.echo(compiled.warnings, nl=False, err=True)
    for line in lines(compiled):
        out(line)
    return FIXABLE if check and compiled.drift else DONE


@cli.command("test")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@in_project
@with_dialect
@with_format
@guarded
def test_command(names: tuple[str, ...], form: str, **given: Any) -> int:
    """Run the tests in segments/tests, without a warehouse.

    NAME is a test, a segment or a file of tests, and may hold * and ?. Without names all are run.
    """
    from segwh.commands.workspace import find_workspace
    from segwh.display.fixtures import as_json, as_text
    from segwh.fixtures.run import run_fixtures, selected
    from segwh.fixtures.suite import load_suite

    workspace = find_workspace(**given, needs_target=False)
    suite = load_suite(workspace.project_dir, workspace.dialect)
    outcomes = run_fixtures(suite, selected(suite, names))
    out(as_json(outcomes) if form == "json" else as_text(outcomes, suite.sources), nl=False, is_data=form == "json")
    return DONE if all(outcome.has_passed for outcome in outcomes) else FIXABLE


@cli.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "tool", required=True, metavar="TOOL", help="react-querybuilder, mautic or flagsmith.")
@click.option("--entity", metavar="NAME", help="Whose segments they are (default: the only entity).")
@click.option("--map", "pairs", multiple=True, metavar="FIELD=ATTRIBUTE", help="What a field of the tool is called here.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="The file to write (default: standard output).")
@click.option("--partial", is_flag=True, help="Keep what is left out as comments, as far as it could be read.")
@in_project
@with_dialect
@with_format
@guarded
def import_command(
    file: Path,
    tool: str,
    pairs: tuple[str, ...],
    output: Path | None,
    form: str,
    entity: str | None,
    partial: bool,
    **given: Any,
) -> int:
    """Turn segments of another tool into rules.

    Lists whatever could not be carried over: such segments are left out whole. Exits with 1 if there are any.
    """
    from segwh.commands.workspace import find_workspace
    from segwh.display.importing import as_json, as_text
    from segwh.importing.importer import import_file, renamings, write_new

    workspace = find_workspace(**given, needs_target=False)
    imported = import_file(
        file, tool, workspace.project_dir, workspace.dialect, entity=entity, renamed=renamings(pairs), partial=partial
    )
    if output is not None:
        write_new(output, imported.text)
    if form == "json":
        out(as_json(imported), nl=False, is_data=True)
    else:
        if output is None:
            out(imported.text, nl=False, is_data=True)
        click.echo(as_text(imported), nl=False, err=True)
    return FIXABLE if imported.left_out else DONE


@cli.command()
@in_project
@click.option("--as-of", metavar="TIME", help="The instant to evaluate at, ISO 8601 (default: now).")
@click.option("--select", "-s", multiple=True, metavar="NODES", help="As in dbt (default: tag:segwh, all that is compiled).")
@click.option("--threads", type=click.IntRange(1, MOST_THREADS), help="As in dbt.")
@click.option("--vars", "variables", default="", metavar="YAML", help="As in dbt.")
@click.option("--accept", multiple=True, metavar="SEGMENT", help="Publish what is held back, or let a suppression list go.")
@click.option("--remove", multiple=True, metavar="SEGMENT", help="Let a segment go that left the rules, or had other members.")
@click.option("--refresh", multiple=True, metavar="WORD", help="Only segments with `refresh: WORD`, and suppression lists.")
@click.option("--full", is_flag=True, help="Read all rows again, also those that were read before.")
@guarded
def run(select: tuple[str, ...], **given: Any) -> int:
    """Compile, then build the segments with dbt."""
    from segwh.commands.run import RunOptions, run
    from segwh.display.progress import watching
    from segwh.display.run import show
    from segwh.display.terminal import console

    screen = console()
    with watching(screen) as watch:
        report = run(RunOptions(select=tuple(words(select)), **given), watch)
    show(report, screen)
    return FAULT if report.is_fault else FIXABLE if report.has_failed else DONE


@cli.command()
@click.argument("name")
@in_project
@click.option("--as-of", metavar="TIME", help="The instant to evaluate at, ISO 8601 (default: now).")
@click.option("--limit", type=click.IntRange(min=0), default=10, show_default=True, help="Sample members to show.")
@click.option("--sql", "sql_only", is_flag=True, help="Print the exact SQL and ask the warehouse nothing.")
@with_format
@guarded
def preview(name: str, sql_only: bool, form: str, **given: Any) -> int:
    """Count who would be in a segment; writes nothing."""
    from segwh.commands.preview import PreviewOptions, preview, preview_sql
    from segwh.display.preview import as_json, show
    from segwh.display.terminal import console, waiting

    wanted = PreviewOptions(name=name, **given)
    if sql_only:
        out(preview_sql(wanted), nl=False, is_data=True)
        return DONE
    with waiting("asking the warehouse"):
        found = preview(wanted)
    if form == "json":
        out(json.dumps(as_json(found), indent=2, ensure_ascii=False, default=str), is_data=True)
    else:
        show(found, console())
    return DONE


@cli.command(cls=Keyed)
@click.argument("name")
@click.argument("key")
@in_project
@click.option("--as-of", metavar="TIME", help="The instant to evaluate at, ISO 8601 (default: now).")
@click.option("--sql", "sql_only", is_flag=True, help="Print the exact SQL and ask the warehouse nothing.")
@with_format
@guarded
def explain(name: str, key: str, sql_only: bool, form: str, **given: Any) -> int:
    """Tell why somebody is in a segment or not; writes nothing."""
    from segwh.commands.explain import ExplainOptions, explain, explain_sql
    from segwh.display.explain import as_json, show
    from segwh.display.terminal import console, waiting

    wanted = ExplainOptions(name=name, key=key, **given)
    if sql_only:
        out(explain_sql(wanted), nl=False, is_data=True)
        return DONE
    with waiting("asking the warehouse"):
        found = explain(wanted)
    if form == "json":
        out(json.dumps(as_json(found), indent=2, ensure_ascii=False, default=str), is_data=True)
    else:
        show(found, console())
    return DONE


@cli.command("diff")
@click.argument("base", default="HEAD")
@in_project
@click.option("--as-of", metavar="TIME", help="The instant to evaluate at, ISO 8601 (default: now).")
@click.option("--offline", is_flag=True, help="Do not ask the warehouse how many come and go.")
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True,
    help="How to print the result.",
)  # fmt: skip
@guarded
def diff(form: str, **given: Any) -> int:
    """Show what changed rules do to the segments.

    BASE is a revision of git (default: HEAD); the rules as they are now are compared with those where both part ways.
    """
    from segwh.commands.difference import DiffOptions, difference
    from segwh.display.difference import as_json, as_markdown, show
    from segwh.display.terminal import console, waiting

    with waiting("asking the warehouse"):
        found = difference(DiffOptions(**given))
    if form == "json":
        out(json.dumps(as_json(found), indent=2, ensure_ascii=False), is_data=True)
    elif form == "markdown":
        out(as_markdown(found), nl=False, is_data=True)
    else:
        show(found, console())
    return DONE


@cli.command()
@click.option("--from", "start", required=True, metavar="TIME", help="The first as-of, ISO 8601.")
@click.option("--to", "end", required=True, metavar="TIME", help="The last as-of at most.")
@click.option("--every", default="1 day", show_default=True, metavar="DURATION", help="From one as-of to the next.")
@click.option("--segment", "segments", multiple=True, metavar="SEGMENT", help="Only this segment (default: all).")
@in_project
@click.option("--threads", type=click.IntRange(1, MOST_THREADS), help="As in dbt.")
@click.option("--vars", "variables", default="", metavar="YAML", help="As in dbt.")
@click.option("--accept", multiple=True, metavar="SEGMENT", help="Publish what is held back, or let a suppression list go.")
@guarded
def backfill(**given: Any) -> int:
    """Run step by step over a period that lies behind; goes on where the log ends."""
    from segwh.commands.backfill import BackfillOptions, backfill
    from segwh.display.backfill import show, watching
    from segwh.display.terminal import console

    screen = console()
    with watching(screen) as watch:
        report = backfill(BackfillOptions(**given), watch)
    show(report, screen)
    return FIXABLE if report.has_failed else DONE


@cli.command(cls=Keyed)
@click.argument("key")
@click.option("--entity", required=True, metavar="NAME", help="Whose key it is, such as customer.")
@click.option("--value", "values", multiple=True, metavar="ATTRIBUTE=VALUE", help="A value to erase from aggregated segments.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@in_project
@guarded
def erase(yes: bool, **given: Any) -> int:
    """Take every row of one person out of the log and all that follows from it."""
    from segwh.commands.erase import EraseOptions, Erasure, erase
    from segwh.display.erase import lines, question
    from segwh.errors import UserError

    def confirm(found: Erasure) -> bool:
        try:
            return yes or click.confirm(question(found), err=True)
        except click.Abort:
            if sys.stdin is not None and sys.stdin.isatty():
                raise
            click.echo(err=True)
            raise UserError("nobody answered, so nothing was erased", "say `--yes` where no terminal is") from None

    done = erase(EraseOptions(**given), confirm)
    if done is None:
        said("nothing was erased")
        return FIXABLE
    for text in lines(done):
        out(text)
    return FIXABLE if done.begun_at is not None else DONE


@cli.command("list")
@in_project
@click.option("--name", metavar="GLOB", help="Segments whose name is like this: `vip_*`.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Segments with this tag; several must all be there.")
@click.option("--type", "type", type=click.Choice(["dynamic", "static"]), help="Segments of this type.")
@click.option("--min-size", type=click.IntRange(min=0), help="Segments with at least so many members.")
@click.option("--max-size", type=click.IntRange(min=0), help="Segments with at most so many members.")
@click.option("--created-since", metavar="DATE", help="Segments first evaluated at or after it, ISO 8601.")
@click.option("--orphaned", is_flag=True, help="Only segments that left the rules and still have members.")
@click.option("--offline", is_flag=True, help="Do not ask the warehouse for sizes.")
@with_format
@guarded
def list_command(form: str, **given: Any) -> int:
    """List the segments with their sizes."""
    from segwh.commands.listing import ListOptions, list_segments
    from segwh.display.listing import orphans_told, show, show_orphaned
    from segwh.display.terminal import console, waiting

    with waiting("asking the warehouse"):
        listing = list_segments(ListOptions(**given))
    if given["orphaned"]:
        if form == "json":
            out(json.dumps(listing.orphans_as_json(), indent=2, ensure_ascii=False), is_data=True)
        else:
            show_orphaned(listing, console())
    elif form == "json":
        out(json.dumps([item.as_json() for item in listing.segments], indent=2, ensure_ascii=False), is_data=True)
        if listing.note and not given["offline"]:
            # The list itself has no place for it, and numbers that are not known look like any others that are null.
            said(f"sizes are missing: {listing.note}", fg="yellow")
        if listing.orphaned:
            # Who reads the list takes it for the segments of the rules, with all that these say.
            said(orphans_told(listing), fg="yellow")
    else:
        show(listing, console())
    return DONE


def words(values: Iterable[str]) -> list[str]:
    """The words of an option that may be given several times and may hold several words, as dbt's --select does."""
    return [word for value in values for word in value.split()]


def main() -> None:
    """Run segwh as a program."""
    # What a command and dbt read lasts as long as they do: looking through it for garbage as often as usual is in vain.
    gc.set_threshold(20_000, 20, 20)
    cli()
