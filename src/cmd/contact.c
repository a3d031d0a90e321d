/* contact.c - `hinomi contact`: whom members want to be told. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/manage.h"
#include "cmd/manage_lists.h"
#include "notify/certificate.h"
#include "notify/signature.h"

/* By which what a web hook gets is signed. */
struct secret {
	bool is_given;
	char text[SIGNATURE_SECRET_MAX + 4]; /* with the end of its line, and a byte more */
};

static const char usage[] =
    "usage: hinomi contact add MEMBER ADDRESS [--language ja|en] [--severity LEVEL]\n"
    "                      [--tier first|second] [--rules LIST] [--hours HOURS]\n"
    "                      [--attach FORMAT] [--style STYLE] [--secret-file FILE]\n"
    "                      [--certificate FILE]\n"
    "       hinomi contact list [--member NAME]\n"
    "       hinomi contact verify ID CODE\n"
    "       hinomi contact resend ID\n"
    "       hinomi contact change ID [--address ADDRESS] [--language ja|en]\n"
    "                      [--severity LEVEL] [--tier first|second] [--rules LIST]\n"
    "                      [--hours HOURS] [--attach FORMAT] [--style STYLE]\n"
    "                      [--secret-file FILE] [--certificate FILE|none]\n"
    "                      [--stop | --resume]\n"
    "       hinomi contact remove ID\n"
    "\n"
    "Who gets a member's notices: mailboxes, web hooks (https://...), collectors of logs\n"
    "(syslog+tls://HOST) and directories (file:///DIR, see notices.files in\n"
    "station.yaml(5)). A new one gets a code, and nothing else until somebody there gives\n"
    "it back: it is good for 72 hours, and for five wrong tries. The operator's own stand in\n"
    "station.yaml.\n"
    "\n"
    "  --language       of its notices (the member's)\n"
    "  --severity       the least that it is told of: low (as without it), medium, high,\n"
    "                   critical\n"
    "  --tier           first (as without it): is told at once; second: when nobody of the\n"
    "                   first has answered a reminder\n"
    "  --rules          it is told of these only, such as scan.dark,scan.live; all\n"
    "  --hours          it is told within these: \"business 08:30-17:15\", \"mon-fri\n"
    "                   09:00-17:00, sat 09:00-12:00\"; always. What is critical comes at any\n"
    "                   hour\n"
    "  --attach FORMAT  what goes with its mail for programs, or what its files hold: json (as\n"
    "                   without it), none, or a format of `hinomi export`\n"
    "  --style STYLE    how a web hook gets them: own (JSON of ours, as without it), slack,\n"
    "                   teams, mattermost, discord, google-chat, plain; how a collector does:\n"
    "                   rfc5424 (as without it), cef\n"
    "  --secret-file FILE  what a web hook gets is signed with what stands in this file (16 to\n"
    "                   128 bytes); an empty one: it is signed no more\n"
    "  --certificate F  for S/MIME (PEM or DER): its mail is encrypted to that; none: no more\n"
    "  --any-address    take one that does not name the contact's address\n"
    "  --stop           it wants no notices any more; --resume: again\n"
    "  --station DIR    the station ($HINOMI_STATION, else /var/lib/hinomi)\n"
    "  --format FORMAT  text or json\n"
    "  --lang ja|en     language of what is said (that of the locale)\n";

static void say_contact(
    const struct manage *manage, const struct json_node *record, enum manage_word word)
{
	const struct value values[] = {{.number = manage_number_of(record, "id")},
	    value_of_text(manage_text_of(record, "address"))};
	manage_say(manage, word, values, 2);
}

/* Where no station runs, no letter goes out yet. */
static void say_waits(const struct manage *manage)
{
	if (!station_client_has_station(manage->client))
		manage_say(manage, SAY_WAITS, NULL, 0);
}

static void tell_added(const struct manage *manage, const struct json_node *record)
{
	say_contact(manage, record, SAY_CONTACT_ADDED);
	say_waits(manage);
}

static void tell_sent(const struct manage *manage, const struct json_node *record)
{
	say_contact(manage, record, SAY_CODE_SENT);
	say_waits(manage);
}

static void tell_verified(const struct manage *manage, const struct json_node *record)
{
	say_contact(manage, record, SAY_VERIFIED);
}

static void tell_changed(const struct manage *manage, const struct json_node *record)
{
	const char *until = manage_text_of(record, "certificate_until");
	const struct value value = value_of_text(until);
	say_contact(manage, record, SAY_CONTACT_CHANGED);
	if (until[0] != '\0')
		manage_say(manage, SAY_CONTACT_ENCRYPTED, &value, 1);
}

static void put_text(struct manage_request *request, const struct manage *manage, const char *name)
{
	if (manage_has(manage, name))
		json_string(&request->json, name, manage_value(manage, name));
}

static void put_routing(struct manage_request *request, const struct manage *manage)
{
	put_text(request, manage, "tier");
	put_text(request, manage, "rules");
	put_text(request, manage, "hours");
}

/* A secret does not stand in a command line, which everybody can see. */
static int read_secret(const struct manage *manage, struct secret *secret)
{
	const char *path = manage_value(manage, "secret-file");
	*secret = (struct secret){.is_given = path != NULL};
	if (path == NULL)
		return 0;
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return cmd_fail("--secret-file %s: %s", path, strerror(errno));
	const size_t length = fread(secret->text, 1, sizeof secret->text - 1, file);
	const bool failed = ferror(file) != 0;
	(void)fclose(file); /* only read */
	if (failed)
		return cmd_fail("--secret-file %s: it cannot be read", path);
	secret->text[strcspn(secret->text, "\r\n")] = '\0';
	/* no more than the end of its line may stand behind it, nor a NUL within */
	const size_t bytes = strlen(secret->text);
	if (length - bytes > 2 || bytes > SIGNATURE_SECRET_MAX ||
	    (length > 0 && bytes < SIGNATURE_SECRET_MIN))
		return cmd_fail("--secret-file %s: expected one line of %d to %d bytes, or nothing",
		    path, SIGNATURE_SECRET_MIN, SIGNATURE_SECRET_MAX);
	return 0;
}

static void put_secret(struct manage_request *request, struct secret *secret)
{
	if (secret->is_given)
		json_string(&request->json, "secret", secret->text);
	explicit_bzero(secret->text, sizeof secret->text);
}

/* As base64 of DER, "" for none, to be freed; NULL where none was given. An exit status. */
static int read_certificate(const struct manage *manage, char **ret_text)
{
	const char *name = manage_value(manage, "certificate");
	char bytes[CERTIFICATE_MAX_BYTES + 1];
	struct certificate *certificate;
	struct complaint complaint;
	*ret_text = NULL;
	if (name == NULL)
		return 0;
	if (strcmp(name, "none") == 0) {
		*ret_text = strdup("");
		return *ret_text != NULL ? 0 : cmd_fail("out of memory");
	}
	FILE *file = fopen(name, "re");
	if (file == NULL)
		return cmd_fail("--certificate %s: %s", name, strerror(errno));
	const size_t length = fread(bytes, 1, sizeof bytes, file);
	(void)fclose(file); /* only read */
	if (certificate_read(name, bytes, length, &certificate, &complaint) != 0)
		return cmd_fail("--certificate %s", complaint.text);
	*ret_text = certificate_write_base64(certificate);
	certificate_free(certificate);
	return *ret_text != NULL ? 0 : cmd_fail("out of memory");
}

/* Frees the text. */
static void put_certificate(
    struct manage_request *request, const struct manage *manage, char *certificate)
{
	if (certificate != NULL)
		json_string(&request->json, "certificate", certificate);
	if (manage_has(manage, "any-address"))
		json_bool(&request->json, "any_address", true);
	free(certificate);
}

static int run_add(struct manage *manage)
{
	struct manage_request request;
	struct secret secret;
	char *certificate = NULL;
	int status = read_secret(manage, &secret);
	if (status == 0)
		status = read_certificate(manage, &certificate);
	if (status == 0)
		status = manage_begin(&request, "contact.add");
	if (status != 0) {
		free(certificate);
		return status;
	}
	json_string(&request.json, "member", manage->words[0]);
	json_string(&request.json, "address", manage->words[1]);
	put_text(&request, manage, "language");
	put_text(&request, manage, "severity");
	put_routing(&request, manage);
	put_text(&request, manage, "attach");
	put_text(&request, manage, "style");
	put_secret(&request, &secret);
	put_certificate(&request, manage, certificate);
	return manage_send(manage, &request, tell_added);
}

/* Begins a request about the contact of the first word. */
static int begin(struct manage *manage, struct manage_request *request, const char *name)
{
	int64_t id = 0;
	int status = manage_id(manage, 0, &id);
	if (status == 0)
		status = manage_begin(request, name);
	if (status == 0)
		json_signed(&request->json, "contact", id);
	return status;
}

static int run_verify(struct manage *manage)
{
	struct manage_request request;
	int status = begin(manage, &request, "contact.verify");
	if (status != 0)
		return status;
	json_string(&request.json, "code", manage->words[1]);
	return manage_send(manage, &request, tell_verified);
}

static int run_resend(struct manage *manage)
{
	struct manage_request request;
	int status = begin(manage, &request, "contact.resend");
	return status != 0 ? status : manage_send(manage, &request, tell_sent);
}

static int run_change(struct manage *manage)
{
	struct manage_request request;
	struct secret secret;
	if (manage->value_count == 0)
		return cmd_fail(
		    "contact change: expected what is to be changed; see `hinomi contact --help`");
	if (manage_has(manage, "stop") && manage_has(manage, "resume"))
		return cmd_fail("contact change: expected --stop or --resume, not both");
	char *certificate = NULL;
	int status = read_secret(manage, &secret);
	if (status == 0)
		status = read_certificate(manage, &certificate);
	if (status == 0)
		status = begin(manage, &request, "contact.change");
	if (status != 0) {
		free(certificate);
		return status;
	}
	put_text(&request, manage, "address");
	put_text(&request, manage, "language");
	put_text(&request, manage, "severity");
	put_routing(&request, manage);
	put_text(&request, manage, "attach");
	put_text(&request, manage, "style");
	put_secret(&request, &secret);
	put_certificate(&request, manage, certificate);
	if (manage_has(manage, "stop") || manage_has(manage, "resume"))
		json_bool(&request.json, "stopped", manage_has(manage, "stop"));
	return manage_send(manage, &request, tell_changed);
}

static int run_remove(struct manage *manage)
{
	struct manage_request request;
	int64_t id = 0;
	int status = begin(manage, &request, "contact.remove");
	if (status == 0)
		status = manage_send(manage, &request, NULL);
	if (status != 0 || manage->format != MANAGE_TEXT)
		return status;
	(void)manage_id(manage, 0, &id); /* it was one */
	const struct value number = {.number = id};
	manage_say(manage, SAY_CONTACT_REMOVED, &number, 1);
	return 0;
}

static int run_list(struct manage *manage)
{
	const char *name = manage_value(manage, "member");
	int64_t member = 0;
	int status = manage_open_store(manage);
	if (status == 0 && name != NULL)
		status = manage_member_id(manage, name, &member);
	return status != 0
		   ? status
		   : manage_list_contacts(manage, name == NULL ? NULL : &member, MANAGE_WORDS);
}

static const char *const add_options[] = {"language=", "severity=", "tier=", "rules=", "hours=",
    "attach=", "style=", "secret-file=", "certificate=", "any-address", NULL};
static const char *const list_options[] = {"member=", NULL};
static const char *const change_options[] = {"address=", "language=", "severity=", "tier=",
    "rules=", "hours=", "attach=", "style=", "secret-file=", "certificate=", "any-address", "stop",
    "resume", NULL};
static const char *const no_options[] = {NULL};

static const struct manage_verb verbs[] = {
    {"add", add_options, 2, 2, "a member and an address", run_add, false},
    {"list", list_options, 0, 0, "nothing more", run_list, false},
    {"verify", no_options, 2, 2, "the number of a contact and its code", run_verify, false},
    {"resend", no_options, 1, 1, "the number of a contact", run_resend, false},
    {"change", change_options, 1, 1, "the number of a contact", run_change, false},
    {"remove", no_options, 1, 1, "the number of a contact", run_remove, false},
    {NULL, NULL, 0, 0, NULL, NULL, false},
};

int cmd_contact(int argc, char **argv)
{
	static const struct manage_command command = {"contact", usage, verbs};
	return manage_run(&command, argc, argv);
}
