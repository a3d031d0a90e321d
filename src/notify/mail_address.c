/* mail_address.c - which addresses, domains and Message-IDs are taken. */
#include <errno.h>
#include <string.h>

#include "notify/mail.h"

/* RFC 5322 section 3.2.3: what an atom is made of. */
static bool is_atom_text(char c)
{
	static const char others[] = "!#$%&'*+-/=?^_`{|}~";
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr(others, c) != NULL);
}

static bool is_label_text(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-';
}

/* Atoms with single dots between them. */
static bool is_dot_atom(const char *text, size_t length)
{
	bool after_dot = true;
	for (size_t i = 0; i < length; i++) {
		bool is_dot = text[i] == '.';
		if (is_dot ? after_dot : !is_atom_text(text[i]))
			return false;
		after_dot = is_dot;
	}
	return !after_dot;
}

/* Letters, digits and inner hyphens. */
static bool is_label(const char *text, size_t length)
{
	if (length == 0 || length > MAIL_LABEL_BYTES_MAX || text[0] == '-' ||
	    text[length - 1] == '-')
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!is_label_text(text[i]))
			return false;
	}
	return true;
}

/* What is wrong with a domain; NULL when nothing is. */
static const char *domain_fault(const char *domain)
{
	size_t length = strlen(domain);
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)domain[i] >= 0x80)
			return "expected its domain in ASCII form (xn--...)";
	}
	if (domain[0] == '[')
		return "expected a domain, not an address in brackets";
	if (length > MAIL_DOMAIN_BYTES_MAX)
		return "expected a domain of at most 253 bytes";
	const char *last = domain;
	for (const char *label = domain;; label++) {
		size_t label_length = strcspn(label, ".");
		if (!is_label(label, label_length))
			return "expected a domain such as example.jp";
		last = label;
		label += label_length;
		if (*label == '\0')
			break;
	}
	if (strspn(last, "0123456789") == strlen(last))
		return "expected a domain, not an IP address";
	return NULL;
}

int mail_check_domain(const char *domain, struct complaint *complaint)
{
	const char *fault = domain_fault(domain);
	if (fault != NULL)
		return complain(complaint, -EINVAL, "domain %.100s: %s", domain, fault);
	return 0;
}

static const char *address_fault(const char *address)
{
	const char *at = strrchr(address, '@');
	if (at == NULL)
		return "expected name@domain";
	size_t local_length = (size_t)(at - address);
	if (strlen(address) > MAIL_ADDRESS_BYTES_MAX)
		return "expected at most 254 bytes";
	if (local_length > MAIL_LOCAL_BYTES_MAX)
		return "expected at most 64 bytes before the @";
	if (address[0] == '"')
		return "expected a name without quotation marks before the @";
	for (size_t i = 0; i < local_length; i++) {
		if ((unsigned char)address[i] >= 0x80)
			return "expected only ASCII before the @";
	}
	if (!is_dot_atom(address, local_length))
		return "expected letters, digits and single dots before the @";
	return domain_fault(at + 1);
}

int mail_check_address(const char *address, struct complaint *complaint)
{
	const char *fault = address_fault(address);
	if (fault != NULL)
		return complain(complaint, -EINVAL, "mail address %.100s: %s", address, fault);
	return 0;
}

int mail_check_id(const char *id, struct complaint *complaint)
{
	const char *at = strchr(id, '@');
	bool is_id = at != NULL && strlen(id) <= MAIL_ID_BYTES_MAX &&
		     is_dot_atom(id, (size_t)(at - id)) && is_dot_atom(at + 1, strlen(at + 1));
	if (!is_id)
		return complain(complaint, -EINVAL,
		    "Message-ID %.100s: expected name@domain of at most %d bytes", id,
		    MAIL_ID_BYTES_MAX);
	return 0;
}
