"""The server's description in OpenAPI 3.1: bodies from the forms that check them, answers by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import models_json_schema

from herd_graph.serve.audio import FORMS
from herd_graph.serve.encoding import MIMES
from herd_graph.serve.files import PURPOSES
from herd_graph.serve.schemas import Answers, ChatRequest, SpeechRequest
from herd_graph.serve.uploads import MOST_LISTED

if TYPE_CHECKING:
    from herd_graph.serve.host import Host

Schema = dict[str, Any]

_ID = {"type": "string", "minLength": 1}
_ERRORS = {
    400: "The request is wrong; the error names the field.",
    401: "No key, or one that opens nothing.",
    403: "A web page, or a name of the server, that is not allowed.",
    404: "There is no such thing, or it is somebody else's.",
    408: "The body did not come in time.",
    409: "It is not in a state for this.",
    413: "Too large.",
    415: "Not the type of body that this takes.",
    429: "A limit of the key is reached; Retry-After says how long.",
    500: "A run failed.",
    503: "Too many runs, or the server is stopping.",
}
_USUAL = (401, 403, 408, 413, 429, 500)


def _object(required: Sequence[str] = (), **properties: Any) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _responses(good: Schema, *errors: int, status: int = 200) -> Schema:
    told = {
        str(each): {"description": _ERRORS[each], "content": _json(_ref("Error"))}
        for each in sorted({*_USUAL, *errors})
    }
    return {str(status): good, **told}


def _operation(name: str, summary: str, responses: Schema, **more: Any) -> Schema:
    return {"operationId": name, "summary": summary, "responses": responses, **more}


def _answer(description: str, schema: Schema, **more: Any) -> Schema:
    return {"description": description, "content": _json(schema), **more}


def _path(name: str, description: str) -> Schema:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": _ID,
    }


def _query(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": schema}


_RUN_HEADER = {"X-Herd-Run": {"description": "The run's id.", "schema": {"type": "string"}}}
_RUN = _path("id", "A run's id, as X-Herd-Run gives it.")
_FILE = _path("id", "A file's id.")


def _chat() -> Schema:
    good = _answer("The answer.", _ref("Completion"), headers=_RUN_HEADER)
    good["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    return {
        "/v1/chat/completions": {
            "post": _operation(
                "complete",
                "Answer a conversation",
                _responses(good, 400, 404, 409, 415, 503),
                requestBody={"required": True, "content": _json(_ref("ChatRequest"))},
            )
        }
    }


def _audio() -> Schema:
    form = _object(
        ["file", "model"],
        file={"type": "string", "format": "binary"},
        model=_ID,
        response_format={"type": "string", "enum": list(FORMS)},
    )
    words = _answer("The transcript.", _object(["text"], text={"type": "string"}))
    words["content"]["text/plain"] = {"schema": {"type": "string"}}
    sound: Schema = {
        "description": "The recording.",
        "content": {each: {} for each in MIMES.values()},
    }
    return {
        "/v1/audio/transcriptions": {
            "post": _operation(
                "transcribe",
                "Write down what is said in a recording",
                _responses({**words, "headers": _RUN_HEADER}, 400, 404, 409, 415, 503),
                requestBody={
                    "required": True,
                    "content": {"multipart/form-data": {"schema": form}},
                },
            )
        },
        "/v1/audio/speech": {
            "post": _operation(
                "speak",
                "Read a text aloud",
                _responses({**sound, "headers": _RUN_HEADER}, 400, 404, 409, 415, 503),
                requestBody={"required": True, "content": _json(_ref("SpeechRequest"))},
            )
        },
    }


def _models() -> Schema:
    listed = _object(["object", "data"], object={"const": "list"}, data=_list(_ref("Model")))
    return {
        "/v1/models": {
            "get": _operation(
                "listModels", "List herds and experts", _responses(_answer("All.", listed))
            )
        },
        "/v1/models/{model}": {
            "get": _operation(
                "getModel",
                "Look at a herd or an expert",
                _responses(_answer("It.", _ref("Model")), 404),
                parameters=[_path("model", "`herd`, another herd, or `herd/EXPERT`.")],
            )
        },
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _files() -> Schema:
    form = _object(
        ["file", "purpose"],
        file={"type": "string", "format": "binary"},
        purpose={"type": "string", "enum": list(PURPOSES)},
    )
    listed = _object(
        ["object", "data", "has_more"],
        object={"const": "list"},
        data=_list(_ref("File")),
        has_more={"type": "boolean"},
    )
    deleted = _object(["id", "deleted"], id=_ID, deleted={"const": True})
    limit = {"type": "integer", "minimum": 1, "maximum": MOST_LISTED}
    content: Schema = {"description": "Its bytes.", "content": {"*/*": {"schema": {}}}}
    return {
        "/v1/files": {
            "post": _operation(
                "uploadFile",
                "Upload a file",
                _responses(_answer("It is kept.", _ref("File")), 400, 415),
                requestBody={
                    "required": True,
                    "content": {"multipart/form-data": {"schema": form}},
                },
            ),
            "get": _operation(
                "listFiles",
                "List files",
                _responses(_answer("Some of them.", listed), 400, 404),
                parameters=[
                    _query("purpose", {"type": "string"}),
                    _query("limit", limit),
                    _query("order", {"type": "string", "enum": ["asc", "desc"]}),
                    _query("after", {"type": "string"}),
                ],
            ),
        },
        "/v1/files/{id}": {
            "get": _operation(
                "getFile",
                "Look at a file",
                _responses(_answer("It.", _ref("File")), 404),
                parameters=[_FILE],
            ),
            "delete": _operation(
                "deleteFile",
                "Delete a file",
                _responses(_answer("It is gone.", deleted), 404),
                parameters=[_FILE],
            ),
        },
        "/v1/files/{id}/content": {
            "get": _operation(
                "getContent",
                "Fetch a file's bytes",
                _responses(content, 400, 404),
                parameters=[_FILE, _query("sig", {"type": "string"})],
            )
        },
    }


def _runs() -> Schema:
    completed = _answer("The answer.", _ref("Completion"), headers=_RUN_HEADER)
    body = {"required": True, "content": _json(_ref("Answers"))}
    cancelling = _object(["id", "status"], id=_ID, status={"type": "string"})
    stopped = _responses(_answer("It had ended.", cancelling), 404)
    stopped["202"] = _answer("It is being stopped.", cancelling)
    return {
        "/v1/runs/{id}": {
            "get": _operation(
                "getRun",
                "Look at a run",
                _responses(_answer("It.", _ref("Run")), 404),
                parameters=[_RUN],
            )
        },
        "/v1/runs/{id}/answers": {
            "post": _operation(
                "answerRun",
                "Answer what a run asks, and go on",
                _responses(completed, 400, 404, 409, 415, 503),
                parameters=[_RUN],
                requestBody=body,
            )
        },
        "/v1/runs/{id}/resume": {
            "post": _operation(
                "resumeRun",
                "Go on with a run that was interrupted, or that failed",
                _responses(completed, 400, 404, 409, 503),
                parameters=[_RUN],
            )
        },
        "/v1/runs/{id}/cancel": {
            "post": _operation("cancelRun", "Stop a run", stopped, parameters=[_RUN])
        },
    }


def _probes() -> Schema:
    state = _object(["status"], status={"type": "string"}, runs={"type": "integer"})
    text = {"description": "Metrics.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    described = {"description": "This.", "content": _json({"type": "object"})}

    def probe(name: str, summary: str, good: Schema, *, stops: bool = False) -> Schema:
        told = {"200": good}
        told |= {"503": _answer("The server is stopping.", state)} if stops else {}
        told["403"] = {"description": _ERRORS[403], "content": _json(_ref("Error"))}
        return {"get": _operation(name, summary, told, security=[])}

    metrics = _operation("metrics", "Metrics for Prometheus", _responses(text))
    return {
        "/healthz": probe("healthz", "Whether the process lives", _answer("It does.", state)),
        "/readyz": probe("readyz", "Whether it takes work", _answer("Yes.", state), stops=True),
        "/metrics": {"get": metrics},
        "/openapi.json": probe("openapi", "This description", described),
    }


def _schemas() -> Schema:
    text, number = {"type": "string"}, {"type": "number"}
    nullable = {"type": ["string", "null"]}
    message = _object(["role", "content"], role={"const": "assistant"}, content=text)
    choice = _object(
        ["index", "message", "finish_reason"],
        index={"const": 0},
        message=message,
        finish_reason={"const": "stop"},
    )
    usage = _object(
        ["prompt_tokens", "completion_tokens", "total_tokens", "cost_usd"],
        prompt_tokens={"type": "integer"},
        completion_tokens={"type": "integer"},
        total_tokens={"type": "integer"},
        cost_usd=number,
    )
    error = _object(
        ["message", "type", "param", "code"],
        message=text,
        type=text,
        param=nullable,
        code=nullable,
    )
    return {
        "Error": _object(["error"], error=error),
        "Completion": _object(
            ["id", "object", "created", "model", "choices", "usage", "herd"],
            id=text,
            object={"const": "chat.completion"},
            created={"type": "integer"},
            model=text,
            choices=_list(choice),
            usage=usage,
            herd=_object(["run", "status", "parts", "plan"], run=text, status=text),
        ),
        "Model": _object(
            ["id", "object", "created", "owned_by"],
            id=text,
            object={"const": "model"},
            created={"type": "integer"},
            owned_by=text,
        ),
        "File": _object(
            ["id", "object", "bytes", "created_at", "filename", "purpose"],
            id=text,
            object={"const": "file"},
            bytes={"type": "integer"},
            created_at={"type": "integer"},
            filename=text,
            purpose=text,
        ),
        "Run": _object(
            ["id", "object", "status", "plan", "questions"],
            id=text,
            object={"const": "herd.run"},
            status=text,
            plan={"type": "object"},
            questions=_list({"type": "object"}),
        ),
    }


def description(host: Host) -> Schema:
    """Return the description of a server, as it is set up."""
    from importlib.metadata import version

    _, made = models_json_schema(
        [(each, "validation") for each in (ChatRequest, SpeechRequest, Answers)],
        ref_template="#/components/schemas/{model}",
    )
    paths = _probes()
    if "openai" in host.settings.doors:
        paths |= {**_chat(), **_audio(), **_models(), **_files(), **_runs()}
    security: Schema = {"security": [{"key": []}]} if host.need_key else {}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "HERD",
            "version": version("herd-graph"),
            "description": "Independent experts behind OpenAI's API. Fields that begin with "
            "`herd` are HERD's own.",
        },
        "paths": paths,
        "components": {
            "schemas": {**made["$defs"], **_schemas()},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        **security,
    }


__all__ = ("description",)
