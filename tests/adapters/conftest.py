"""Each adapter is tested where its extra is installed, alone or with others."""

from __future__ import annotations

from importlib.util import find_spec

_NEEDS = {
    "test_mcp.py": "fastmcp",
    "mcp_server.py": "fastmcp",
    "test_a2a.py": "a2a",
    "test_openapi.py": "fastapi",
    "test_egress.py": "uvicorn",
    "test_herd_in_herd.py": "sse_starlette",
}
collect_ignore = [name for name, library in _NEEDS.items() if find_spec(library) is None]
