"""Renders the exchange's configuration into `<var>/asterisk/etc`, whole or not at all.

Templates have delimiters of their own (`<% %>`, `<< >>`), because `${…}`, braces and `;` mean something to Asterisk. Each
value that goes in is checked against a short list of harmless characters: a line break or a semicolon in a setting
would change what Asterisk reads. The folder is written beside and exchanged; its files hold secrets and are for the owner only.
`python -m asterisk_conf.render` reads the settings from the environment.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from asterisk_conf.modules import BASE, BROWSER_PHONES, CALLING_OUT, TEST_ONLY
from asterisk_conf.settings import ExchangeSettings
from asterisk_conf.untold import DECLINED, UNHEARD
from ivr.kernel.errors import Invalid
from ivr.kernel.milestones import Goto, Milestone, encode
from routing.ami.normalise import EVENTS
from routing.callbacks.settings import NUMBER_DIGITS
from routing.ledger.cel import COLUMNS
from routing.priority import HORIZON, MOST
from routing.queues import exchange_name, rest_seconds
from routing.seats import ROLL_CALL

TEMPLATES = Path(__file__).with_name("templates")

LABELS: dict[Goto, str] = {
    Goto.QUEUE: "line-queue",
    Goto.VOICE_MESSAGE: "line-voice-message",
    Goto.CASE_STATUS: "line-case-status",
    Goto.CALLBACK: "line-callback",
    Goto.RECORD: "line-record",
    Goto.REVIEW: "line-review",
    Goto.RECEPTION: "line-reception",
    Goto.GOODBYE: "line-goodbye",
}
"""Context that carries on for each word a door may leave."""

FIRST_LEASE_SECONDS = 3
"""Time for the first server to take the call and renew; a frozen one is given up then."""
SECOND_LEASE_SECONDS = 1
"""The caller has waited already, in silence; a living server renews within milliseconds."""
PROCESS_LEASE_SECONDS = 5
"""Python must start first, which takes a second and more on a busy machine; fixed prompts come after that."""
HOUSE = Path(__file__).resolve().parents[1]
"""Where this code lies, as Asterisk sees it."""

CEL_FIELDS = {
    "eventtype": "eventenum",  # says USER_DEFINED for ours; the name of ours stands in userdeftype
    "cid_num": "num",
    "cid_name": "name",
    "cid_ani": "ani",
    "cid_rdnis": "rdnis",
    "cid_dnid": "dnid",
    "extra": "eventextra",
}
"""Our column → Asterisk's field, where the names differ."""

LISTENING_MODES = (("listen", "quSE"), ("whisper", "quSEw"), ("barge", "quSEB"))
"""What a supervisor's telephone does with a talk, as options of ChanSpy. `q`: no beep tells of it; `u`: this channel and no
other; `S` and `E`: over when the talk is; `w`: to the operator's ear only; `B`: to both. Never `d`, with which keys of the
telephone would change it past our rights."""

UNUSED = ("acl", "ccss", "geolocation", "pjproject", "statsd", "udptl")
"""Asterisk asks for these and complains at each start when they are missing; its defaults are right for us."""

_HELD_BACK = {
    "var",
    "agi_token",
    "ami_listener_secret",
    "ami_keeper_secret",
    "ami_dialler_secret",
    "ami_lead_secret",
    "seat_secrets",
    "queues",
    "routing",
    "callbacks",
}
"""Settings that templates get in another form, or not at all."""
_HARMLESS = re.compile(r"[\w./:@+=%~-]+(?: [\w./:@+=%~-]+)*|", re.ASCII)
_VARIABLE = re.compile(r"\$\{.+\}")
_LEDGERS = ("log/cel-custom/line.csv", "log/queue_log")
_PRIVATE = 0o700
"""Asterisk itself makes files that everybody may read; what it writes names callers and holds their voices."""
_FOLDERS = ("etc", "run", "lib/keys", "db", "log/cel-custom", "spool", "sounds", "moh", "agi-bin")


def harmless(value: object) -> Markup:
    """A setting as Asterisk may read it. Raises `Invalid` for anything that could end a line, an argument or a comment."""
    if isinstance(value, Markup):
        return value
    text = str(value)
    if not _HARMLESS.fullmatch(text):
        raise Invalid(
            f"{text[:60]!r} cannot stand in Asterisk's configuration: use letters, digits and . / : @ + = % ~ _ - only"
        )
    return Markup(text)  # noqa: S704 - checked above; no HTML is made here


def mark(milestone: str, **fields: str) -> Markup:
    """The application call that writes a milestone; a field is plain text or one `${…}` whose value is harmless."""
    parts = [f"{name}={v}" if _VARIABLE.fullmatch(v) else encode({name: v}) for name, v in fields.items()]
    return Markup(f"CELGenUserEvent({Milestone(milestone).value},{'&'.join(parts)})")  # noqa: S704


def render(settings: ExchangeSettings) -> None:
    """Write everything Asterisk starts from, and make each folder it writes to: a missing one loses rows silently."""
    folder = settings.asterisk.resolve()
    for name in _FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    spool = settings.var.resolve() / "spool"
    for name in ("calls", "messages", "codes"):
        (spool / name).mkdir(parents=True, exist_ok=True)
    for private in (folder / "log", spool):
        private.chmod(_PRIVATE)
    for name in _LEDGERS:
        (folder / name).touch(mode=0o600)
        (folder / name).chmod(0o600)
    _link_documentation(folder)
    fresh, old = folder / "etc.part", folder / "etc.old"
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    for name, text in texts(settings).items():
        _write(fresh / name, text)
    (folder / "etc").rename(old)
    fresh.chmod(_PRIVATE)
    fresh.rename(folder / "etc")
    shutil.rmtree(old)


def texts(settings: ExchangeSettings) -> dict[str, str]:
    """Every file by its path below `etc`; nothing is written."""
    environment = Environment(
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=True,
        finalize=harmless,
        loader=FileSystemLoader(TEMPLATES),
    )
    names = sorted(p.relative_to(TEMPLATES).as_posix() for p in TEMPLATES.rglob("*.conf"))
    names.remove("extensions/door.conf")
    if not settings.test_contexts:
        names.remove("extensions/99-test.conf")
    values = _values(settings, [Path(n).name for n in names if n.startswith("extensions/")])
    door = environment.get_template("extensions/door.conf")

    def knock(context: str, door_name: str, *, done: str, lost: str) -> Markup:
        return Markup(door.render(values, context=context, door=door_name, done=done, lost=lost))  # noqa: S704

    values["knock"] = knock
    rendered = {name: environment.get_template(name).render(values) for name in names}
    return rendered | {f"{name}.conf": "; Asterisk's defaults\n" for name in UNUSED}


def _values(settings: ExchangeSettings, stages: list[str]) -> dict[str, Any]:
    values = settings.model_dump(exclude=_HELD_BACK)
    asked = (
        (settings.browser_phones, BROWSER_PHONES),
        (settings.callbacks.on, CALLING_OUT),
        (settings.test_contexts, TEST_ONLY),
    )
    modules = [*BASE, *dict.fromkeys(module for on, few in asked if on for module in few)]
    return values | {
        "folder": settings.asterisk.resolve(),
        "spool": settings.var.resolve() / "spool",
        "agi_token": settings.agi_token.get_secret_value(),
        "ami_listener_secret": settings.ami_listener_secret.get_secret_value(),
        "ami_keeper_secret": settings.ami_keeper_secret.get_secret_value(),
        "ami_lead_secret": settings.ami_lead_secret.get_secret_value(),
        "listening_modes": LISTENING_MODES,
        "ami_dialler_secret": settings.ami_dialler_secret.get_secret_value(),
        "callbacks": settings.callbacks,
        "number_digits": NUMBER_DIGITS,
        "seats": {seat: secret.get_secret_value() for seat, secret in settings.places.items()},
        "queues": settings.queues,
        "first_queue": next(iter(settings.queues)),
        "labels": {goto.value: label for goto, label in LABELS.items()},
        "first_lease": FIRST_LEASE_SECONDS,
        "second_lease": SECOND_LEASE_SECONDS,
        "process_lease": PROCESS_LEASE_SECONDS,
        "house": HOUSE,
        "var": settings.var.resolve(),
        "python": sys.executable,
        "cel_fields": Markup(",").join(harmless(CEL_FIELDS.get(column, column)) for column in COLUMNS),
        "live_events": sorted(EVENTS),
        "declined": DECLINED,
        "unheard": Markup(",").join(harmless(name) for name in UNHEARD),
        "modules": modules,
        "stages": stages,
        "mark": mark,
        "exchange_name": exchange_name,
        "roll_call": ROLL_CALL,
        "climbs": {name: queue.ladder.climbs(settings.routing.step_seconds) for name, queue in settings.queues.items()},
        "grains": {name: queue.ladder.grain(settings.routing.step_seconds) for name, queue in settings.queues.items()},
        "step_seconds": settings.routing.step_seconds,
        "most_priority": MOST,
        "horizon": HORIZON,
        "rests": {name: rest_seconds(queue, settings.sign_in) for name, queue in settings.queues.items()},
    }


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _link_documentation(folder: Path) -> None:
    """Modules read the description of their own options from the data folder, which is ours."""
    link = folder / "documentation"
    if not link.is_symlink():
        link.symlink_to("/usr/share/asterisk/documentation")


def main() -> None:
    settings = ExchangeSettings()
    render(settings)
    print(f"configuration of Asterisk rendered to {settings.asterisk / 'etc'}")


if __name__ == "__main__":
    main()
