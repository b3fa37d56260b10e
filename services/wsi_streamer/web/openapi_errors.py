"""What operations answer when they refuse: one shape, in the description too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from litestar.openapi.spec import (
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Reference,
    Schema,
)

_ERROR = Schema(
    type=OpenAPIType.OBJECT,
    description="Every refusal.",
    required=["error", "message", "status"],
    properties={
        "error": Schema(type=OpenAPIType.STRING, description="The code, for programs."),
        "message": Schema(type=OpenAPIType.STRING, description="A sentence, for people."),
        "status": Schema(type=OpenAPIType.INTEGER, description="The HTTP status."),
    },
)


def operations(document: OpenAPI) -> Iterator[tuple[str, str, Operation]]:
    """Path, method and operation of all there are."""
    for path, item in (document.paths or {}).items():
        for method in ("get", "post", "put", "patch", "delete"):
            operation = getattr(item, method)
            if operation is not None:
                yield path, method, operation


def describe_errors(document: OpenAPI, operation: Operation, codes: Mapping[int, str]) -> None:
    """An operation answers with these errors: their codes, in a sentence, by status. What the framework wrote of its own
    shape of an error is dropped."""
    if document.components.schemas is None:
        document.components.schemas = {}
    document.components.schemas["Error"] = _ERROR
    media = {"application/json": OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Error"))}
    kept = {status: each for status, each in (operation.responses or {}).items() if int(status) < 400}
    errors = {str(status): OpenAPIResponse(description=codes[status], content=media) for status in sorted(codes)}
    operation.responses = {**kept, **errors}
