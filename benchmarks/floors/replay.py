"""Send recorded requests again with a bare httpx client: one thread for each of 8 chains at a time, nothing kept.

A chain is what concerns one sequence, in order. The server gives a created sequence another id than it had when the
requests were recorded, so that id is put into the paths that come after it; nothing else is looked at.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import httpx

PARALLEL: Final = 8


def main() -> None:
    recorded: dict[str, Any] = json.loads(Path(sys.argv[1]).read_bytes())
    headers = {"authorization": f"Bearer {recorded['key']}", "accept": "application/json"}
    client = httpx.Client(base_url=sys.argv[2], headers=headers, trust_env=False, timeout=60)
    with client, ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        sent = sum(pool.map(lambda chain: _send(client, chain), recorded["chains"]))
    print(sent)


def _send(client: httpx.Client, chain: list[dict[str, Any]]) -> int:
    ids: dict[str, str] = {}
    for request in chain:
        path, body = request["path"], request["body"]
        for before, now in ids.items():
            path = path.replace(before, now)
        content_type = {} if body is None else {"content-type": "application/json"}
        response = client.request(request["method"], path, content=body, headers=content_type)
        if response.status_code != request["status"]:
            sys.exit(f"{request['method']} {path} was answered {response.status_code}, not {request['status']}")
        if request["method"] == "POST":
            ids[request["id"]] = response.json()["id"]
    return len(chain)


if __name__ == "__main__":
    main()
