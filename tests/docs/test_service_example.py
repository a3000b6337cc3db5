"""The Starlette example of "Use it in a service": its answers are those of the model."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest
from starlette.testclient import TestClient

import seqgen

from ..helpers.pages import ROOT

FILE = ROOT / "examples" / "service" / "service.py"
PAGE = ROOT / "docs" / "how-to" / "use-in-a-service.md"


@pytest.fixture(scope="module")
def service() -> ModuleType:
    spec = importlib.util.spec_from_file_location("service_example", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def client(service: ModuleType) -> TestClient:
    return TestClient(service.app)


def test_the_page_has_the_code_of_the_example() -> None:
    code = FILE.read_text(encoding="utf-8")
    assert f"```python\n{code}```" in PAGE.read_text(encoding="utf-8")
    assert code.count("\n") < 50


def test_a_request_has_the_items_of_the_model(client: TestClient) -> None:
    wanted = {"count": 3, "seed": 7, "starts_with": "tri", "temperature": 0.8}
    answer = client.post("/generate", json=wanted)
    assert answer.status_code == 200
    expected = seqgen.load("dinos").generate(3, seed=7, starts_with="tri", temperature=0.8)
    assert answer.json() == {"seed": 7, "items": expected.texts}


def test_a_request_without_a_seed_can_be_repeated(client: TestClient) -> None:
    first = client.post("/generate", json={}).json()
    assert len(first["items"]) == 5
    assert client.post("/generate", json={"seed": first["seed"]}).json() == first


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"temperature": 0.0}, "temperature must be >= 0.001, was 0.0"),
        ({"temperature": "hot"}, "temperature must be float, was 'hot'"),
        ({"starts_with": "7"}, "unknown symbol '7'"),
        ({"count": 101}, "count must be 1 to 100"),
        ({"count": None}, "count must be 1 to 100"),
        ({"sampler": "beam"}, "send a JSON object with any of count, ends_with"),
        ([1], "send a JSON object"),
    ],
)
def test_a_wrong_request_is_refused(client: TestClient, wanted: object, message: str) -> None:
    answer = client.post("/generate", json=wanted)
    assert answer.status_code == 400
    assert message in answer.json()["error"]


def test_a_body_that_is_not_json_is_refused(client: TestClient) -> None:
    assert client.post("/generate", content=b"count=3").status_code == 400


def test_names_are_streamed(client: TestClient, service: ModuleType) -> None:
    names = client.get("/stream", params={"prompt": "tri"}).text.splitlines()
    assert len(names) == service.MOST
    assert all(name.startswith("Tri") for name in names)
    assert client.get("/stream", params={"prompt": "7"}).status_code == 400
