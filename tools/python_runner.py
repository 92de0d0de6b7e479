"""The process behind ``run_python``: sets its own limits, then runs the code. Imports nothing of HERD.

It is started as ``python -I -S python_runner.py CODE WORK SECONDS MEMORY OUTPUT``.
"""

# ruff: noqa: S102 - running code is what it is for
from __future__ import annotations

import ast
import os
import sys

_REFUSED = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn",
    "os.kill", "pty.", "ctypes.", "signal.pthread_kill", "shutil.chown", "os.chmod", "os.chown",
    "os.link", "os.symlink", "os.putenv", "webbrowser.", "ftplib.", "http.", "urllib.", "smtplib.",
    "sqlite3.enable_load_extension", "sqlite3.load_extension", "resource.setrlimit", "resource.prlimit",
    "syslog.", "fcntl.", "os.mkfifo",
)  # fmt: skip
_PATHS = frozenset(
    {
        "open", "os.listdir", "os.scandir", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chdir",
        "os.truncate", "os.walk", "shutil.rmtree", "sqlite3.connect", "glob.glob", "os.utime",
    }
)  # fmt: skip


def main() -> None:
    """Limit this process and run the code that it was started for."""
    code, work, seconds, memory, output = sys.argv[1:6]
    with open(code, encoding="utf-8") as reader:  # noqa: PTH123 - pathlib is not loaded for this
        source = reader.read()
    _limit(int(seconds), int(memory), int(output))
    os.chdir(work)
    sys.argv = ["<code>"]
    _guard(work)
    tree = ast.parse(source, "<code>")
    names = {"__name__": "__main__", "__builtins__": __builtins__}
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        exec(compile(ast.Module(tree.body[:-1], []), "<code>", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "<code>", "eval"), names)  # noqa: S307
        if value is not None:
            print(repr(value))  # noqa: T201
    else:
        exec(compile(tree, "<code>", "exec"), names)
    sys.stdout.flush()


def _limit(seconds: int, memory: int, output: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))  # first a signal, then the end
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, output + 1),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _guard(work: str) -> None:
    """Refuse network, programs, and files outside the folder: an audit hook cannot be removed.

    Code that means harm gets around it; code that errs does not.
    """
    home = os.path.realpath(work) + os.sep
    library = tuple(
        os.path.realpath(each) + os.sep for each in {*sys.path, sys.prefix, sys.base_prefix} if each
    )
    devices = {"/dev/null", "/dev/urandom", "/dev/random"}

    def hook(event: str, given: tuple[object, ...]) -> None:
        if event.startswith(_REFUSED):
            raise PermissionError(f"{event} is not allowed here: no network, no other programs")
        if event not in _PATHS:
            return
        named = given[0] if given else None
        if named is None or isinstance(named, int):  # an open file, or the folder itself
            return
        path = os.fsdecode(named if isinstance(named, bytes) else str(named))
        if path in devices or path == ":memory:":
            return
        real = os.path.realpath(path)
        if (real + os.sep).startswith(home):
            return
        reads = event in {"os.listdir", "os.scandir"} or (
            event == "open"
            and len(given) > 2
            and isinstance(given[2], int)
            and not given[2] & 0o103
        )
        if reads and (real + os.sep).startswith(library):
            return
        raise PermissionError(
            f"{path!r} lies outside the working folder: other files are not allowed"
        )

    sys.addaudithook(hook)


if __name__ == "__main__":
    main()
