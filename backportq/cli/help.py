"""What a verb takes, in words: the same for `-h` and for the manuals.

The parser's own help differs between its versions, marks what is required by braces and cuts at its own width. This one
reads as git's does.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from typer.core import TyperCommand, TyperOption

from backportq.cli.terminal import output
from backportq.cli.terminal.table import fold
from backportq.errors import UsageError

_TOML = "backportq.toml"
_BRANCHES = "backportq.branches"
_WIDEST = 100
_SPELLING_WIDTH = 26
_BESIDE = 60  # on a terminal with fewer columns the text stands below the spelling


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument or option: how it is written, and what it is for."""

    spelling: str
    text: str


@dataclass(frozen=True, slots=True)
class Description:
    """The help of one verb; `paragraphs` have their lines joined."""

    usage: str
    paragraphs: tuple[str, ...]
    arguments: tuple[Parameter, ...]
    options: tuple[Parameter, ...]


class Command(TyperCommand):
    """A command of the parser that shows our help."""

    def get_help(self, ctx: Any) -> str:
        """Return what `-h` prints, folded to the terminal."""
        width = min(output.terminal_width(), _WIDEST)
        return "\n".join(_lines(describe(self, ctx.command_path), width))

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; with `--toml` its one document is printed as TOML."""
        is_toml = bool(ctx.meta.get(_TOML))
        output.choose_format(toml=is_toml)
        if is_toml:
            ctx.params["as_json"] = True
        self._take_branches(ctx)
        return super().invoke(ctx)

    def _take_branches(self, ctx: Any) -> None:
        """Put what `--branch` names where the argument would have put it; raise `UsageError` unless it is enough."""
        argument = _branch_argument(self)
        if _BRANCHES not in ctx.meta or argument is None:
            return
        found = ctx.params[argument.name]
        given = [*([] if found is None else [found] if isinstance(found, str) else found), *ctx.meta[_BRANCHES]]
        if argument.nargs == -1:
            ctx.params[argument.name] = given or None
        elif len(given) == 1:
            ctx.params[argument.name] = given[0]
        else:
            found = f"found {' and '.join(repr(name) for name in given)}" if given else "none given"
            raise UsageError(f"one branch is wanted, {found}", hints=(f"{ctx.command_path} BRANCH",))


def offer_toml(command: TyperCommand) -> None:
    """Give a command that takes `--json` the option `--toml` behind it."""
    places = [index for index, param in enumerate(command.params) if param.name == "as_json"]
    if places:
        option = TyperOption(
            param_decls=["as_toml", "--toml"],
            is_flag=True,
            default=False,
            expose_value=False,
            callback=_remember_toml,
            help="print that document as TOML, without the keys that are null",
        )
        command.params.insert(places[0] + 1, option)


def offer_branch(command: TyperCommand) -> None:
    """Give a command that takes branches as arguments `--branch` too, so that they are given alike everywhere."""
    argument = _branch_argument(command)
    if argument is None or any("--branch" in param.opts for param in command.params):
        return
    argument.required = False  # here; whether there is one is seen once all is parsed
    option = TyperOption(
        param_decls=["as_branches", "--branch", "-b"],
        type=str,
        multiple=True,
        expose_value=False,
        callback=_remember_branches,
        metavar="BRANCH",
        help="the same as BRANCH",
    )
    command.params.append(option)


def _branch_argument(command: TyperCommand) -> Any:
    """Return the argument that is a branch, or several; None where there is none."""
    named = (param for param in command.params if param.param_type_name == "argument")
    return next((param for param in named if param.name in ("branch", "branches")), None)


def _remember_branches(ctx: Any, _param: Any, value: Any) -> None:
    ctx.meta[_BRANCHES] = tuple(value or ())


def _remember_toml(ctx: Any, _param: Any, value: Any) -> None:
    ctx.meta[_TOML] = bool(value)


def describe(command: TyperCommand, path: str) -> Description:
    """Return the description of `command`, which is called as `path` (`backportq tag`)."""
    params: list[Any] = [param for param in command.params if not getattr(param, "hidden", False)]
    arguments = [param for param in params if param.param_type_name == "argument"]
    options = [param for param in params if param.param_type_name == "option"]
    words = [path, *(f"{param.opts[0]} {_value(param)}" for param in options if param.required)]
    if any(not param.required for param in options):
        words.append("[OPTIONS]")
    return Description(
        usage=" ".join([*words, *map(_argument, arguments)]),
        paragraphs=tuple(" ".join(part.split()) for part in inspect.cleandoc(command.help or "").split("\n\n") if part),
        arguments=tuple(Parameter(_argument(param), param.help or "") for param in arguments),
        options=(
            *(Parameter(_spelling(param), _with_default(param)) for param in options),
            Parameter("-h, --help", "explain this command"),
        ),
    )


def _lines(description: Description, width: int) -> Iterator[str]:
    yield from fold(f"usage: {description.usage}", width)
    for paragraph in description.paragraphs:
        yield ""
        yield from _folded(paragraph, width, "")
    for title, parameters in (("arguments", description.arguments), ("options", description.options)):
        if parameters:
            yield ""
            yield f"{title}:"
        for parameter in parameters:
            yield from _parameter(parameter, width)


def _parameter(parameter: Parameter, width: int) -> Iterator[str]:
    beside = width >= _BESIDE
    lines = list(_folded(parameter.text, width, " " * (_SPELLING_WIDTH + 4 if beside else 6)))
    start = f"  {parameter.spelling}"
    if beside and lines and len(start) <= _SPELLING_WIDTH + 2:
        yield start.ljust(_SPELLING_WIDTH + 4) + lines.pop(0).lstrip()
    else:
        yield start
    yield from lines


def _folded(text: str, width: int, indent: str) -> Iterator[str]:
    """Yield `text` in lines of equal indent, unlike `fold`, which hangs."""
    line = ""
    for word in text.split():
        if line and len(indent) + len(line) + 1 + len(word) > width:
            yield indent + line
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        yield indent + line


def _argument(param: Any) -> str:
    value = _value(param)
    if value.startswith("["):
        return value
    several = "..." if param.nargs == -1 and not value.endswith("...") else ""
    return f"{value}{several}" if param.required else f"[{value}]{several}"


def _spelling(param: Any) -> str:
    names = ", ".join(sorted(param.opts, key=len))
    others = f" / {', '.join(sorted(param.secondary_opts, key=len))}" if param.secondary_opts else ""
    return f"{names}{others}" if param.is_flag else f"{names}{others} {_value(param)}"


def _value(param: Any) -> str:
    choices = getattr(param.type, "choices", None)
    if param.metavar:
        return str(param.metavar)
    if choices:
        return "|".join(map(str, choices))
    return str(param.name).upper().replace("_", "-")


def _with_default(param: Any) -> str:
    text = param.help or ""
    if param.required:
        return f"{text} (required)".strip()
    shown = param.show_default and not param.is_flag and isinstance(param.default, (int, str)) and param.default != ""
    return f"{text} (default: {param.default})".strip() if shown else text
