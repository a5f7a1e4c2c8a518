"""What a person gets: an e-mail in a frame, an SMS in a bubble, a WhatsApp card, a call."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.view.html.still import still
from reconciler.view.html.words import element, text
from reconciler.view.visible import seen
from reconciler.view.words import channel, counted

_PREVIEW: Final = 110


def message(step: Any) -> str:
    """Return one step as its recipient sees it; what is of another shape than known is shown as text."""
    action = step.get("action") if isinstance(step, Mapping) else None
    data = action.get("data") if isinstance(action, Mapping) else None
    if not isinstance(action, Mapping) or not isinstance(data, Mapping):
        return element("p", "(not readable)", class_="note")
    match action.get("type"):
        case "send_emails":
            return _email(data)
        case "send_sms_messages":
            return _sms(str(data.get("message", "")))
        case "send_whatsapp_messages":
            return _whatsapp(data.get("template"))
        case "make_phone_calls":
            agent = element("code", text(data.get("aiPhoneAgentId", "")))
            return element("div", f"<strong>Phone call</strong><br>by AI phone agent {agent}", class_="call")
        case _:
            return element("p", text(channel(step)), class_="note")


def _email(data: Mapping[str, Any]) -> str:
    body = str(data.get("email_body", ""))
    lines = seen(body).text
    preview = " ".join(lines)[:_PREVIEW]
    kind = "transactional" if data.get("email_is_transactional") else "marketing"
    inbox = element(
        "div",
        element("span", text(data.get("email_sender_name", "")), class_="sender"),
        element("span", text(data.get("email_subject", "")), class_="subject"),
        element("span", text(preview), class_="preview"),
        class_="inbox",
    )
    facts = element("p", f"from {text(data.get('from_email', ''))} · {kind}", class_="note")
    frame = element(
        "iframe",
        sandbox="",
        loading="lazy",
        title=f"E-mail as it is shown: {data.get('email_subject', '')}",
        srcdoc=still(body),
    )
    words = element("details", "<summary>Its text</summary>", element("pre", text("\n".join(lines)), class_="plain"))
    return element("div", inbox, facts, frame, words, class_="email")


def _sms(words: str) -> str:
    from reconciler.core.lint.sms import BASIC, EXTENDED, segments

    alphabet = "GSM-7" if (BASIC | EXTENDED).issuperset(words) else "UCS-2"
    cost = f"{counted(segments(words), 'segment')}, {counted(len(words), 'character')}, {alphabet}"
    return element("div", element("p", text(words), class_="bubble"), element("p", cost, class_="note"), class_="sms")


def _whatsapp(template: Any) -> str:
    if not isinstance(template, Mapping):
        return element("p", "(no template)", class_="note")
    parts = template.get("parameters")
    given: Mapping[str, Any] = parts if isinstance(parts, Mapping) else {}
    rows = [*_filled("header", given.get("header")), *_filled("body", given.get("body"))]
    buttons = given.get("buttons")
    for each in buttons if isinstance(buttons, list) else []:
        rows += _filled(f"button {each.get('index')}" if isinstance(each, Mapping) else "button", each)
    name = f"{text(template.get('name', ''))} <span class=note>({text(template.get('language', ''))})</span>"
    table = element("dl", *rows) if rows else element("p", "no variables", class_="note")
    note = element("p", "The template's own text is kept by WhatsApp; this is what fills it.", class_="note")
    return element("div", f"<strong>{name}</strong>", table, note, class_="whatsapp")


def _filled(where: str, component: Any) -> Iterator[str]:
    parameters = component.get("parameters") if isinstance(component, Mapping) else None
    for number, each in enumerate(parameters if isinstance(parameters, list) else [], start=1):
        if isinstance(each, Mapping):
            label = each.get("parameter_name") or number
            yield element("dt", text(f"{where} {{{{{label}}}}}")) + element("dd", _value(each))


def _value(parameter: Mapping[str, Any]) -> str:
    """What fills a variable: a constant, or what stands there where the contact has nothing."""
    kind = str(parameter.get("type"))
    found = parameter.get(kind)
    if not isinstance(found, Mapping):
        return text(kind if found is None else found)
    if "type" in found:
        return _variable(found)
    return ", ".join(
        f"{text(key)}: {_variable(each) if isinstance(each, Mapping) else text(each)}" for key, each in found.items()
    )


def _variable(source: Mapping[str, Any]) -> str:
    if source.get("type") == "CONSTANT":
        return text(source.get("value", ""))
    fallback = element("mark", text(source.get("fallback", "")))
    return f"{fallback} <span class=note>where {text(source.get('ref', ''))} is empty</span>"
