"""The failure that is a list of diagnostics."""

from collections.abc import Sequence

from reconciler.errors import ExitCode, ReconcilerError
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.excerpt import Excerpt


class InvalidManifestsError(ReconcilerError):
    """The manifests have errors; nothing else is done while they do. `excerpts` are the lines to show, one for each."""

    exit_code = ExitCode.INVALID
    kind = "invalid"

    def __init__(self, files: int, diagnostics: Sequence[Diagnostic], excerpts: Sequence[Excerpt | None]) -> None:
        super().__init__("the manifests are invalid, so nothing was planned", hint="`reconciler validate` checks them")
        self.files = files
        self.diagnostics = tuple(diagnostics)
        self.excerpts = tuple(excerpts)
