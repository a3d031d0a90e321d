/* service_certificate.c - the certificate to which a contact's mail is encrypted. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cmd/station/service_internal.h"
#include "notify/certificate.h"

/* What mail programs of others would refuse is refused here, while somebody can still mend it. */
static int check(const struct call *call, const struct store_contact *contact,
    const struct certificate *certificate)
{
	if (contact->kind != CONTACT_MAIL)
		return call_refuse(call, -EINVAL, "certificate.mail",
		    "certificate: is for mail, expected a contact with a mailbox");
	if (!call_flag(call, "any_address") && !certificate_is_for(certificate, contact->address))
		return call_refuse(call, -EINVAL, "certificate.other",
		    "certificate: is not for %s, expected one that names this address, or "
		    "--any-address",
		    contact->address);
	return call_means(call,
	    certificate_check_encryption(
		certificate, "certificate", call->clock.wall_us, call->complaint),
	    "certificate", NULL);
}

int call_take_certificate(
    const struct call *call, struct store_contact *contact, struct certificate **ret_certificate)
{
	const char *text = call_text(call, "certificate", "");
	struct certificate_facts facts;
	*ret_certificate = NULL;
	if (!call_has(call, "certificate"))
		return 0;
	contact->certificate = (struct store_bytes){.length = 0};
	contact->certificate_until_us = 0;
	if (text[0] == '\0')
		return 0; /* none any more */
	int result = call_means(call,
	    certificate_read_base64("certificate", text, ret_certificate, call->complaint),
	    "certificate", NULL);
	if (result == 0)
		result = check(call, contact, *ret_certificate);
	if (result != 0)
		return result;
	certificate_describe(*ret_certificate, &facts);
	contact->certificate.data = certificate_der(*ret_certificate, &contact->certificate.length);
	contact->certificate_until_us = facts.until_us;
	return 0;
}
