"""A plan whose every body tries to run, to fetch and to lead away; all of it points at one address."""

# ruff: noqa: E501 - a body is one line
from dataclasses import replace
from html import escape

from reconciler.model.plan import Plan, Violation
from reconciler.view.html.plan import plan_html
from reconciler.view.html.still import still
from tests.view.drawn_plans import DIGEST, desired, email, payload, plan

# `U` stands for the address. A script that runs sets `owned`, or fetches.
BODIES = (
    "<script>top.owned=1;fetch('U/script')</script>",
    "<script src=U/src.js></script>",
    "<img src=U/img.png onerror='top.owned=1'><img src=x onerror=\"top.owned=1;fetch('U/onerror')\">",
    "<svg onload=\"top.owned=1;fetch('U/onload')\"><image href=U/svg.png /><use href='U/use.svg#x'/></svg>",
    '<body onload="top.owned=1" background=U/background.png>',
    "<iframe src=U/iframe></iframe><object data=U/object></object><embed src=U/embed>",
    "<iframe srcdoc='<script>top.owned=1</script><img src=U/nested.png>'></iframe>",
    "<link rel=stylesheet href=U/link.css><link rel=prefetch href=U/prefetch><link rel=dns-prefetch href=U>",
    "<style>@import 'U/import.css'; @import url(U/url.css); body{background:url(U/style.png)}"
    "p{background:u\\72l(U/escaped.png);background-image:image-set('U/set.png' 1x)}"
    "@font-face{font-family:f;src:url(U/font)} *{font-family:f}</style><p>x",
    "<p style=\"background:url('U/attribute.png')\">x<p style='background:image-set(\"U/set2.png\" 1x)'>x",
    "<meta http-equiv=refresh content='0;url=U/refresh'><base href=U/base/><img src=based.png>",
    "<video src=U/video poster=U/poster autoplay></video><audio src=U/audio autoplay></audio><input type=image src=U/input>",
    '<a href=U/link id=go>go</a><a href="javascript:top.owned=1">run</a><a href=U/ping ping=U/pinged target=_top>top</a>',
    "<form action=U/form><input name=a autofocus><button>send</button></form><button formaction=U/formaction>send</button>",
    '</iframe><script>top.owned=1</script>"><script>top.owned=1</script>&quot;&gt;&lt;script&gt;top.owned=1&lt;/script&gt;',
    "'\"--></style></script></title></textarea></noscript><script>top.owned=1</script><img src=U/broken.png>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=U/m.png onerror=top.owned=1&gt;">',
    "<template><script>top.owned=1</script><img src=U/template.png></template><noscript><img src=U/noscript.png></noscript>",
    '<details open ontoggle="top.owned=1"><summary>x</summary></details><marquee onstart="top.owned=1">x</marquee>',
)


def bodies(url: str) -> list[str]:
    return [each.replace("U", url) for each in BODIES]


def hostile_plan(url: str) -> Plan:
    """Created, changed and drifted sequences, with such words in every place that takes words."""
    words = bodies(url)
    created = [desired(f"new-{n}", name=each, steps=[email(each, 0, each)]) for n, each in enumerate(words)]
    changed = [desired(f"old-{n}", name=each, steps=[email(each, 0, each)]) for n, each in enumerate(words)]
    made = plan(*created, *changed, records={each.custom_id: payload(each.custom_id) for each in changed})
    said = tuple(Violation(rule="x", message=each, custom_id=each) for each in words)
    return replace(made, environment=words[0], violations=said, warnings=said)


def hostile_page(url: str) -> str:
    return plan_html(hostile_plan(url), DIGEST, None)


def frames_alone(url: str, *, policy: str | None, sandbox: bool, is_still: bool) -> str:
    """Return a page of such bodies alone, with one of the three protections or more taken away."""
    held = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
    attribute = " sandbox" if sandbox else ""
    frames = (
        f'<iframe{attribute} srcdoc="{escape(still(each) if is_still else each)}"></iframe>' for each in bodies(url)
    )
    return f"<!doctype html><meta charset=utf-8>{held}<title>x</title>{''.join(frames)}"
