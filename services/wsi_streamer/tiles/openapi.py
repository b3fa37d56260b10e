"""The OpenAPI document. The tile route runs outside the framework, so it is described here."""

from __future__ import annotations

from litestar.openapi.spec import (
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    PathItem,
    Schema,
)

_ERRORS = {
    "400": "invalid_level, tile_out_of_bounds, invalid_quality, invalid_request",
    "401": "missing_signature, missing_expiry, signature_expired, invalid_signature",
    "404": "not_found",
    "409": "slide_changed: the object was replaced; try again",
    "415": "unsupported_format: the message says what was found",
    "503": "busy or catalog_unavailable, with Retry-After",
}


def describe_tile_route(document: OpenAPI) -> None:
    """Add GET /tiles/… to the document."""
    whole = Schema(type=OpenAPIType.INTEGER, minimum=0)
    text = Schema(type=OpenAPIType.STRING)
    parameters = [
        Parameter("slide_id", "path", description="Percent-encoded key or opaque id.", required=True, schema=text),
        Parameter("level", "path", description="0 is full resolution.", required=True, schema=whole),
        Parameter("x", "path", description="Column.", required=True, schema=whole),
        Parameter("y", "path", description="Row; .jpg behind it is optional.", required=True, schema=text),
        Parameter(
            "quality",
            "query",
            description="Re-encode with this JPEG quality; without it stored JPEG tiles pass through untouched.",
            schema=Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=100),
        ),
        Parameter("v", "query", description="The slide's version: makes the answer cacheable for good.", schema=text),
        Parameter("exp", "query", description="Expiry in unix seconds.", schema=text),
        Parameter("sig", "query", description="Signature, 64 hex digits.", schema=text),
        Parameter("vt", "query", description="Viewer token, 64 hex digits.", schema=text),
    ]
    responses = {
        "200": OpenAPIResponse(
            description="The tile, full size at the edges too.", content={"image/jpeg": OpenAPIMediaType()}
        ),
        "304": OpenAPIResponse(description="The client has it already."),
        **{status: OpenAPIResponse(description=codes) for status, codes in _ERRORS.items()},
    }
    operation = Operation(
        operation_id="getTile", summary="Tile", tags=["tiles"], parameters=list(parameters), responses=dict(responses)
    )
    paths = document.paths if document.paths is not None else {}
    paths["/tiles/{slide_id}/{level}/{x}/{y}.jpg"] = PathItem(get=operation)
    document.paths = paths
