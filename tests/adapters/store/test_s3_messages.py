"""What is said where S3 cannot be used: what, where, why and what to do, and never a credential."""

import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator

import pytest

from reconciler.adapters.store.s3 import S3Backend
from reconciler.errors import ConfigurationError, StateError
from tests.adapters.store.s3_service import (
    CANARIES,
    Answer,
    Onward,
    Proxy,
    Request,
    answered,
    environment,
    failing,
    opened,
    proxied,
    running_service,
)
from tests.adapters.store.test_s3_faults import KEY, SAVED, Scene


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with proxied(running_service()) as proxy:
        yield proxy


@pytest.fixture
def scene(proxy: Proxy) -> Scene:
    return Scene(proxy)


def told(error: pytest.ExceptionInfo[ConfigurationError] | pytest.ExceptionInfo[StateError]) -> str:
    """The message and the hint, after seeing that neither they nor a traceback show a credential."""
    shown = "".join(traceback.format_exception(error.value)) + str(error.value.hint)
    assert [each for each in CANARIES if each in shown] == []
    return f"{error.value.message} | {error.value.hint}"


def write(backend: S3Backend) -> None:
    backend.write_state(b"new", expected=None, saved=SAVED)


@pytest.mark.parametrize(
    ("method", "act", "words"),
    [
        ("GET", S3Backend.read_state, ["cannot read", f"/{KEY}", "403 AccessDenied", "s3:GetObject", "s3:ListBucket"]),
        ("PUT", write, ["cannot write", f"/{KEY}", "403 AccessDenied", "s3:PutObject"]),
        ("LIST", S3Backend.read_journal, ["cannot list", f"/{KEY}.journal/", "403 AccessDenied", "s3:ListBucket"]),
        ("DELETE", lambda b: b.require_room(1), ["cannot remove", "403 AccessDenied", "s3:DeleteObject"]),
    ],
)
def test_a_missing_permission_is_named(
    scene: Scene, method: str, act: Callable[[S3Backend], object], words: list[str]
) -> None:
    scene.proxy.always(method, answered(403, "AccessDenied"))
    with pytest.raises(StateError) as caught:
        act(scene.backend)
    message = told(caught)
    assert [each for each in words if each not in message] == []


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (400, "ExpiredToken", ["400 ExpiredToken", "run out"]),
        (401, "Unauthorized", ["401 Unauthorized", "AWS_ACCESS_KEY_ID"]),
        (403, "InvalidAccessKeyId", ["403 InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"]),
        (403, "SignatureDoesNotMatch", ["403 SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"]),
        (403, "RequestTimeTooSkewed", ["403 RequestTimeTooSkewed", "clock"]),
        (404, "NoSuchBucket", ["404 NoSuchBucket", "create the bucket"]),
        (301, "PermanentRedirect", ["another region", "AWS_REGION"]),
        (400, "AuthorizationHeaderMalformed", ["400 AuthorizationHeaderMalformed", "AWS_REGION"]),
        (501, "NotImplemented", ["501 NotImplemented", "conditional writes"]),
    ],
)
def test_what_the_service_refuses_for_good_is_explained_and_not_repeated(
    scene: Scene, status: int, code: str, words: list[str]
) -> None:
    scene.proxy.always("PUT", answered(status, code))
    with pytest.raises(StateError) as caught:
        write(scene.backend)
    message = told(caught)
    if status == 301:
        words = ["region", *words[1:]]
    assert [each for each in words if each not in message] == []
    assert scene.puts(KEY) == 1
    assert scene.pauses == []


def test_a_bucket_that_is_missing_is_not_an_empty_one() -> None:
    backend = opened(running_service().url, "no-such-bucket")
    for act in (backend.read_state, backend.read_lock, backend.read_journal, backend.history):
        with pytest.raises(StateError) as caught:
            act()
        assert "404 NoSuchBucket" in told(caught)


def test_a_bucket_in_another_region_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = running_service().new_bucket()
    for name, value in environment(running_service().url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_REGION", "eu-central-2")
    with pytest.raises(StateError, match="points to another region") as caught:
        S3Backend(bucket, KEY).read_state()
    assert "AWS_REGION" in told(caught)


def test_a_host_that_refuses_or_that_nobody_knows_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        refusing = f"http://127.0.0.1:{closed.getsockname()[1]}"
    for url, words in ((refusing, "cannot be connected to"), ("https://nowhere.invalid", "cannot be resolved")):
        pauses: list[float] = []
        with pytest.raises(StateError, match=words) as caught:
            opened(url, "bucket", sleep=pauses.append).swap_lock(None, expected='"x"')
        assert "AWS_ENDPOINT_URL_S3" in told(caught)


def test_what_is_not_s3_at_all_is_no_state(scene: Scene) -> None:
    scene.proxy.always("PUT", answered(200, "Html"))
    with pytest.raises(StateError, match="not an answer of S3, 4 times in a row"):
        write(scene.backend)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"AWS_ENDPOINT_URL_S3": "http://storage.example.com"}, "AWS_ENDPOINT_URL_S3 names storage.example.com"),
        ({"AWS_ENDPOINT_URL_S3": "", "AWS_ENDPOINT_URL": "http://10.0.0.1:9000"}, "AWS_ENDPOINT_URL names 10.0.0.1"),
        ({"AWS_ENDPOINT_URL_S3": f"https://ann:{CANARIES[1]}@host"}, "AWS_ENDPOINT_URL_S3 is not the URL"),
        ({"AWS_ENDPOINT_URL_S3": "storage.example.com"}, "AWS_ENDPOINT_URL_S3 is not the URL"),
        ({"AWS_ENDPOINT_URL_S3": "https://[::1"}, "AWS_ENDPOINT_URL_S3 is not the URL"),
        ({"AWS_PROFILE": "work", "AWS_ACCESS_KEY_ID": ""}, "AWS_PROFILE is set, but profiles are not read"),
    ],
)
def test_an_environment_that_cannot_be_meant_is_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], words: str
) -> None:
    for name, value in (environment("https://example.com") | variables).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        S3Backend("bucket", KEY)
    assert words in told(caught)


@pytest.mark.parametrize(
    ("bucket", "key"),
    [
        ("UPPER", KEY),
        ("a", KEY),
        ("bucket\n", KEY),
        ("bucket", "a//b"),
        ("bucket", "../b"),
        ("bucket", "folder/"),
        ("bucket", "a\nb"),
        ("bucket", ""),
        ("bucket", "x" * 513),
    ],
)
def test_a_place_that_cannot_be_one_is_refused(bucket: str, key: str) -> None:
    with pytest.raises(ConfigurationError):
        S3Backend(bucket, key)


@pytest.mark.parametrize("key", ["a", "states/production.json", "ein Schlüssel/mit 100%/{x}.json", "a+b@c:d#e?f"])
def test_a_key_may_be_anything_else(key: str) -> None:
    backend = opened(running_service().url, running_service().new_bucket(), key)
    write(backend)
    end = backend.append_journal(b"part\n", expected=backend.start_journal(b"head\n", expected=None))
    assert backend.read_journal() == (b"head\npart\n", end)
    assert [each.serial for each in backend.history()] == [1]
    assert backend.recall(1) == b"new"


def test_the_region_and_the_endpoint_come_from_the_usual_variables(
    monkeypatch: pytest.MonkeyPatch, proxy: Proxy
) -> None:
    signed: list[str] = []

    def rule(request: Request, _: Onward) -> Answer:
        headers = {name.lower(): value for name, value in request.headers.items()}
        signed.append(headers["authorization"])
        assert "x-amz-security-token" not in headers
        return failing(404, "NoSuchKey")

    proxy.rule = rule
    for name, value in environment("").items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_REGION", "AWS_ENDPOINT_URL_S3", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "")  # as CI leaves what is not set
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-2")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"{proxy.url}/")
    assert S3Backend("bucket", KEY).read_lock() is None
    assert "/eu-central-2/s3/" in signed[0]
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://nowhere.invalid")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
    assert S3Backend("bucket", KEY).read_lock() is None
    assert "/us-west-2/s3/" in signed[-1]


def test_no_credentials_at_all_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    for name in environment(""):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", running_service().url)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", nobody)
    backend = S3Backend("bucket", KEY, sleep=lambda _: None)
    with pytest.raises(StateError, match="there are no credentials for it") as caught:
        write(backend)
    assert "AWS_ACCESS_KEY_ID" in told(caught)


WITHOUT = """
import sys
from reconciler.adapters.store.s3 import S3Backend
assert not [name for name in sys.modules if name.startswith("obstore")]
sys.modules["obstore"] = None
from reconciler.errors import ConfigurationError, ExitCode
try:
    S3Backend("bucket", "key")
except ConfigurationError as error:
    assert error.exit_code is ExitCode.REFUSED_CONFIGURATION
    sys.stdout.write(error.message)
"""


def test_the_library_is_loaded_when_it_is_needed_and_missed_by_name() -> None:
    ended = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    assert ended.stdout == "state in s3:// needs the extra: pip install 'reconciler[s3]'"
