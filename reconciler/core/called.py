"""What channels and conditions are called in words of ours."""

from typing import Final

CHANNELS: Final = {
    "send_emails": "e-mail",
    "make_phone_calls": "phone call",
    "send_sms_messages": "SMS",
    "send_whatsapp_messages": "WhatsApp",
}
CONDITIONS: Final = {
    "all_contacts": "everyone",
    "contact_id_in": "listed contacts",
    "contacts_created_at_between": "created in a period",
    "contacts_email_domain_name_in": "e-mail domain",
    "contacts_affected_by_sequence": "reached by another sequence",
    "contacts_name_in": "listed names",
    "contacts_phone_number_in": "listed phone numbers",
    "contacts_email_in": "listed e-mail addresses",
    "contacts_attributes_in": "attributes",
    "contacts_sessions_attributes_in": "session attributes",
    "contact_belongs_to_segment": "in a segment",
    "last_contacted_at_between": "last contacted in a period",
    "last_contacted_at_with_handoff_between": "last handed off in a period",
}
