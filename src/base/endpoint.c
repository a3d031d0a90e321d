#include "base/endpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	LABEL_MAX = 63, /* RFC 1035 */
	PORT_MAX = 65535,
	PORT_DIGITS_MAX = 5,
	PORT_HTTP = 80,
	PORT_HTTPS = 443,
};

static const char digits[] = "0123456789";
static const char expected_endpoint[] =
    "expected HOST:PORT, such as mail.example.jp:587 or [2001:db8::1]:25";
static const char expected_port[] = "expected a port from 1 to 65535 after the colon";
static const char expected_host[] =
    "expected the name of a host, such as mail.example.jp, or an address";
static const char expected_url[] = "expected a web address, such as https://example.jp/path";
static const char expected_path[] =
    "expected letters, digits and signs of a web address after the host, no blanks or quotes";

/* isalnum() without a locale. */
static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_label(const char *text, size_t bytes)
{
	if (bytes == 0 || bytes > LABEL_MAX || text[0] == '-' || text[bytes - 1] == '-')
		return false;
	for (size_t i = 0; i < bytes; i++)
		if (!is_letter_or_digit(text[i]) && text[i] != '-')
			return false;
	return true;
}

bool host_name_is_valid(const char *name)
{
	if (strnlen(name, HOST_BYTES) >= HOST_BYTES)
		return false;
	for (;;) {
		size_t bytes = strcspn(name, ".");
		if (!is_label(name, bytes))
			return false;
		if (name[bytes] == '\0') /* 1.2.3 is a mistyped address, not a name */
			return strspn(name, digits) != bytes;
		name += bytes + 1;
	}
}

static int parse_port(const char *text, uint16_t *ret_port)
{
	size_t bytes = strspn(text, digits);
	if (bytes == 0 || bytes > PORT_DIGITS_MAX || text[bytes] != '\0' || text[0] == '0')
		return -EINVAL;
	unsigned long port = strtoul(text, NULL, 10);
	if (port > PORT_MAX)
		return -EINVAL;
	*ret_port = (uint16_t)port;
	return 0;
}

/* `bytes` of a host; an address of IPv6 stands in brackets. */
static int parse_host(const char *text, size_t bytes, struct endpoint *endpoint)
{
	bool is_bracketed = bytes >= 2 && text[0] == '[' && text[bytes - 1] == ']';
	if (is_bracketed) {
		text++;
		bytes -= 2;
	}
	if (bytes == 0 || bytes >= HOST_BYTES || memchr(text, '\0', bytes) != NULL)
		return -EINVAL;
	memcpy(endpoint->host, text, bytes);
	endpoint->host[bytes] = '\0';
	endpoint->is_address = address_parse(endpoint->host, &endpoint->address) == 0;
	if (endpoint->is_address)
		return is_bracketed == (strchr(endpoint->host, ':') != NULL) ? 0 : -EINVAL;
	return !is_bracketed && host_name_is_valid(endpoint->host) ? 0 : -EINVAL;
}

int endpoint_parse(const char *text, struct endpoint *ret_endpoint, const char **ret_why)
{
	struct endpoint endpoint = {0};
	const char *colon = strrchr(text, ':');
	const char *bracket = strrchr(text, ']');
	bool has_colons = text[0] != '[' && colon != NULL && strchr(text, ':') != colon;
	if (colon == NULL || has_colons || (bracket != NULL && bracket > colon))
		*ret_why = expected_endpoint;
	else if (parse_port(colon + 1, &endpoint.port) != 0)
		*ret_why = expected_port;
	else if (parse_host(text, (size_t)(colon - text), &endpoint) != 0)
		*ret_why = expected_host;
	else {
		*ret_endpoint = endpoint;
		return 0;
	}
	return -EINVAL;
}

void endpoint_format(const struct endpoint *endpoint, char out[static ENDPOINT_TEXT_BYTES])
{
	bool is_v6 = strchr(endpoint->host, ':') != NULL;
	int bytes = snprintf(out, ENDPOINT_TEXT_BYTES, is_v6 ? "[%s]:%u" : "%s:%u", endpoint->host,
	    (unsigned)endpoint->port);
	assert(bytes > 0 && bytes < ENDPOINT_TEXT_BYTES);
	(void)bytes;
}

bool endpoint_is_loopback(const struct endpoint *endpoint)
{
	return endpoint->is_address ? address_is_loopback(&endpoint->address)
				    : strcasecmp(endpoint->host, "localhost") == 0;
}

static bool is_path(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~' || strchr("\"'<>\\^`{|}#", *text) != NULL)
			return false;
	return true;
}

int url_parse(const char *text, struct url *ret_url, const char **ret_why)
{
	static const char https[] = "https://", http[] = "http://";
	struct url url = {.is_tls = strncasecmp(text, https, strlen(https)) == 0};
	*ret_why = expected_url;
	if (strnlen(text, URL_BYTES) >= URL_BYTES)
		return -EINVAL;
	if (!url.is_tls && strncasecmp(text, http, strlen(http)) != 0)
		return -EINVAL;

	const char *host = text + (url.is_tls ? strlen(https) : strlen(http));
	size_t bytes = strcspn(host, "/?#");
	size_t host_bytes = bytes;
	while (host_bytes > 0 && strchr(digits, host[host_bytes - 1]) != NULL)
		host_bytes--;
	bool has_port = host_bytes > 0 && host[host_bytes - 1] == ':';
	host_bytes = has_port ? host_bytes - 1 : bytes;
	url.endpoint.port = url.is_tls ? PORT_HTTPS : PORT_HTTP;
	char port[PORT_DIGITS_MAX + 2] = "";
	if (has_port) {
		(void)snprintf(port, sizeof port, "%.*s", (int)(bytes - host_bytes - 1),
		    host + host_bytes + 1); /* one digit too many stays one too many */
		*ret_why = expected_port;
		if (parse_port(port, &url.endpoint.port) != 0)
			return -EINVAL;
	}
	*ret_why = expected_host;
	if (parse_host(host, host_bytes, &url.endpoint) != 0)
		return -EINVAL;
	*ret_why = expected_path;
	if (!is_path(host + bytes))
		return -EINVAL;
	*ret_url = url;
	return 0;
}
