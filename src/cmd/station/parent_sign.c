/* parent_sign.c - the key with which mail is signed: looked at, and given to the signer. */
#include <errno.h>
#include <string.h>

#include "cmd/station/parent_internal.h"
#include "cmd/station/signing_files.h"
#include "cmd/station/wire.h"

int parent_read_signing(
    const struct parent *parent, struct parent_plan *plan, struct complaint *complaint)
{
	const struct station_config_sign *sign = &plan->config.mail.sign;
	struct smime_signer *signer = NULL;
	memset(&plan->signing, 0, sizeof plan->signing);
	if (sign->key[0] == '\0')
		return 0;
	int result = signing_open(parent->options.dir, sign, &signer, complaint);
	if (result == 0)
		certificate_describe(smime_signer_certificate(signer), &plan->signing);
	smime_signer_free(signer);
	return result;
}

int parent_open_key_file(const struct parent *parent, const char *name, bool is_secret, int *ret_fd,
    struct complaint *complaint)
{
	struct signing_file file = {.name = name, .is_secret = is_secret};
	if (name[0] == '\0')
		return 0;
	int result = signing_file_read(parent->options.dir, &file, complaint);
	if (result != 0)
		return result;
	int fd = wire_write_text(file.bytes, file.length);
	signing_file_release(&file);
	if (fd < 0)
		return complain(complaint, fd, "%s: %s", name, strerror(-fd));
	*ret_fd = fd;
	return 0;
}
