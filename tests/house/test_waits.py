"""Every wait has a limit, no cancellation is swallowed, no task is lost sight of, no queue is without a bound."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SERVING = ("ivr", "agi_scripts", "routing", "recordings", "api")
"""The rooms of the processes that serve; the stage is run by a person who can press Ctrl-C."""
FILES = sorted(
    path for room in SERVING for path in (REPOSITORY / room).rglob("*.py") if "node_modules" not in path.parts
)


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call by the name that is called, without what it is called on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(REPOSITORY)}:{getattr(node, 'lineno', 0)}"


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def test_no_wait_swallows_a_cancellation(trees: dict[Path, ast.Module]) -> None:
    """`asyncio.wait_for` of Python 3.11 does, when result and cancellation meet; `asyncio.timeout` does not."""
    assert [place(path, call) for path, tree in trees.items() for name, call in calls(tree) if name == "wait_for"] == []


def test_nobody_catches_a_cancellation(trees: dict[Path, ast.Module]) -> None:
    guilty = []
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = ast.unparse(node.type) if node.type else "everything"
            raises_on = any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
            if ("CancelledError" in caught or "BaseException" in caught or node.type is None) and not raises_on:
                guilty.append(place(path, node))
    assert guilty == []


def test_no_task_is_begun_and_forgotten(trees: dict[Path, ast.Module]) -> None:
    """A task that nobody holds may be collected in mid-work, and its error is never seen. A task group holds its own."""
    guilty = []
    for path, tree in trees.items():
        groups = {
            item.optional_vars.id
            for node in ast.walk(tree)
            if isinstance(node, ast.AsyncWith)
            for item in node.items
            if "TaskGroup" in ast.unparse(item.context_expr) and isinstance(item.optional_vars, ast.Name)
        }
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
                continue
            called = ast.unparse(node.value.func)
            if called.endswith(("create_task", "ensure_future")) and called.split(".")[0] not in groups:
                guilty.append(place(path, node))
    assert guilty == []


def test_every_queue_has_a_bound(trees: dict[Path, ast.Module]) -> None:
    """`routing/ami/inbox` bounds its deque by itself and says so."""
    guilty = [
        place(path, call)
        for path, tree in trees.items()
        for name, call in calls(tree)
        if name in {"Queue", "LifoQueue", "PriorityQueue"} and not call.args and not call.keywords
    ]
    assert guilty == []


def test_no_query_is_given_up_by_a_time_limit_of_ours(trees: dict[Path, ast.Module]) -> None:
    """The server's own `statement_timeout` ends a query; a limit around one would leave a connection in mid-answer."""
    guilty = []
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.AsyncWith):
                continue
            if not any("timeout(" in ast.unparse(item.context_expr) for item in node.items):
                continue
            body = "\n".join(ast.unparse(inner) for inner in node.body)
            if any(word in body for word in ("session.", "sessions(", "sessions.begin", ".execute(", ".scalar(")):
                guilty.append(place(path, node))
    assert guilty == []


LIMITED = {
    "subprocess.run",
    "socket.create_connection",
    "urllib.request.urlopen",
    "httpx2.AsyncClient",
    "asyncpg.connect",
}


def test_every_way_out_has_a_time_limit(trees: dict[Path, ast.Module]) -> None:
    guilty = [
        place(path, call)
        for path, tree in trees.items()
        for _, call in calls(tree)
        if ast.unparse(call.func) in LIMITED and "timeout" not in {given.arg for given in call.keywords}
    ]
    assert guilty == []
