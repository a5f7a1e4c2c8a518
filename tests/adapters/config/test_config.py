"""`reconciler.toml`: what it may say, and what it is told when it says something else."""

from pathlib import Path

import pytest

from reconciler.adapters.config.reader import choose, load_settings
from reconciler.errors import ConfigurationError, ExitCode

PRODUCTION = """
[environments.production]
api = "https://api.open.cx"
api_key_env = "OPENCX_API_KEY"
state = "file:.reconciler/production.json"
rate_limit = { requests = 90, seconds = 30 }
timeouts = { connect = 1, request = 2, settle = 0.5, run = 4 }
variables = { vip_segment = "6d0f" }
"""


def write(folder: Path, text: str) -> Path:
    (folder / "reconciler.toml").write_text(text, encoding="utf-8")
    return folder


def test_without_a_file_there_is_only_the_sandbox(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    assert (settings.manifests, list(settings.environments)) == ("sequences", ["sandbox"])
    sandbox = choose(settings, None)
    assert (sandbox.api, sandbox.state) == ("sandbox", "file:.reconciler/sandbox.json")


def test_everything_that_the_contract_names_is_read(tmp_path: Path) -> None:
    settings = load_settings(
        write(tmp_path, 'manifests = "flows"\ndefault_environment = "production"' + PRODUCTION), {}
    )
    production = choose(settings, None)
    assert settings.manifests == "flows"
    assert (production.api, production.api_key_env) == ("https://api.open.cx", "OPENCX_API_KEY")
    assert (production.rate_limit.requests, production.rate_limit.seconds) == (90, 30)
    timeouts = production.timeouts
    assert (timeouts.connect, timeouts.request, timeouts.settle, timeouts.run) == (1, 2, 0.5, 4)
    assert dict(production.variables) == {"vip_segment": "6d0f"}


def test_the_sandbox_is_there_beside_other_environments(tmp_path: Path) -> None:
    assert choose(load_settings(write(tmp_path, PRODUCTION), {}), "sandbox").is_sandbox


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('manifest = "x"', "unknown key `manifest`", "did you mean `manifests`?"),
        ("[environments.sandbox]\napi_key = 'x'", "unknown key `api_key`", "did you mean `api_key_env`?"),
        ("[environments.a]\nrate_limit = {request = 1}", "unknown key `request`", "did you mean `requests`?"),
        ("[environments.a]\ntimeouts = {conect = 1}", "unknown key `conect`", "did you mean `connect`?"),
        ("[environments.a]\ntimeouts = {connect = 0}", "`connect` must be more than 0", None),
        ("[environments.a]\ntimeouts = {run = nan}", "`run` must be a number", None),
        ("[environments.a]\nrate_limit = {requests = 1.5}", "`requests` must be a number", None),
        ("[environments.a]\nrate_limit = {requests = true}", "`requests` must be a number", None),
        ("[environments.a]\nvariables = {x = 5}", "variable `x` must be a text", "put its value in quotes"),
        ("environments = 5", "`environments` must be a table", None),
        ("[environments]\na = 5", "`environments.a` must be a table", None),
        ('manifests = "../elsewhere"', "`manifests` must be a folder below", None),
        ('manifests = "/etc"', "`manifests` must be a folder below", None),
        ("manifests = 5", "`manifests` must be a text", None),
        ('default_environment = "sandbx"', "no environment `sandbx`", "did you mean `sandbox`?"),
        *(
            (f"[environments.a]\nstate = '{address}'", "`state` names no place", None)
            for address in ("ftp://x", "file:", "git:main", "git:refs/x", "s3://bucket", "s3:///key", "state.json")
        ),
        ("[environments.a\n", "not valid TOML", None),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, message: str, hint: str | None) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(write(tmp_path, text), {})
    assert message in caught.value.message
    assert "reconciler.toml" in caught.value.message
    assert hint is None or caught.value.hint == hint
    assert caught.value.exit_code is ExitCode.REFUSED_CONFIGURATION


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "reconciler.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load_settings(tmp_path, {})


ELSEWHERE = "https://api.elsewhere.example"


@pytest.mark.parametrize(
    ("api", "operator"),
    [
        ("https://api.open.cx", None),
        ("https://api.open.cx/", None),
        ("sandbox", None),
        ("http://127.0.0.1:8787", None),
        ("http://localhost:1", None),
        ("http://[::1]:1", None),
        ("http://127.9.9.9", None),
        (ELSEWHERE, ELSEWHERE),
        (ELSEWHERE + "/", ELSEWHERE),
    ],
)
def test_an_address_that_may_be_used(tmp_path: Path, api: str, operator: str | None) -> None:
    variables = {} if operator is None else {"OPENCX_API_URL": operator}
    settings = load_settings(write(tmp_path, f'[environments.a]\napi = "{api}"'), variables)
    assert choose(settings, "a").api == api.rstrip("/")


@pytest.mark.parametrize(
    ("api", "operator"),
    [
        (ELSEWHERE, None),
        (ELSEWHERE, "https://api.other.example"),
        (ELSEWHERE + "/v1", ELSEWHERE),
        ("http://api.open.cx", None),
        ("http://api.elsewhere.example", "http://api.elsewhere.example"),
        ("https://api.open.cx.evil.example", None),
        ("https://api.open.cx@evil.example", None),
        ("https://user:pass@api.open.cx", None),
        ("https://api.open.cx:8443", None),
        ("https://10.0.0.1", None),
        ("https://169.254.169.254", None),
        ("https://localhost.evil.example", None),
        ("http://127.0.0.1.evil.example", None),
        ("ftp://api.open.cx", None),
        ("api.open.cx", None),
        ("https://api.open.cx?x=1", None),
        ("https://api.open.cx#x", None),
        ("https://", None),
        ("https://[", None),
        ("http://127.0.0.1:99999", None),
        ("http://127.0.0.1:abc", None),
    ],
)
def test_an_address_that_would_take_the_key_elsewhere_is_refused(
    tmp_path: Path, api: str, operator: str | None
) -> None:
    variables = {} if operator is None else {"OPENCX_API_URL": operator}
    with pytest.raises(ConfigurationError):
        load_settings(write(tmp_path, f'[environments.a]\napi = "{api}"'), variables)


def test_an_environment_without_an_address_goes_where_the_operator_says(tmp_path: Path) -> None:
    folder = write(tmp_path, "[environments.a]")
    assert choose(load_settings(folder, {}), "a").api == "https://api.open.cx"
    assert choose(load_settings(folder, {"OPENCX_API_URL": ELSEWHERE}), "a").api == ELSEWHERE


@pytest.mark.parametrize("address", ["file:a/b.json", "git:refs/reconciler/production", "s3://bucket/a/b.json"])
def test_state_may_be_kept_in_a_file_on_a_git_ref_or_in_a_bucket(tmp_path, address):
    (tmp_path / "reconciler.toml").write_text(f'[environments.a]\nstate = "{address}"')
    assert load_settings(tmp_path, {}).environments["a"].state == address
