"""Every error that leaves the API: RFC 9457 problem details, and never a stack trace."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.types import Scope

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1  # what keeps a request from its answer passes in about that time


class Problem(Exception):
    """An error with the status, code and text that the client is to see."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        retry_after_s: int | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.members = status, code, detail, members
        self.headers = dict(headers or {})
        if retry_after_s is not None:
            self.headers["Retry-After"] = str(retry_after_s)

    def response(self, instance: str) -> Response:
        """The answer; `instance` is the path that was asked."""
        return Response(self.body(instance), self.status, self.headers, MEDIA_TYPE)

    def body(self, instance: str) -> bytes:
        """The problem details as JSON."""
        details = {
            "type": f"urn:stockyard:problem:{self.code.lower().replace('_', '-')}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
        }
        return msgspec.json.encode(details | self.members)


def invalid(detail: str, path: str, problem: str) -> Problem:
    """400: one parameter or header is outside its rule."""
    return Problem(400, "INVALID_REQUEST", detail, errors=[{"path": path, "problem": problem}])


def unavailable(code: str, detail: str, retry_after_s: int = RETRY_AFTER_S) -> Problem:
    """503: something this answer needs is away or behind; asking again later helps."""
    return Problem(503, code, detail, retry_after_s=retry_after_s)


class Flaw(BaseModel):
    """One thing that is wrong with a request."""

    path: str = Field(examples=["query.limit"])
    problem: str = Field(examples=["Input should be less than or equal to 1000"])


class ProblemDetails(BaseModel):
    """RFC 9457 problem details; `code` is for programs, `detail` for people."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:stockyard:problem:not-found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str
    instance: str = Field(examples=["/v1/stock/LON-1/85123A"])
    code: str = Field(examples=["NOT_FOUND"])
    errors: list[Flaw] | None = None


def documented(*problems: Problem) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's `responses` of a route: these problems, each with its example."""
    responses: dict[int | str, dict[str, Any]] = {}
    for problem in problems:
        entry = responses.setdefault(
            problem.status,
            {
                "description": HTTPStatus(problem.status).phrase,
                "content": {
                    MEDIA_TYPE: {
                        "schema": {"$ref": "#/components/schemas/ProblemDetails"},
                        "examples": {},
                    }
                },
            },
        )
        example = msgspec.json.decode(problem.body("/v1/..."))
        entry["content"][MEDIA_TYPE]["examples"][problem.code] = {"value": example}
        if "Retry-After" in problem.headers:
            entry["headers"] = {
                "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}
            }
    return responses


def address(scope: Scope) -> str:
    """The path that was asked, as it was encoded: what `instance` says."""
    raw: bytes = scope["raw_path"]
    return raw.decode("ascii", "replace")


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response(address(request.scope))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.upper().replace(" ", "_").replace("-", "_")
    texts = {
        404: "There is nothing at this path; /docs lists what there is.",
        405: f"{request.method} is not possible here; see the Allow header.",
    }
    detail = texts.get(error.status_code, str(error.detail))
    problem = Problem(error.status_code, code, detail, headers=error.headers)
    return problem.response(address(request.scope))


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    flaws = [
        {"path": ".".join(map(str, one["loc"])), "problem": one["msg"]} for one in error.errors()
    ]
    problem = Problem(400, "INVALID_REQUEST", "The request is outside its rules.", errors=flaws)
    return problem.response(address(request.scope))


async def _defect(request: Request, _error: Exception) -> Response:
    detail = "A defect of ours; the log of the API has the details."
    return Problem(500, "INTERNAL", detail).response(address(request.scope))


def install(app: FastAPI) -> None:
    """Answer every error of an application with problem details."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(Exception, _defect)
