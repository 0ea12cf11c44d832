"""`python -m bot accounts`: the staff's accounts from the command line, the first administrator above all; no logic of its own."""

from __future__ import annotations

import datetime as dt
import os
import sys

import click

from bot.bootstrap import make_root
from bot.domain.account import Role

_NAME = click.argument("name")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


def _by() -> str:
    """Who the audit log names for a deed of the command line."""
    return f"command line, uid {os.getuid()}"


@click.group()
def accounts() -> None:
    """Who may sign in to the console."""


@accounts.command("create")
@_NAME
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--shown-name", required=True, help="what workers read when this person comes")
@click.option("--introduction", default="", help="one sentence that workers read then")
@click.option("--email", default=None, help="for notices")
def accounts_create(name: str, role: str, shown_name: str, introduction: str, email: str | None) -> None:
    """Make an account; its password comes from stdin, without one a one-time password is made and shown."""
    from bot.domain.account import account_name, require_strong
    from bot.services import account_changes
    from bot.services.accounts import hashed

    given = _password_of_stdin()
    if given:
        require_strong(given, account_name(name), "password")
    password = given or account_changes.one_time_password()
    kept = account_changes.Password(hashed(password), is_temporary=not given)
    fields = {"role": role, "shown_name": shown_name, "introduction": introduction, "email": email}
    with make_root() as root:
        timezone = root.settings.default_timezone
        made = root.call(account_changes.create, name, fields, kept, _by(), _now(), timezone)
    click.echo(f"created: {made.name}, {made.role}; the second factor is set up at the first sign-in")
    if not given:
        click.echo(f"one-time password: {password}")


@accounts.command("list")
def accounts_list() -> None:
    """All accounts and how they stand."""
    from bot.services import account_changes

    with make_root() as root:
        rows = root.call_reading(account_changes.listing)
    now = _now()
    for row in rows:
        marks = [
            *(["DISABLED"] if row.disabled_at else []),
            *(["LOCKED"] if row.locked_until and row.locked_until > now else []),
            *([] if row.totp_confirmed_at else ["no second factor yet"]),
            *(["one-time password"] if row.has_temporary_password else []),
        ]
        click.echo(f"{row.name:<20} {row.role:<11} {row.shown_name}  {', '.join(marks)}".rstrip())


@accounts.command("disable")
@_NAME
def accounts_disable(name: str) -> None:
    """Nobody signs in with it any more; cases it still has go on to others when their workers wait for an answer."""
    from bot.services import account_changes

    with make_root() as root:
        root.call(account_changes.disable, root.call_reading(account_changes.named, name).id, _by(), _now())
    click.echo("disabled; its sessions are ended")


@accounts.command("enable")
@_NAME
def accounts_enable(name: str) -> None:
    """Open a disabled account again."""
    from bot.services import account_changes

    with make_root() as root:
        root.call(account_changes.enable, root.call_reading(account_changes.named, name).id, _by(), _now())
    click.echo("enabled")


@accounts.command("reset-password")
@_NAME
def accounts_reset_password(name: str) -> None:
    """Make a one-time password and show it; a locked account opens."""
    from bot.services import account_changes
    from bot.services.accounts import hashed

    plain = account_changes.one_time_password()
    password = account_changes.Password(hashed(plain), is_temporary=True)
    with make_root() as root:
        account_id = root.call_reading(account_changes.named, name).id
        root.call(account_changes.reset_password, account_id, password, _by(), _now())
    click.echo(f"one-time password: {plain}")


@accounts.command("reset-totp")
@_NAME
def accounts_reset_totp(name: str) -> None:
    """The second factor is set up anew at the next sign-in."""
    from bot.services import account_changes

    with make_root() as root:
        root.call(account_changes.reset_totp, root.call_reading(account_changes.named, name).id, _by(), _now())
    click.echo("the second factor is set up anew at the next sign-in; its sessions are ended")


@accounts.command("end-sessions")
@_NAME
def accounts_end_sessions(name: str) -> None:
    """End every session of an account."""
    from bot.services import account_changes

    with make_root() as root:
        account_id = root.call_reading(account_changes.named, name).id
        ended = root.call(account_changes.end_sessions, account_id, _by(), _now())
    click.echo(f"{ended} sessions ended")


def _password_of_stdin() -> str:
    """From stdin, because a command line stands in the shell's history and in `ps`; nothing when stdin is a terminal."""
    return "" if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
