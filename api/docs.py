"""The documentation page: Swagger UI from this host, no content delivery network involved."""

from importlib import resources
from typing import Literal

from fastapi import APIRouter, Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stockyard API</title>
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
START = b"""SwaggerUIBundle({
  url: "openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout",
});
"""
TYPES = {"js": "text/javascript", "css": "text/css"}

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def page() -> Response:
    """The page itself; its addresses are relative, so that it works behind a prefix."""
    return Response(PAGE, media_type="text/html", headers={"Content-Security-Policy": POLICY})


@router.get("/docs/start.js")
async def start() -> Response:
    """What starts Swagger UI: a file, as the page's policy allows no script inside it."""
    return Response(START, media_type=TYPES["js"])


@router.get("/docs/assets/{name}")
async def asset(name: Literal["swagger-ui-bundle.js", "swagger-ui.css"]) -> Response:
    """Swagger UI's files, out of the package that carries them."""
    content = (resources.files("fastapi_offline") / "static" / name).read_bytes()
    return Response(content, media_type=TYPES[name.rsplit(".")[-1]])
