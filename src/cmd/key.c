/* key.c - `hinomi key`: the key with which a station signs its mail. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/when.h"
#include "cmd/as_owner.h"
#include "cmd/cmd.h"
#include "cmd/manage.h"
#include "cmd/station/signing_files.h"
#include "notify/certificate.h"
#include "notify/mail_key.h"
#include "notify/smime.h"

static const char usage[] =
    "usage: hinomi key make [--algorithm NAME] [--address ADDRESS] [--days N] [--replace]\n"
    "       hinomi key request [--address ADDRESS]\n"
    "       hinomi key show\n"
    "       hinomi key algorithms\n"
    "\n"
    "The key with which notices are signed (S/MIME). `make` writes a new one, keys/mail.key, and\n"
    "a certificate that it signed itself, keys/mail.pem, and says what to put into station.yaml.\n"
    "Mail programs trust a certificate only when an authority signed it: `request` prints what\n"
    "one asks for, and what it sends back takes the place of keys/mail.pem.\n"
    "\n"
    "  --algorithm NAME   of the key (ecdsa-p256); `algorithms` lists those possible here\n"
    "  --address ADDRESS  whose mail it signs (mail.from)\n"
    "  --days N           the certificate is good for so long (1095)\n"
    "  --replace          where there is a key already, it is gone\n"
    "  --station DIR      the station ($HINOMI_STATION, else /var/lib/hinomi)\n"
    "  --format FORMAT    text or json\n"
    "  --lang ja|en       language of what is said (that of the locale)\n";

#define KEY_FILE         STATION_KEYS "/mail.key"
#define CERTIFICATE_FILE STATION_KEYS "/mail.pem"

enum {
	DAYS_DEFAULT = 3 * 365,
	CERTIFICATE_MODE = 0640,
	KEY_MODE = 0600,
	TIME_BYTES = 64,
};

/* A clock that is a little behind must not take it for one of the future. */
#define BEFORE_US WHEN_HOUR_US

/* What a verb works on. */
struct keying {
	struct manage *manage;
	struct station_config config;
	const char *address;
	unsigned days;
	struct mail_key_text key; /* pem NULL: none */
	struct mail_key_text certificate;
};

static int fail(const struct complaint *complaint)
{
	return cmd_fail("%s", complaint->text);
}

static void release(struct keying *keying)
{
	if (keying->key.pem != NULL)
		explicit_bzero(keying->key.pem, keying->key.length);
	free(keying->key.pem);
	free(keying->certificate.pem);
}

/* ---- What is asked for ---- */

static int open_station(struct keying *keying)
{
	struct manage *manage = keying->manage;
	struct complaint complaint = {""};
	if (station_dir_open(station_dir_find(manage->station), &manage->dir, &complaint) != 0 ||
	    station_config_read(&manage->dir, &keying->config, &complaint) != 0)
		return fail(&complaint);
	return 0;
}

static int take_address(struct keying *keying)
{
	struct complaint complaint;
	const char *address = manage_value(keying->manage, "address");
	keying->address = address != NULL ? address : keying->config.mail.from;
	if (mail_check_address(keying->address, &complaint) != 0)
		return cmd_fail("--address: %s", complaint.text);
	return 0;
}

static int take_days(struct keying *keying)
{
	const char *text = manage_value(keying->manage, "days");
	char *end = NULL;
	if (text == NULL) {
		keying->days = DAYS_DEFAULT;
		return 0;
	}
	const unsigned long days = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || days < 1 || days > MAIL_KEY_DAYS_MAX)
		return cmd_fail(
		    "--days %s: expected a number from 1 to %d", text, (int)MAIL_KEY_DAYS_MAX);
	keying->days = (unsigned)days;
	return 0;
}

static struct mail_key_owner owner_of(const struct keying *keying)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now); /* it is always there */
	return (struct mail_key_owner){
	    .name = keying->config.station.name,
	    .address = keying->address,
	    .from_us = (int64_t)now.tv_sec * WHEN_SECOND_US - BEFORE_US,
	    .days = keying->days,
	};
}

/* ---- What is told ---- */

static void say_time(const struct manage *manage, enum manage_word label, int64_t time_us)
{
	char text[WHEN_TEXT_BYTES];
	when_format_local(time_us, text);
	manage_say_field(manage, label, text);
}

static void print_json(const struct certificate_facts *facts, const char *file)
{
	char from[WHEN_TEXT_BYTES];
	char until[WHEN_TEXT_BYTES];
	struct json json;
	when_format_utc(facts->from_us, from);
	when_format_utc(facts->until_us, until);
	json_init(&json, stdout);
	json_open_object(&json, NULL);
	json_string(&json, "type", "key");
	json_string(&json, "certificate", file);
	json_string(&json, "subject", facts->subject);
	json_string(&json, "issuer", facts->issuer);
	json_string(&json, "algorithm", facts->algorithm);
	json_string(&json, "from", from);
	json_string(&json, "until", until);
	json_bool(&json, "self_signed", facts->is_self_signed);
	json_string(&json, "sha256", facts->fingerprint);
	json_close_object(&json);
	putchar('\n');
}

static void print_facts(
    const struct manage *manage, const struct certificate *certificate, const char *file)
{
	struct certificate_facts facts;
	certificate_describe(certificate, &facts);
	if (manage->format == MANAGE_JSON) {
		print_json(&facts, file);
		return;
	}
	manage_say_field(manage, LABEL_CERTIFICATE, file);
	manage_say_field(manage, LABEL_HOLDER, facts.subject);
	manage_say_field(manage, LABEL_ISSUER, facts.issuer);
	manage_say_field(manage, LABEL_ALGORITHM, facts.algorithm);
	say_time(manage, LABEL_FROM, facts.from_us);
	say_time(manage, LABEL_UNTIL, facts.until_us);
	manage_say_field(manage, LABEL_FINGERPRINT, facts.fingerprint);
	if (facts.is_self_signed)
		manage_say(manage, SAY_KEY_SELF_SIGNED, NULL, 0);
}

static int show_certificate(const struct keying *keying, const char *name, size_t length)
{
	struct complaint complaint;
	struct certificate *certificate;
	if (certificate_read(name, keying->certificate.pem, length, &certificate, &complaint) != 0)
		return fail(&complaint);
	print_facts(keying->manage, certificate, name);
	certificate_free(certificate);
	return 0;
}

/* ---- Making one ---- */

static int write_whole(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? -errno : -EIO;
		bytes += written;
		length -= (size_t)written;
	}
	return fsync(fd) == 0 ? 0 : -errno;
}

/* Beside it first, so that what is there is whole or not there. */
static int write_file(
    const struct station_dir *dir, const char *name, mode_t mode, const struct mail_key_text *text)
{
	char beside[STATION_PATH_BYTES];
	(void)snprintf(beside, sizeof beside, "%s.new", name); /* fits: the names are ours */
	(void)unlinkat(dir->fd, beside, 0); /* of one that was interrupted; it need not be there */
	int fd =
	    openat(dir->fd, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	int result = fchmod(fd, mode) != 0 ? -errno : write_whole(fd, text->pem, text->length);
	if (close(fd) != 0 && result == 0)
		result = -errno;
	if (result == 0 && renameat(dir->fd, beside, dir->fd, name) != 0)
		result = -errno;
	if (result != 0)
		(void)unlinkat(dir->fd, beside, 0); /* half of it is worth nothing */
	return result;
}

static int write_files(void *context, struct complaint *complaint)
{
	const struct keying *keying = context;
	const struct station_dir *dir = &keying->manage->dir;
	if (!manage_has(keying->manage, "replace") &&
	    (faccessat(dir->fd, KEY_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
		faccessat(dir->fd, CERTIFICATE_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0))
		return complain(complaint, -EEXIST,
		    "%s/" KEY_FILE ": there is a key or a certificate already, expected --replace "
		    "where it is not wanted any more",
		    dir->path);
	int result = write_file(dir, KEY_FILE, KEY_MODE, &keying->key);
	if (result != 0)
		return complain(
		    complaint, result, "%s/" KEY_FILE ": %s", dir->path, strerror(-result));
	result = write_file(dir, CERTIFICATE_FILE, CERTIFICATE_MODE, &keying->certificate);
	return result == 0 ? 0
			   : complain(complaint, result, "%s/" CERTIFICATE_FILE ": %s", dir->path,
				 strerror(-result));
}

static int make(struct keying *keying)
{
	const char *algorithm = manage_value(keying->manage, "algorithm");
	struct complaint complaint;
	if (algorithm == NULL)
		algorithm = keying->config.mail.sign.algorithm[0] != '\0'
				? keying->config.mail.sign.algorithm
				: MAIL_KEY_DEFAULT;
	if (mail_key_make(algorithm, &keying->key, &complaint) != 0)
		return cmd_fail("--algorithm: %s", complaint.text);
	const struct mail_key_owner owner = owner_of(keying);
	if (mail_key_certify(keying->key.pem, keying->key.length, &owner, &keying->certificate,
		&complaint) != 0 ||
	    as_owner(&keying->manage->dir, write_files, keying, &complaint) != 0)
		return fail(&complaint);
	int status = show_certificate(keying, CERTIFICATE_FILE, keying->certificate.length);
	if (status == 0 && keying->manage->format == MANAGE_TEXT) {
		manage_say(keying->manage, SAY_KEY_MADE, NULL, 0);
		fputs("\n    mail:\n      sign:\n        key: " KEY_FILE
		      "\n        certificate: " CERTIFICATE_FILE "\n",
		    stdout);
	}
	return status;
}

static int run_make(struct manage *manage)
{
	static struct keying keying;
	keying = (struct keying){.manage = manage};
	int status = open_station(&keying);
	if (status == 0)
		status = take_address(&keying);
	if (status == 0)
		status = take_days(&keying);
	if (status == 0)
		status = make(&keying);
	release(&keying);
	return status;
}

/* ---- The one that is there ---- */

static int read_file(const struct keying *keying, bool is_secret, struct mail_key_text *ret_text)
{
	const struct station_config_sign *sign = &keying->config.mail.sign;
	const char *named = is_secret ? sign->key : sign->certificate;
	struct signing_file file = {
	    .name = named[0] != '\0' ? named
		    : is_secret      ? KEY_FILE
				     : CERTIFICATE_FILE,
	    .is_secret = is_secret,
	};
	struct complaint complaint;
	if (signing_file_read(&keying->manage->dir, &file, &complaint) != 0)
		return fail(&complaint);
	*ret_text = (struct mail_key_text){file.bytes, file.length};
	return 0;
}

static int request(struct keying *keying)
{
	const struct mail_key_owner owner = owner_of(keying);
	struct complaint complaint;
	int status = read_file(keying, true, &keying->key);
	if (status != 0)
		return status;
	if (mail_key_request(
		keying->key.pem, keying->key.length, &owner, &keying->certificate, &complaint) != 0)
		return fail(&complaint);
	fputs(keying->certificate.pem, stdout);
	return 0;
}

static int run_request(struct manage *manage)
{
	static struct keying keying;
	keying = (struct keying){.manage = manage};
	int status = open_station(&keying);
	if (status == 0)
		status = take_address(&keying);
	if (status == 0)
		status = request(&keying);
	release(&keying);
	return status;
}

/* Of a file with others above it, the first. */
static size_t first_of(const char *pem, size_t length)
{
	static const char end[] = "-----END CERTIFICATE-----";
	const char *found = memmem(pem, length, end, sizeof end - 1);
	return found == NULL ? length : (size_t)(found - pem) + sizeof end - 1;
}

static int run_show(struct manage *manage)
{
	static struct keying keying;
	keying = (struct keying){.manage = manage};
	int status = open_station(&keying);
	if (status == 0)
		status = read_file(&keying, false, &keying.certificate);
	if (status == 0)
		status = show_certificate(&keying,
		    keying.config.mail.sign.certificate[0] != '\0'
			? keying.config.mail.sign.certificate
			: CERTIFICATE_FILE,
		    first_of(keying.certificate.pem, keying.certificate.length));
	release(&keying);
	return status;
}

static int run_algorithms(struct manage *manage)
{
	char list[MAIL_KEY_LIST_BYTES];
	char *rest = list;
	mail_key_list(list);
	for (char *name; (name = strsep(&rest, ",")) != NULL;) {
		name += *name == ' ';
		if (manage->format == MANAGE_JSON) {
			struct json json;
			json_init(&json, stdout);
			json_open_object(&json, NULL);
			json_string(&json, "type", "algorithm");
			json_string(&json, "name", name);
			json_close_object(&json);
			putchar('\n');
		} else {
			puts(name);
		}
	}
	return 0;
}

static const char *const make_options[] = {"algorithm=", "address=", "days=", "replace", NULL};
static const char *const request_options[] = {"address=", NULL};
static const char *const no_options[] = {NULL};

static const struct manage_verb verbs[] = {
    {"make", make_options, 0, 0, "nothing more", run_make, false},
    {"request", request_options, 0, 0, "nothing more", run_request, false},
    {"show", no_options, 0, 0, "nothing more", run_show, false},
    {"algorithms", no_options, 0, 0, "nothing more", run_algorithms, false},
    {NULL, NULL, 0, 0, NULL, NULL, false},
};

int cmd_key(int argc, char **argv)
{
	static const struct manage_command command = {"key", usage, verbs};
	return manage_run(&command, argc, argv);
}
