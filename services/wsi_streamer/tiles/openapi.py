"""The OpenAPI document. The tile route runs outside the framework, so it is described here; and of the others what the
framework can't know: what they answer with, what they refuse, and how a right is shown."""

from __future__ import annotations

from litestar.openapi.spec import (
    OpenAPI,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    PathItem,
    Reference,
    Schema,
)

from wsi_streamer.web.openapi_errors import describe_errors, operations

_TILE = "/tiles/{slide_id}/{level}/{x}/{y}.jpg"

_ACCESS = {
    400: "invalid_request, invalid_signature_format, invalid_expiry_format",
    401: "missing_signature, missing_expiry, signature_expired, invalid_signature, unauthorized",
    403: "forbidden",
    404: "not_found",
    429: "too_many_failures, with Retry-After",
    500: "internal_error",
    503: "catalog_unavailable, audit_unavailable or identity_provider_unavailable, with Retry-After",
}
_BODY = {413: "too_large", 415: "unsupported_media_type: a body is application/json; or unsupported_format"}

_SLIDE = _ACCESS | {
    400: "invalid_level, tile_out_of_bounds, invalid_quality, " + _ACCESS[400],
    409: "slide_changed: the object was replaced; try again",
    415: "unsupported_format: the message says what was found",
    500: "storage_error, decode_error, encode_error, internal_error",
    502: "connection_error: the object store is away",
    503: "busy, " + _ACCESS[503],
}

_TEXT = Schema(type=OpenAPIType.STRING)
_WHOLE = Schema(type=OpenAPIType.INTEGER, minimum=0)
_HEX = Schema(type=OpenAPIType.STRING, pattern="^[0-9A-Fa-f]{64}$")
_RIGHTS = (
    Parameter(
        "exp",
        "query",
        description="When the right ends: unix seconds, with sig or vt.",
        schema=Schema(type=OpenAPIType.STRING),
    ),
    Parameter("sig", "query", description="Signature of path and query, 64 hex digits.", schema=_HEX),
    Parameter("grant", "query", description="A grant's token; also as Authorization: Bearer.", schema=_TEXT),
)
_VIEWER_TOKEN = Parameter(
    "vt", "query", description="Viewer token of the slide, 64 hex digits. Goes before sig.", schema=_HEX
)
_VERSION = Parameter(
    "v", "query", description="The slide's version: makes the answer cacheable for good.", schema=_TEXT
)
_QUALITY = Parameter(
    "quality",
    "query",
    description="Re-encode with this JPEG quality; without it stored JPEG tiles pass through untouched.",
    schema=Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=100),
)

_PICTURE_HEADERS = {
    "ETag": OpenAPIHeader(description="For If-None-Match.", schema=_TEXT),
    "X-Tile-Cache-Hit": OpenAPIHeader(description="true or false.", schema=_TEXT),
    "X-Tile-Quality": OpenAPIHeader(description="JPEG quality, or source: the stored bytes.", schema=_TEXT),
}


def describe(document: OpenAPI) -> None:
    """Complete what the framework wrote."""
    paths = document.paths if document.paths is not None else {}
    paths[_TILE] = PathItem(get=_tile_operation())
    document.paths = paths
    for path, method, operation in operations(document):
        if path == "/health":
            describe_errors(document, operation, {})
            continue
        of_slide = "{slide_id}" in path
        _add_parameters(operation, [*_RIGHTS, *([_VIEWER_TOKEN] if of_slide else [])])
        _describe_answer(path, operation)
        codes = _SLIDE if of_slide else _ACCESS
        if method == "post":
            codes = codes | _BODY
        describe_errors(document, operation, codes)


def _tile_operation() -> Operation:
    parameters = [
        Parameter("slide_id", "path", description="Percent-encoded key or opaque id.", required=True, schema=_TEXT),
        Parameter("level", "path", description="0 is full resolution.", required=True, schema=_WHOLE),
        Parameter("x", "path", description="Column.", required=True, schema=_WHOLE),
        Parameter("y", "path", description="Row; .jpg behind it is optional.", required=True, schema=_WHOLE),
        _QUALITY,
        _VERSION,
    ]
    answer = OpenAPIResponse(description="The tile, full size at the edges too.")
    return Operation(
        operation_id="getTile", summary="Tile", tags=["tiles"], parameters=list(parameters), responses={"200": answer}
    )


def _describe_answer(path: str, operation: Operation) -> None:
    """Handlers that write bytes are described by the framework as if they sent JSON."""
    responses = operation.responses if operation.responses is not None else {}
    if path.endswith(("/dzi_files/{level}/{name}", "/thumbnail")) or path == _TILE:
        ok = responses["200"]
        assert isinstance(ok, OpenAPIResponse)  # noqa: S101 - for the type
        ok.content = {"image/jpeg": OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format="binary"))}  # type: ignore[arg-type]
        ok.headers = dict(_PICTURE_HEADERS)
        responses["304"] = OpenAPIResponse(description="The client has it already (If-None-Match).")
        if path != _TILE:
            _add_parameters(operation, [_VERSION])
    elif path.endswith("/dzi"):
        responses["200"] = OpenAPIResponse(
            description="The Deep Zoom descriptor.", content={"application/xml": OpenAPIMediaType(schema=_TEXT)}
        )
    elif path.endswith("/prefetch"):
        responses["202"] = OpenAPIResponse(description="Taken note of.")
    operation.responses = responses


def _add_parameters(operation: Operation, added: list[Parameter]) -> None:
    present: list[Parameter | Reference] = list(operation.parameters or [])
    names = {each.name for each in present if isinstance(each, Parameter)}
    operation.parameters = [*present, *(each for each in added if each.name not in names)]
