#include "notify/webhook.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/when.h"
#include "notify/finding_json.h"

/* The parts of a URL that are asked for; NULL where it has none. */
struct parts {
	char *scheme;
	char *host;
	char *user;
	char *fragment;
	char *zone;
};

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text <= ' ' || *text > '~')
			return false;
	}
	return true;
}

static void get_part(CURLU *handle, CURLUPart part, char **ret_text)
{
	if (curl_url_get(handle, part, ret_text, 0) != CURLUE_OK)
		*ret_text = NULL;
}

static void release(struct parts *parts)
{
	curl_free(parts->scheme);
	curl_free(parts->host);
	curl_free(parts->user);
	curl_free(parts->fragment);
	curl_free(parts->zone);
}

/* "localhost" or an address of this machine, in brackets where it is one of IPv6. */
static bool is_loopback_host(const char *host)
{
	struct address address;
	char bare[ADDRESS_TEXT_BYTES];
	size_t length = strlen(host);
	if (strcmp(host, "localhost") == 0)
		return true;
	if (length > 2 && host[0] == '[' && length - 2 < sizeof bare) {
		memcpy(bare, host + 1, length - 2);
		bare[length - 2] = '\0';
		host = bare;
	}
	return address_parse(host, &address) == 0 && address_is_loopback(&address);
}

static const char *parts_fault(const struct parts *parts, const struct webhook_policy *policy)
{
	if (parts->scheme == NULL || parts->host == NULL)
		return "expected https://HOST/...";
	if (parts->user != NULL)
		return "expected no user or password in it";
	if (parts->fragment != NULL)
		return "expected no fragment (#) in it";
	if (parts->zone != NULL)
		return "expected a host without a zone (%)";
	if (strcmp(parts->scheme, "https") == 0)
		return NULL;
	if (strcmp(parts->scheme, "http") != 0)
		return "expected https://HOST/...";
	if (!policy->may_loopback || !is_loopback_host(parts->host))
		return "expected https: plain http is only for this machine itself, where the "
		       "configuration allows it";
	return NULL;
}

/* libcurl is asked, since it is libcurl that will read it when it is sent to. */
static const char *url_fault(const char *url, const struct webhook_policy *policy)
{
	struct parts parts = {NULL, NULL, NULL, NULL, NULL};
	const char *fault = "expected https://HOST/...";
	if (strlen(url) > WEBHOOK_URL_BYTES_MAX)
		return "expected at most 2048 bytes";
	if (!is_printable(url))
		return "expected only printable ASCII";
	CURLU *handle = curl_url();
	if (handle == NULL)
		return "out of memory";
	if (curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK) {
		get_part(handle, CURLUPART_SCHEME, &parts.scheme);
		get_part(handle, CURLUPART_HOST, &parts.host);
		get_part(handle, CURLUPART_USER, &parts.user);
		get_part(handle, CURLUPART_FRAGMENT, &parts.fragment);
		get_part(handle, CURLUPART_ZONEID, &parts.zone);
		fault = parts_fault(&parts, policy);
	}
	release(&parts);
	curl_url_cleanup(handle);
	return fault;
}

/* Only the host: passwords may stand before it, and secrets behind. */
static const char *shown_host(const char *url, int *ret_length)
{
	const char *host = strstr(url, "://");
	host = host != NULL ? host + 3 : url;
	size_t length = strcspn(host, "/?#");
	const char *user_end = memrchr(host, '@', length);
	if (user_end != NULL) {
		length -= (size_t)(user_end + 1 - host);
		host = user_end + 1;
	}
	*ret_length = length < 100 ? (int)length : 100;
	return host;
}

int webhook_check_url(
    const char *url, const struct webhook_policy *policy, struct complaint *complaint)
{
	const char *fault = url_fault(url, policy);
	int length;
	const char *host = shown_host(url, &length);
	if (fault != NULL)
		return complain(complaint, -EINVAL, "webhook to %.*s: %s", length, host, fault);
	return 0;
}

static bool is_in(const struct address *address, const char *prefix_text)
{
	struct prefix prefix;
	const char *why;
	return prefix_parse(prefix_text, &prefix, &why) == 0 && prefix_contains(&prefix, address);
}

#define IS_IN_ANY(address, list) is_in_any((address), (list), sizeof(list) / sizeof(list)[0])

static bool is_in_any(const struct address *address, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (is_in(address, list[i]))
			return true;
	}
	return false;
}

/* IANA's registries of special-purpose addresses: what is not "globally reachable" there. */
static const char *const inward_v4[] = {
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
};

/* Of 2000::/3; what lies outside of it is no global unicast. Tunnels hide where they lead. */
static const char *const inward_v6[] = {
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
};

static bool is_outward(const struct address *address)
{
	if (address_is_v4(address))
		return !IS_IN_ANY(address, inward_v4);
	/* NAT64 (RFC 6052): the IPv4 address at its end counts. */
	if (is_in(address, "64:ff9b::/96")) {
		struct address inner = address_from_v4(address->bytes + 12);
		return !IS_IN_ANY(&inner, inward_v4);
	}
	return is_in(address, "2000::/3") && !IS_IN_ANY(address, inward_v6);
}

bool webhook_may_reach(const struct webhook_policy *policy, const struct address *address)
{
	if (address_is_loopback(address))
		return policy->may_loopback;
	for (size_t i = 0; i < policy->allowed_count; i++) {
		if (prefix_contains(&policy->allowed[i], address))
			return true;
	}
	return is_outward(address);
}

static void put_notice(FILE *out, const struct webhook_notice *notice)
{
	char at[WHEN_TEXT_BYTES];
	struct json json;
	when_format_utc(notice->at_us, at);
	json_init(&json, out);
	json_open_object(&json, NULL);
	json_string(&json, "type", "notice");
	json_string(&json, "event", notice->event);
	json_string(&json, "kind", notice->kind);
	json_string(&json, "at", at);
	json_string(&json, "station", notice->station);
	if (notice->incident != 0)
		json_signed(&json, "incident", notice->incident);
	if (notice->canary != 0)
		json_unsigned(&json, "canary", notice->canary);
	if (notice->is_drill)
		json_bool(&json, "drill", true);
	if (notice->answer_url != NULL)
		json_string(&json, "answer_url", notice->answer_url);
	json_string(&json, "subject", notice->letter->subject);
	json_string(&json, "text", notice->letter->body);
	if (notice->finding != NULL)
		finding_json_write(
		    &json, "finding", notice->language, notice->member, notice->finding);
	json_close_object(&json);
	fputc('\n', out);
}

int webhook_write(const struct webhook_notice *notice, char **ret_bytes, size_t *ret_length)
{
	char *bytes = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&bytes, &length);
	if (out == NULL)
		return -ENOMEM;
	put_notice(out, notice);
	bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(bytes);
		return -ENOMEM;
	}
	*ret_bytes = bytes;
	*ret_length = length;
	return 0;
}
