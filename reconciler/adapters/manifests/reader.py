"""The strict YAML reader: a manifest's bytes to JSON values, or to every problem with its place.

Valid manifests, nearly all of them, take a plain or a lean way that keeps no positions. Whatever these are not sure of
is read again carefully, and only the careful way says what is wrong. Never composes, never loads, never makes objects.
"""

from functools import lru_cache

from reconciler.adapters.manifests.characters import decode, point, unfit_in_source
from reconciler.adapters.manifests.document import MAX_PROBLEMS, Document, Layout, Malformed, Problem
from reconciler.adapters.manifests.plain import read_plain


def read(data: bytes) -> Document | Malformed:
    """Return the manifest in the bytes, or all that is wrong with it."""
    plain = read_plain(data)
    if plain is not None:
        return plain
    # Imported here, since PyYAML costs 35 ms that a run in which every manifest is plain need not pay.
    from reconciler.adapters.manifests.lean import read_lean

    return read_lean(data) or locate(data).result


@lru_cache(maxsize=1)
def locate(data: bytes) -> Layout:
    """Read the same bytes again, slower, and return where each key and value stands as well.

    The last layout is kept, and not to be changed: whoever places a mistake asks for it up to four times.
    """
    from reconciler.adapters.manifests.builder import Builder
    from reconciler.adapters.manifests.events import open_events
    from reconciler.adapters.manifests.refusals import enough

    text = decode(data)
    if isinstance(text, Problem):
        return Layout(result=Malformed(problems=(text,)))
    if unfit := unfit_in_source(text, limit=MAX_PROBLEMS):
        problems = [
            Problem(rule=why.rule, message=why.message, hint=why.hint, span=point(text, offset))
            for offset, why in unfit
        ]
        told_enough = [enough(problems[-1].span)] if len(problems) == MAX_PROBLEMS else []
        return Layout(result=Malformed(problems=(*problems, *told_enough)))
    builder = Builder(text, open_events(text))
    result = builder.build()
    return Layout(result=result, places=builder.places)
