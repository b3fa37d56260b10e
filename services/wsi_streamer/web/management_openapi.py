"""The description of the management port: what the framework can't know of it."""

from __future__ import annotations

from litestar.openapi.spec import (
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    Schema,
    SecurityScheme,
)

from wsi_streamer.web.openapi_errors import describe_errors, operations

_ADMIN = {
    400: "invalid_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    413: "too_large",
    415: "unsupported_media_type: a body is application/json",
    429: "too_many_failures, with Retry-After",
    500: "internal_error",
    503: "catalog_unavailable or audit_unavailable, with Retry-After",
}
_SCHEME = "adminToken"


def describe_management(document: OpenAPI) -> None:
    """Complete what the framework wrote."""
    paths = document.paths or {}
    if "/admin/slides/{ref}" in paths:  # routed by its beginning, since a key may hold slashes
        explain = paths["/admin/slides/{ref}/explain"] = paths.pop("/admin/slides/{ref}")
        if explain.get is not None:
            text = Schema(type=OpenAPIType.STRING)
            ref = Parameter("ref", "path", description="Percent-encoded key or opaque id.", required=True, schema=text)
            explain.get.parameters = [ref]
    document.components.security_schemes = {_SCHEME: SecurityScheme(type="http", scheme="bearer")}
    for path, _, operation in operations(document):
        if path.startswith(("/admin/", "/grants")):
            operation.security = [{_SCHEME: []}]
            describe_errors(document, operation, _ADMIN)
        else:
            describe_errors(document, operation, {})
            _describe(path, operation)


def _describe(path: str, operation: Operation) -> None:
    responses = operation.responses or {}
    if path == "/metrics":
        text = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        responses["200"] = OpenAPIResponse(description="Prometheus' text format.", content={"text/plain": text})
    elif path == "/ready":
        state = OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Readiness"))
        responses["503"] = OpenAPIResponse(description="Not yet.", content={"application/json": state})
    operation.responses = responses
