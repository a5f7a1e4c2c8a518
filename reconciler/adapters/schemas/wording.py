"""What an editor shows: a title for every place of a manifest, and a sentence where the name does not say it all.

A place is looked up as it is written in the derivation, then by its last key alone. What has no entry, such as a
filter that the contract gained since, is titled after its key and keeps the contract's own description.
"""

from typing import Final

from reconciler.adapters.schemas.schema import Schema

_ANY: Final = "*."

WORDING: Final[dict[str, tuple[str, str]]] = {
    "": ("OpenCX sequence", "One outbound sequence: who receives it, and its steps in order."),
    "custom_id": ("custom_id", "The sequence's name in this repository: 1 to 50 letters, digits, `_` and `-`."),
    "name": ("Name", "The sequence's name in the dashboard."),
    "is_continuous": (
        "Continuous",
        "Whether contacts who match the filter later are enrolled too. Left out means true.",
    ),
    "filter": ("Filter", "Who receives it: contacts that match one of the groups. Null means no filter: everyone."),
    "filter.or": ("Groups", "A contact is in when at least one of the groups matches."),
    "filter.or[]": ("Group", "A contact matches when all conditions of the group do."),
    "filter.or[].and": ("Conditions", "All of them must match. An empty list matches everyone."),
    "filter.or[].and[]": ("Condition", "One condition on a contact."),
    "steps": ("Steps", "What is sent, in order."),
    "steps[]": ("Step", "One message or call, and its delay."),
    "steps[].action": ("Action", "What the step does: an e-mail, a phone call, an SMS or a WhatsApp message."),
    "steps[].delay_in_minutes": ("Delay in minutes", "0 or more; fractions are allowed."),
    "action.send_emails": ("E-mail", "Sends an e-mail."),
    "action.make_phone_calls": ("Phone call", "Has an AI phone agent call."),
    "action.send_sms_messages": ("SMS", "Sends an SMS."),
    "action.send_whatsapp_messages": ("WhatsApp message", "Sends a WhatsApp message from an approved template."),
    "*.data": ("Data", "What the action needs."),
    "*.from_email": ("From", "The address that the e-mail is sent from."),
    "*.email_subject": ("Subject", "The e-mail's subject."),
    "*.email_body": ("Body", "The e-mail's body; `{$file: welcome.html}` takes it from a file."),
    "*.email_sender_name": ("Sender", "The name that the e-mail is sent under."),
    "*.email_is_transactional": ("Transactional", "True for a message that is part of a service, false for marketing."),
    "*.aiPhoneAgentId": ("AI phone agent", "Id of the agent that makes the call."),
    "*.message": ("Message", "The text of the SMS."),
    "*.phone_number_id": ("Phone number", "Id of the WhatsApp number that sends."),
    "*.template": ("Template", "The WhatsApp template, and what fills it."),
    "action.send_whatsapp_messages.data.template.name": ("Template name", "The name it was approved under."),
    "*.language": ("Language", "The template's language code, such as `en` or `en_US`."),
    "action.send_whatsapp_messages.data.template.parameters": ("Parameters", "What fills header, body and buttons."),
    "ContactsFilter": ("Condition", "One condition on a contact, chosen by its `type`."),
    "ContactsFilter.all_contacts": ("All contacts", "Everyone."),
    "ContactsFilter.contact_id_in": ("Contacts by id", "The contacts that are listed."),
    "ContactsFilter.contacts_created_at_between": ("Contacts by creation", "Contacts created between two moments."),
    "ContactsFilter.contacts_email_domain_name_in": ("Contacts by e-mail domain", "E-mail address in a listed domain."),
    "ContactsFilter.contacts_affected_by_sequence": ("Contacts of a sequence", "Contacts another sequence affected."),
    "ContactsFilter.contacts_name_in": ("Contacts by name", "Contacts with one of the names."),
    "ContactsFilter.contacts_phone_number_in": ("Contacts by phone number", "Contacts with one of the numbers."),
    "ContactsFilter.contacts_email_in": ("Contacts by e-mail address", "Contacts with one of the addresses."),
    "ContactsFilter.contacts_attributes_in": ("Contacts by attributes", "Contacts with one of the sets of attributes."),
    "ContactsFilter.contacts_sessions_attributes_in": (
        "Contacts by session attributes",
        "Contacts with a session that has one of the sets of attributes.",
    ),
    "ContactsFilter.contact_belongs_to_segment": ("Contacts of a segment", "A segment that the dashboard defines."),
    "ContactsFilter.last_contacted_at_between": ("Contacts by last contact", "Last contacted between two moments."),
    "ContactsFilter.last_contacted_at_with_handoff_between": (
        "Contacts by last contact with handoff",
        "Last contacted, with a handoff, between two moments.",
    ),
    "*.contact_ids": ("Contact ids", "The contacts' uuids."),
    "*.after": ("After", "The earlier moment, as `2026-01-31T09:00:00Z`."),
    "*.before": ("Before", "The later moment, as `2026-01-31T09:00:00Z`."),
    "*.domain_name_in": ("Domain names", "Such as `example.com`."),
    "*.sequence_id": ("Sequence", "Its id; `{$sequence: onboarding}` names another manifest by its custom_id."),
    "*.name_in": ("Names", "Contacts' names."),
    "*.phone_number_in": ("Phone numbers", "Contacts' phone numbers."),
    "*.email_in": ("E-mail addresses", "Contacts' e-mail addresses."),
    "*.attributes": ("Attributes", "Each entry is a set of attributes with the values to look for."),
    "*.attributes[]": ("Set of attributes", "Names of attributes with their values."),
    "*.attributes[]{}": ("Value", "The attribute's value; always a string."),
    "*.segment_id": ("Segment", "Its id; `{$var: vip_segment}` takes it from the environment's variables."),
    "WhatsAppTemplateMappingDto": ("Template parameters", "What fills the template's header, body and buttons."),
    "WhatsAppTemplateMappingDto.header": ("Header", "What fills the template's header."),
    "WhatsAppTemplateMappingDto.body": ("Body", "What fills the template's body."),
    "WhatsAppTemplateMappingDto.buttons": ("Buttons", "What fills the template's buttons."),
    "WhatsAppTemplateMappingDto.buttons[]": ("Button", "What fills one URL button."),
    "WhatsAppTemplateMappingDto.header.parameters[]": (
        "Parameter",
        "A text, an image, a video, a document or a place.",
    ),
    "*.parameters": ("Parameters", "One for each variable of the template, in order."),
    "*.parameters[]": ("Parameter", "What fills one variable of the template."),
    "parameters.text": ("Text", "A text in the header."),
    "parameters.image": ("Image", "An image in the header: JPEG, JPG or PNG."),
    "parameters.video": ("Video", "A video in the header: MP4."),
    "parameters.document": ("Document", "A document in the header: PDF."),
    "parameters.location": ("Location", "A place in the header."),
    "*.image": ("Image", "Where the image is."),
    "*.video": ("Video", "Where the video is."),
    "*.document": ("Document", "Where the document is."),
    "*.location": ("Location", "Where the place is."),
    "*.link": ("Link", "The file's URL."),
    "*.latitude": ("Latitude", "In degrees."),
    "*.longitude": ("Longitude", "In degrees."),
    "parameters.location.location.name": ("Name", "The place's name."),
    "*.address": ("Address", "The place's address."),
    "*.text": ("Text", "The variable's text."),
    "*.parameter_name": ("Parameter name", "Required if the template's parameters are named."),
    "*.index": ("Index", "The button's position in the template, from `'0'`; a string."),
    "*.sub_type": ("Kind of button", "Only URL buttons take parameters."),
    "WhatsAppTemplateVariableDto": ("Variable", "A fixed text, or one that differs for each contact."),
    "WhatsAppTemplateVariableDto.GLOBAL_DYNAMIC": ("Contact's field", "A field that every contact has."),
    "WhatsAppTemplateVariableDto.DYNAMIC": ("Dynamic value", "A value that differs for each contact."),
    "WhatsAppTemplateVariableDto.CONSTANT": ("Constant", "The same text for everyone."),
    "*.ref": ("Reference", "Which value is taken."),
    "*.fallback": ("Fallback", "Used where the contact has no such value; may be empty."),
    "*.value": ("Value", "The text; may be empty."),
    "*.type": ("Type", "Tells which kind this is, and so which keys it takes."),
}


def words(place: str, schema: Schema) -> Schema:
    """Return the annotations of a place: title, description, and the contract's default where it has one."""
    title, description = WORDING.get(place) or WORDING.get(_by_key(place)) or (_titled(place), "")
    chosen = {"title": title, "description": description or schema.get("description", "")}
    return {
        **{key: text for key, text in chosen.items() if text},
        **{key: schema[key] for key in ("default", "examples", "deprecated") if key in schema},
    }


def _by_key(place: str) -> str:
    return _ANY + place.rsplit(".", 1)[-1]


def _titled(place: str) -> str:
    words_of_key = place.rsplit(".", 1)[-1].rstrip("[]{}").replace("_", " ").strip()
    return words_of_key[:1].upper() + words_of_key[1:]
