"""The real yaml-language-server as a process, spoken to as an editor does: JSON-RPC over its stdin and stdout."""

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.editors.install import NODE
from tests.scenarios.workbench import ROOT

PROGRAM = ROOT / ".venv" / "npm" / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
# What `init` writes for VS Code; nothing is to be fetched from the network.
SETTINGS = {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}, "yamlVersion": "1.2"}
CAPABILITIES = {
    "textDocument": {
        "hover": {"contentFormat": ["markdown"]},
        "completion": {"completionItem": {"snippetSupport": True}},
    },
    "workspace": {"configuration": True},
}
Message = dict[str, Any]


class LanguageServer:
    """One editor with one folder open."""

    def __init__(self, folder: Path) -> None:
        if not PROGRAM.exists():
            raise FileNotFoundError(f"{PROGRAM} is missing: run `make test`, which installs it")
        self._process = subprocess.Popen(
            [NODE, PROGRAM, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._requests = 0
        self._diagnostics: dict[str, list[Message]] = {}
        workspace = [{"uri": folder.as_uri(), "name": folder.name}]
        self.request(
            "initialize",
            {"processId": None, "rootUri": None, "capabilities": CAPABILITIES, "workspaceFolders": workspace},
        )
        self._send(method="initialized", params={})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def open(self, file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        document = {"uri": file.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self._send(method="textDocument/didOpen", params={"textDocument": document})

    def diagnostics(self, file: Path) -> list[Message]:
        """Wait for what the server says about a file that is open."""
        while file.as_uri() not in self._diagnostics:
            self._receive()
        return self._diagnostics[file.as_uri()]

    def completions(self, file: Path, line: int, character: int) -> list[str]:
        """The labels that are offered at a place, which counts from 0 as the protocol does."""
        answer = self.request("textDocument/completion", _place(file, line, character))
        return [each["label"] for each in (answer["items"] if isinstance(answer, dict) else answer)]

    def hover(self, file: Path, line: int, character: int) -> str:
        answer = self.request("textDocument/hover", _place(file, line, character))
        return str(answer["contents"]["value"]) if answer else ""

    def request(self, method: str, params: Message) -> Any:
        self._requests += 1
        self._send(id=self._requests, method=method, params=params)
        while True:
            message = self._receive()
            if message.get("id") == self._requests and "method" not in message:
                return message.get("result")

    def _receive(self) -> Message:
        assert self._process.stdout is not None
        length = 0
        while header := self._process.stdout.readline().strip():
            name, _, value = header.partition(b": ")
            if name == b"Content-Length":
                length = int(value)
        assert length, "the language server has ended"
        message: Message = json.loads(self._process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            self._send(id=message["id"], result=_answer(message))
        return message

    def _send(self, **message: Any) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()


def _answer(message: Message) -> Any:
    if message["method"] == "workspace/configuration":
        return [SETTINGS if each.get("section") == "yaml" else {} for each in message["params"]["items"]]
    return None


def _place(file: Path, line: int, character: int) -> Message:
    return {"textDocument": {"uri": file.as_uri()}, "position": {"line": line, "character": character}}
