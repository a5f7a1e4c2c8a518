"""Asking GitHub whether a workflow run is over (REST, "Get a workflow run")."""

from collections.abc import Mapping

from reconciler.adapters.web import Answer, ask, may_be_asked


def is_completed(repository: str, run: str, variables: Mapping[str, str]) -> bool:
    """Tell whether the API of this CI says so; False where it cannot be asked, or says anything else.

    The token goes to nobody but the API that the CI's own environment names.
    """
    api, token = variables.get("GITHUB_API_URL", ""), variables.get("GITHUB_TOKEN", "")
    if not token or not may_be_asked(api) or "/../" in f"/{repository}/" or "/./" in f"/{repository}/":
        return False
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
    answer = ask("GET", f"{api.rstrip('/')}/repos/{repository}/actions/runs/{run}", headers)
    said = answer.value if isinstance(answer, Answer) and answer.status == 200 else None
    return isinstance(said, dict) and said.get("status") == "completed" and said.get("id") == int(run)
