"""Names over HTTP: a Starlette application with the model that seqgen-dinos ships."""

import json
import secrets

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

import seqgen

#: What a request may set: nothing that reads a file or takes long.
SETTINGS = {"count", "seed", "temperature", "top_p", "starts_with", "ends_with"}
MOST = 100
model = seqgen.load("dinos")


async def generate(request: Request) -> Response:
    wanted = await request.json()
    if not isinstance(wanted, dict) or not wanted.keys() <= SETTINGS:
        raise seqgen.SettingError(f"send a JSON object with any of {', '.join(sorted(SETTINGS))}")
    settings = {"count": 5, "seed": secrets.randbits(32), **wanted}
    if settings["count"] not in range(1, MOST + 1):
        raise seqgen.SettingError(f"count must be 1 to {MOST}", "count")
    items = await run_in_threadpool(model.generate, receipts=False, **settings)
    return JSONResponse({"seed": settings["seed"], "items": items.texts})


async def stream(request: Request) -> Response:
    prompt, seed = request.query_params.get("prompt", ""), secrets.randbits(32)
    items = model.stream(prompt, stop=MOST, seed=seed, receipts=False)
    return StreamingResponse((f"{item.text}\n" for item in items), media_type="text/plain")


async def refuse(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=400)


routes = [Route("/generate", generate, methods=["POST"]), Route("/stream", stream)]
handlers = dict.fromkeys((seqgen.SeqgenError, json.JSONDecodeError), refuse)
app = Starlette(routes=routes, exception_handlers=handlers)
