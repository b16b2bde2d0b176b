"""The sandbox's web pages: templates, style sheet, fonts, and the colours of the design tokens."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agentdesk.assets import asset

HERE = Path(__file__).parent / "pages"

_templates = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)


def page(name: str, policy: str = "", status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page made from a template; `policy` adds to its content security policy."""
    everything_own = "default-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'"
    headers = {
        "Content-Security-Policy": "; ".join(filter(None, (everything_own, policy))),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(_templates.get_template(name).render(**values), status, headers)


def serve_parts(app: FastAPI) -> None:
    """Add what every page links to: /page/colours.css, /page/sandbox.css, scripts and /fonts."""

    @app.get("/page/colours.css")
    async def colours() -> Response:
        return Response(colour_sheet(), media_type="text/css")

    app.mount("/page", StaticFiles(directory=HERE / "static"))
    app.mount("/fonts", StaticFiles(directory=asset("fonts")))


@cache
def colour_sheet() -> str:
    """Return the design tokens' colours as CSS variables that follow the system's light or dark setting."""
    tokens = tomllib.loads(asset("theme/tokens.toml").read_text(encoding="utf-8"))
    light, dark = _variables(tokens["light"]), _variables(tokens["dark"])
    return f":root {{\n{light}}}\n@media (prefers-color-scheme: dark) {{ :root {{\n{dark}}} }}\n"


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"  --{name.replace('_', '-')}: {value};\n" for name, value in colours.items())
