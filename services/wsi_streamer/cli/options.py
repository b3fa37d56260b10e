"""Command line options, made from the table of settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import Field
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import click

from wsi_streamer.settings import Settings, flag, parse_s3_uri, setting_fields

F = TypeVar("F", bound=Callable[..., Any])

_ORIGINS = frozenset({"cors_origins", "frame_ancestors"})
_SHORT = {"port": "-p", "verbose": "-v"}
_BOOLEAN_WITH_VALUE = re.compile(r"(--[a-z0-9-]+)=(.*)\Z")


class SettingsCommand(click.Command):
    """A command whose help lists settings by group, and whose flags take ``=true`` and ``=false`` too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        flags = {name for param in self.get_params(ctx) if getattr(param, "is_flag", False) for name in param.opts}
        return super().parse_args(ctx, [_plain_flag(arg, flags) for arg in args])

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        table = setting_fields()
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                known = table.get(param.name or "")
                sections.setdefault(known.metadata["group"] if known else "Options", []).append(record)
        for title in sorted(sections, key=lambda title: title != "Options"):
            with formatter.section(title):
                formatter.write_dl(sections[title])


def _plain_flag(arg: str, flags: set[str]) -> str:
    """``--auth-enabled=false`` as the flag it stands for."""
    match = _BOOLEAN_WITH_VALUE.match(arg)
    if match is None or match[1] not in flags:
        return arg
    on = click.BOOL.convert(match[2], None, None)
    return match[1] if on else match[1].replace("--", "--no-", 1)


class _Commas(click.types.StringParamType):
    """Several values, repeated or with commas."""

    name = "list"
    envvar_list_splitter = ","


def settings_options(*groups: str, names: Iterable[str] = (), s3_uri: bool = False) -> Callable[[F], F]:
    """A decorator that gives a command the settings of some groups, some further ones, and perhaps an S3_URI."""

    def decorate(function: F) -> F:
        hints = get_type_hints(Settings)
        table = setting_fields()
        chosen = [item for item in table.values() if item.metadata["group"] in groups or item.name in names]
        decorated = function
        for item in reversed(chosen):
            decorated = _option(item, hints[item.name])(decorated)
        if s3_uri:
            decorated = click.argument("s3_uri", metavar="[s3://BUCKET[/PREFIX]]", required=False)(decorated)
        return decorated

    return decorate


def _option(item: Field[Any], hint: Any) -> Callable[[F], F]:
    names = [name for name in (_SHORT.get(item.name), flag(item.name)) if name]
    details: dict[str, Any] = {"envvar": item.metadata["env"], "help": _help(item), "default": None}
    if hint is bool:
        if item.metadata["env"]:
            names[-1] += f"/--no-{item.name.replace('_', '-')}"
        return click.option(*names, item.name, is_flag=True, **details)
    kind = _kind(hint)
    return click.option(*names, item.name, type=kind, multiple=isinstance(kind, _Commas), **details)


def _help(item: Field[Any]) -> str:
    """The meaning, then variable and default. Defaults live in Settings alone: an option that is not given is None."""
    default = item.metadata["shown"] or (str(item.default) if isinstance(item.default, str | int | float) else "")
    notes = [item.metadata["env"], None if default in ("", "False") else f"default: {default}"]
    shown = "; ".join(note for note in notes if note)
    return f"{item.metadata['help']}  [{shown}]" if shown else str(item.metadata["help"])


def _kind(hint: Any) -> click.ParamType[Any]:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return click.Choice(args)
    if origin is tuple:
        return _Commas()
    if args and origin is not None:  # X | None
        inner = next(arg for arg in args if arg is not type(None))
        # Modes of access that a later release may know are refused by Settings, with the reason.
        return click.STRING if get_origin(inner) is Literal else _kind(inner)
    kinds: dict[Any, click.ParamType[Any]] = {int: click.INT, float: click.FLOAT, Path: click.Path(path_type=Path)}
    return kinds.get(hint, click.STRING)


def settings_from(values: dict[str, Any]) -> Settings:
    """Settings from a command's parameters; the rest of them is ignored, and what is not given has its default.

    Raises:
        InvalidSettings: with one sentence for the operator.
    """
    table = setting_fields()
    given = {name: value for name, value in values.items() if name in table and value not in (None, ())}
    for name in _lists().intersection(given):
        parts = [part.strip() for value in given[name] for part in value.split(",")]
        given[name] = tuple(part.rstrip("/") if name in _ORIGINS else part for part in parts if part)
    uri = values.get("s3_uri")
    if uri is not None:
        given["s3_bucket"], prefix = parse_s3_uri(uri)
        if prefix:
            given["s3_prefix"] = prefix
    return Settings(**given)


def _lists() -> set[str]:
    return {name for name, hint in get_type_hints(Settings).items() if isinstance(_kind(hint), _Commas)}
