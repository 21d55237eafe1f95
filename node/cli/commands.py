# SPDX-License-Identifier: AGPL-3.0-or-later
"""The commands of `alumnode` and their options. What they do stands in the modules beside; it is imported when needed,
so that `alumnode --help` answers at once."""

import gc
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, ParamSpec, TextIO, TypedDict, TypeVar, Unpack

import click

from node.cli.context import Failed, command, database, opened
from node.cli.directory_commands import directory
from node.cli.dues_commands import dues
from node.cli.emoji_commands import emoji
from node.cli.moderation_commands import account, domain, suspend_member, unsuspend_member
from node.cli.privacy_commands import privacy
from node.cli.roster_commands import roster
from node.cli.trend_commands import trends
from node.kernel.config import DEFAULT_FILE, load
from node.version import VERSION

if TYPE_CHECKING:
    from node.kernel.queue import Chosen

P = ParamSpec("P")
R = TypeVar("R")
# Whoever may run commands here runs the node.
_AS_ADMIN: Final = frozenset({"admin"})


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="alumnode")
def alumnode() -> None:
    """A federated node for a school's alumni association."""


alumnode.add_command(account)
alumnode.add_command(directory)
alumnode.add_command(domain)
alumnode.add_command(dues)
alumnode.add_command(emoji)
alumnode.add_command(privacy)
alumnode.add_command(roster)
alumnode.add_command(trends)

# -- the node ---------------------------------------------------------------------------------------------------------


@alumnode.command()
@click.option("--domain", help="The domain in handles: members are @name@DOMAIN.")
@click.option("--name", help="The association's name.")
@click.option("--description", help="One or two sentences about the association.")
@click.option("--school", help="The school's name, if it differs from the association's.")
@click.option("--locale", type=click.Choice(["en", "fr"]), help="The language of the pages for visitors.")
@click.option("--timezone", help="The time zone of events, such as Europe/Paris.")
@click.option("--contact-email", help="Where people and other servers' administrators can write.")
@click.option("--database-url", help="sqlite:///FILE or postgresql://USER@HOST/NAME.")
@click.option("--bind", help="The address to listen on.")
@click.option("--port", type=int, help="The port to listen on.")
@click.option(
    "--insecure-local",
    is_flag=True,
    help="For trying out on this machine: http, and other nodes on the loopback address.",
)
@click.option("--yes", is_flag=True, help="Ask nothing; take the default for what is not given.")
@command
def init(config: Path | None, *, yes: bool, insecure_local: bool, **given: str | int | None) -> None:
    """Set up a new node: write its configuration file, make its database."""
    from node.cli.setting_up import set_up

    file = config or DEFAULT_FILE
    if file.exists():
        raise Failed(f"The configuration file {file} exists already; remove it to begin anew.")
    for name, question, default in _QUESTIONS:
        if given[name] is not None:
            continue
        if not yes:
            given[name] = click.prompt(question, default=default, show_default=bool(default))
        elif default is None:
            raise click.UsageError(f"With --yes, --{name} must be given.")
    federation = {"allow_http": True, "allow_private_addresses": True} if insecure_local else {}
    settings = set_up(file, {name: value for name, value in given.items() if value is not None}, federation)
    click.echo(f"{settings.name} is set up: {file}")
    click.echo("Next, make the first administrator, then serve:")
    click.echo(f"  alumnode member add NAME --email ADDRESS --role admin --config {file}")
    click.echo(f"  alumnode serve --config {file}")
    click.echo("Keep a copy of the configuration file: without its secret_key the node loses its signing keys.")


_QUESTIONS: tuple[tuple[str, str, str | None], ...] = (
    ("domain", "Domain", None),
    ("name", "Name of the association", None),
    ("description", "Description", ""),
    ("school", "School", ""),
    ("locale", "Language (en, fr)", "en"),
    ("timezone", "Time zone", "UTC"),
    ("contact_email", "Contact e-mail", ""),
)


@alumnode.command()
@command
def serve(config: Path | None) -> None:
    """Run the node until it is told to stop."""
    # A quarter of the start would go into looking for what can be thrown away, and nearly nothing can. `run` turns the
    # search on again once the node answers.
    gc.disable()
    from node.cli.serving import run

    run(load(config))


@alumnode.command()
@command
def migrate(config: Path | None) -> None:
    """Bring the database to the schema of this version."""
    from node.kernel import schema

    with database(load(config)) as db:
        before = db.read_now(schema.current)
        schema.upgrade(db)
    click.echo(f"The schema is {schema.HEAD}." if before == schema.HEAD else f"The schema is now {schema.HEAD}.")


@alumnode.command()
@command
def doctor(config: Path | None) -> None:
    """Check the node and say what to do about what is wrong."""
    from node.cli.doctor import examine

    if not examine(load(config), config or DEFAULT_FILE):
        raise SystemExit(1)


# -- the queue --------------------------------------------------------------------------------------------------------


class _Choice(TypedDict):
    """The options that say which rows are meant."""

    host: str | None
    task: str | None
    parked: bool


def _which(function: Callable[P, R]) -> Callable[P, R]:
    for option in (
        click.option("--parked", is_flag=True, help="Only what was set aside."),
        click.option("--task", metavar="NAME", help="Only this task, such as federation.deliver."),
        click.option("--host", metavar="HOST", help="Only what is for this host."),
    ):
        function = option(function)
    return function


def _chosen(ids: tuple[int, ...], which: _Choice) -> "Chosen":
    from node.kernel.queue import Chosen

    return Chosen(ids=ids, lane=which["host"], name=which["task"], parked=True if which["parked"] else None)


def _some(ids: tuple[int, ...], which: _Choice) -> "Chosen":
    if not ids and not any(which.values()):
        raise click.UsageError("Please say which rows: their numbers, --host, --task or --parked.")
    return _chosen(ids, which)


@alumnode.group(invoke_without_command=True)
@click.pass_context
@command
def queue(context: click.Context, config: Path | None) -> None:
    """What waits to be sent, applied or done; without a further word, how much."""
    from node.cli import upkeep

    if context.invoked_subcommand is not None:
        context.default_map = {name: {"config": config} for name in queue.commands}
        return
    with opened(config) as (_, db):
        for text in upkeep.counts(db):
            click.echo(text)


@queue.command("list")
@_which
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@command
def list_queue(config: Path | None, *, limit: int, **which: Unpack[_Choice]) -> None:
    """List rows, the oldest first."""
    from node.cli import upkeep
    from node.kernel import queue as queues

    with opened(config) as (_, db):
        for entry in db.read_now(queues.listing, _chosen((), which), limit=limit):
            click.echo(upkeep.line(entry))


@queue.command("show")
@click.argument("number", metavar="ID", type=int)
@command
def show_queued(config: Path | None, *, number: int) -> None:
    """Show all about one row."""
    from node.cli import upkeep

    with opened(config) as (_, db):
        for text in upkeep.details(db, number):
            click.echo(text)


@queue.command("retry")
@click.argument("numbers", metavar="[ID]...", type=int, nargs=-1)
@_which
@command
def retry_queued(config: Path | None, *, numbers: tuple[int, ...], **which: Unpack[_Choice]) -> None:
    """Have rows run now that wait, are held or were set aside, with all their attempts before them."""
    from node.kernel import queue as queues

    with opened(config) as (_, db):
        click.echo(f"{db.write_now(queues.retry_now, _some(numbers, which))} rows run now.")


@queue.command("drop")
@click.argument("numbers", metavar="[ID]...", type=int, nargs=-1)
@_which
@command
def drop_queued(config: Path | None, *, numbers: tuple[int, ...], **which: Unpack[_Choice]) -> None:
    """Take rows away for good. What runs at the moment is left to end."""
    from node.kernel import queue as queues

    with opened(config) as (_, db):
        click.echo(f"{db.write_now(queues.drop, _some(numbers, which))} rows dropped.")


@alumnode.group()
def keys() -> None:
    """The keys that this node's actors sign with."""


@keys.command("rotate")
@click.argument("username", required=False)
@click.option("--all", "everybody", is_flag=True, help="Every actor of this node.")
@command
def rotate_keys(config: Path | None, *, username: str | None, everybody: bool) -> None:
    """Give USERNAME (or `association`, or the node's own domain) new keys and tell the followers' servers.

    A running node takes them up by itself. The former keys are kept for a week, to sign the news of the change.
    """
    from node.cli import upkeep

    if (username is None) is not everybody:
        raise click.UsageError("Please give a username, or --all.")
    with opened(config) as (_, db):
        for actor in upkeep.rotate_keys(db, username):
            click.echo(f"@{actor.username} has new keys.")


@alumnode.command()
@click.option("--check", is_flag=True, help="Play the story, check every step on the other node, and end.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Keep the data there.")
@command
def demo(config: Path | None, *, check: bool, keep: Path | None) -> None:  # noqa: ARG001  # see below
    """Run three nodes on this machine and play a story among them.

    `--config` is taken as everywhere, and not read: the demo makes the settings of its nodes itself.
    """
    from node.cli.demo import play

    raise SystemExit(play(check=check, keep=keep))


# -- people -----------------------------------------------------------------------------------------------------------


@alumnode.group()
def member() -> None:
    """Members of this node."""


@member.command("add")
@click.argument("username")
@click.option("--email", required=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--display-name", default="")
@click.option("--class-year", type=int)
@click.option("--school", help="One of the node's schools; the first one, if none is said.")
@click.option("--role", "roles", multiple=True, help="May be repeated: admin, moderator, event_manager and so on.")
@command
def add(
    config: Path | None,
    *,
    username: str,
    email: str,
    password_stdin: bool,
    display_name: str,
    class_year: int | None,
    school: str | None,
    roles: tuple[str, ...],
) -> None:
    """Add a member. Without --password-stdin a password is made and shown once."""
    from node.cli import people

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else people.new_password()
    with opened(config) as (settings, db):
        new = people.add_member(
            settings,
            db,
            username,
            email,
            password,
            display_name=display_name,
            class_year=class_year,
            school=school,
            roles=roles,
        )
    click.echo(f"@{new.actor.username}@{settings.domain} is a member now.")
    if not password_stdin:
        click.echo(f"Password: {password}")


member.add_command(suspend_member)
member.add_command(unsuspend_member)


@member.command("role")
@click.argument("username")
@click.argument("roles", nargs=-1, required=True)
@click.option("--take", is_flag=True, help="Take these roles instead of giving them.")
@command
def change_roles(config: Path | None, *, username: str, roles: tuple[str, ...], take: bool) -> None:
    """Give USERNAME roles, such as delegate or secretary, or take them; print those that are left."""
    from node.cli import letting_in

    with opened(config) as (_, db):
        after = letting_in.change_roles(db, username, roles, take=take)
    click.echo(" ".join(sorted(after.roles)))


@member.command("single-step")
@click.argument("username")
@command
def single_step(config: Path | None, *, username: str) -> None:
    """Let USERNAME log in by the password alone again, after phone and recovery codes were lost."""
    from node.cli import letting_in

    with opened(config) as (_, db):
        letting_in.turn_second_step_off(db, username)


@alumnode.group()
def invite() -> None:
    """Invitations to sign up."""


@invite.command("create")
@click.option("--class-year", type=int, help="The class of whoever is invited.")
@click.option("--school", help="The school of whoever is invited; the first one of the node, if none is said.")
@click.option("--uses", type=int, default=1, show_default=True, help="How many people may sign up with it.")
@click.option("--email", help="The only e-mail address that may sign up with it.")
@command
def create_invitation(
    config: Path | None, *, class_year: int | None, school: str | None, uses: int, email: str | None
) -> None:
    """Print the link of a new invitation, valid for 30 days."""
    from node.cli import people

    with opened(config) as (settings, db):
        click.echo(people.invite(settings, db, class_year=class_year, school=school, uses=uses, email=email))


@alumnode.group()
def token() -> None:
    """Tokens for apps and scripts."""


@token.command("create")
@click.argument("username")
@click.option("--scopes", default="read", show_default=True, help='Such as "read write follow push".')
@click.option("--token", "value", help="The token itself; in testing mode only.")
@command
def create_token(config: Path | None, *, username: str, scopes: str, value: str | None) -> None:
    """Print a new token that acts for USERNAME; `association` is the association itself."""
    from node.cli import people

    with opened(config) as (settings, db):
        if value is not None and not settings.testing:
            raise Failed("A token can be chosen only where the setting testing is on.")
        click.echo(people.create_token(db, username, scopes, value=value))


@alumnode.command("test-seed")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@command
def test_seed(config: Path | None, *, file: Path) -> None:
    """Make the accounts, apps and tokens that a JSON file lists, and print them; in testing mode only."""
    from node.cli import seeding

    with opened(config) as (settings, db):
        if not settings.testing:
            raise Failed("Accounts for tests can be made only where the setting testing is on.")
        click.echo(seeding.seed(settings, db, file))


@token.command("list")
@click.argument("username")
@command
def list_tokens(config: Path | None, *, username: str) -> None:
    """List the tokens that act for USERNAME, with their numbers."""
    from node.cli import letting_in

    with opened(config) as (_, db):
        for line in letting_in.list_tokens(db, username):
            click.echo(line)


@token.command("revoke")
@click.argument("username")
@click.argument("number", metavar="[ID]", type=int, required=False)
@click.option("--all", "everything", is_flag=True, help="Every token, and every browser too.")
@command
def revoke_token(config: Path | None, *, username: str, number: int | None, everything: bool) -> None:
    """End a token of USERNAME, or with --all whatever is logged in as them. A running node closes their streams."""
    from node.cli import letting_in

    if (number is None) is not everything:
        raise click.UsageError("Please give the number of a token, or --all.")
    with opened(config) as (_, db):
        letting_in.end_tokens(db, username, number)


@alumnode.group()
def mail() -> None:
    """Letters."""


@mail.command("test")
@click.argument("address")
@command
def send_test_letter(config: Path | None, *, address: str) -> None:
    """Send a letter to ADDRESS at once, and say what the mail server answered."""
    from node.cli import letting_in

    letting_in.try_mail(load(config), address)
    click.echo(f"The mail server has taken a letter to {address}.")


@mail.command("digest")
@click.argument("username")
@command
def digest(config: Path | None, *, username: str) -> None:
    """Have the digest of USERNAME written now instead of on its day. Where nothing is new, none is sent."""
    from node.cli import letting_in

    with opened(config) as (_, db):
        letting_in.write_digest(db, username)
    click.echo("The running node writes it in a moment.")


@mail.command("bounce")
@command
def read_returned_letter(config: Path | None) -> None:
    """Read a letter that has come back from standard input, as a mail server hands it over.

    Nothing is an error that somebody can send here: the mail server would answer it, and so on.
    """
    from node.cli import letting_in

    with opened(config) as (_, db):
        click.echo(letting_in.note_returned(db, sys.stdin.buffer))


# -- events, partners, domains ----------------------------------------------------------------------------------------


@alumnode.group()
def event() -> None:
    """Events."""


@event.command("create")
@click.option("--title", required=True)
@click.option("--start", required=True, metavar="TIME", help="The clock there, such as 2027-03-12T19:00.")
@click.option("--end", metavar="TIME")
@click.option("--timezone", help="The node's time zone if it is not given.")
@click.option("--place", default="")
@click.option("--online-url", default="", help="A link for taking part.")
@click.option("--text", default="")
@click.option("--capacity", type=int, help="Seats; no limit if it is not given.")
@click.option("--by", default="association", show_default=True, help="Who invites.")
@click.option("--circle", type=click.Choice(["class", "school", "partners"]), help="For these alone.")
@command
def create_event(
    config: Path | None,
    *,
    title: str,
    start: str,
    end: str | None,
    timezone: str | None,
    place: str,
    online_url: str,
    text: str,
    capacity: int | None,
    by: str,
    circle: str | None,
) -> None:
    """Publish an event. Prints the address of its page, then its id for other servers."""
    from activitypub.addressing import Visibility
    from node.cli import publishing
    from node.events import EventDraft
    from node.relationships import Circle

    with opened(config) as (settings, db):
        draft = EventDraft(
            title=title,
            text=text,
            start=_clock_time(start, "--start"),
            end=_clock_time(end, "--end") if end else None,
            timezone=timezone or settings.timezone,
            place=place,
            online_url=online_url,
            capacity=capacity,
            visibility=Visibility.PUBLIC if circle is None else Visibility.PRIVATE,
            circle=None if circle is None else Circle(circle),
        )
        post = publishing.create_event(settings, db, draft, by=by)
    click.echo(post.url)
    click.echo(post.uri)


def _clock_time(text: str, option: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"{option} must be a date and a time, such as 2027-03-12T19:00.") from None
    if moment.tzinfo is not None:
        raise click.UsageError(f"{option} is the clock at the place: leave out the offset and give --timezone.")
    return moment


@alumnode.group()
def partner() -> None:
    """Partner schools: two associations that follow each other."""


@partner.command("add")
@click.argument("association", metavar="HANDLE|URL")
@command
def add_partner(config: Path | None, *, association: str) -> None:
    """Offer a partnership to another association, or accept theirs."""
    from node.cli import publishing

    with opened(config) as (settings, _):
        pass
    added = publishing.add_partner(settings, association)
    state = "active" if added.active else "waiting for the other side"
    click.echo(f"@{added.association.acct}: {state}")


@partner.command("list")
@command
def list_partners(config: Path | None) -> None:
    """List the partner schools."""
    from node import relationships

    with opened(config) as (_, db):
        for found in db.read_now(relationships.partners):
            state = "active" if found.active else "waiting"
            click.echo(f"{state:8} @{found.association.acct}  {found.association.name}")


# -- what the association says ----------------------------------------------------------------------------------------


@alumnode.group()
def say() -> None:
    """What the association says: rules, texts, announcements."""


@say.command("rule")
@click.argument("words")
@click.option("--hint", default="", help="A sentence that explains it.")
@command
def add_rule(config: Path | None, *, words: str, hint: str) -> None:
    """Add a rule."""
    from node import instance

    with opened(config) as (_, db):
        click.echo(f"Rule {db.write_now(instance.add_rule, _AS_ADMIN, words, hint)} holds now.")


@say.command("no-rule")
@click.argument("number", type=int)
@command
def remove_rule(config: Path | None, *, number: int) -> None:
    """Take a rule away. Reports that name it keep it."""
    from node import instance

    with opened(config) as (_, db):
        db.write_now(instance.remove_rule, _AS_ADMIN, number)


@say.command("rules")
@command
def list_rules(config: Path | None) -> None:
    """List the rules."""
    from node import instance

    with opened(config) as (_, db):
        for rule in db.read_now(instance.all_rules):
            click.echo(f"{rule.id}  {rule.text}")


@say.command("text")
@click.argument("kind", type=click.Choice(["description", "privacy", "terms"]))
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--from", "day", default="", help="The day from which it holds, such as 2026-12-31; today if not given.")
@command
def write_text(config: Path | None, *, kind: str, file: TextIO, day: str) -> None:
    """Write a text at length, in Markdown, from FILE (- for what is typed). What held before stays readable."""
    from node import instance

    with opened(config) as (_, db):
        db.write_now(instance.write_text, _AS_ADMIN, instance.TextKind(kind), file.read(), day)


@say.command("announcement")
@click.argument("words")
@command
def announce(config: Path | None, *, words: str) -> None:
    """Announce something to every member, in the apps that they use."""
    from node import instance

    with opened(config) as (_, db):
        number = db.write_now(instance.announce, _AS_ADMIN, instance.Wording(text=words))
        click.echo(f"Announcement {number} is out.")


@say.command("no-announcement")
@click.argument("number", type=int)
@command
def take_announcement_back(config: Path | None, *, number: int) -> None:
    """Take an announcement away."""
    from node import instance

    with opened(config) as (_, db):
        db.write_now(instance.remove, _AS_ADMIN, number)
