#include "cmd/evidence_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/address.h"
#include "source/pcap_write.h"

enum {
	NAME_BYTES = 128,
	DIR_MODE = 0700, /* addresses are personal data */
	FILE_MODE = 0600,
};

struct evidence_out {
	char *dir;
	int dir_fd;
};

static const char probe_name[] = ".hinomi-may-write";

static int prove_writable(const struct evidence_out *evidence, struct complaint *complaint)
{
	int fd = openat(evidence->dir_fd, probe_name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return complain(complaint, -errno,
		    "--pcapng-out %s: cannot write there (%s); expected a directory of your own",
		    evidence->dir, strerror(errno));
	(void)close(fd);                                 /* nothing was written */
	(void)unlinkat(evidence->dir_fd, probe_name, 0); /* left behind, it does no harm */
	return 0;
}

int evidence_out_open(
    const char *dir, struct evidence_out **ret_evidence, struct complaint *complaint)
{
	struct evidence_out *evidence = calloc(1, sizeof *evidence);
	if (evidence == NULL)
		return complain(complaint, -ENOMEM, "out of memory");
	int result = -ENOMEM;
	evidence->dir_fd = -1;
	evidence->dir = strdup(dir);
	if (evidence->dir == NULL) {
		(void)complain(complaint, result, "out of memory");
		goto out;
	}
	if (mkdir(dir, DIR_MODE) != 0 && errno != EEXIST) {
		result = complain(complaint, -errno,
		    "--pcapng-out %s: cannot make it (%s); expected a directory, or the name of "
		    "one to be made",
		    dir, strerror(errno));
		goto out;
	}
	evidence->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (evidence->dir_fd < 0) {
		result = complain(complaint, -errno, "--pcapng-out %s: expected a directory (%s)",
		    dir, strerror(errno));
		goto out;
	}
	result = prove_writable(evidence, complaint);
out:
	if (result != 0)
		evidence_out_close(evidence);
	else
		*ret_evidence = evidence;
	return result;
}

void evidence_out_close(struct evidence_out *evidence)
{
	if (evidence == NULL)
		return;
	if (evidence->dir_fd >= 0)
		(void)close(evidence->dir_fd); /* a directory: nothing is pending */
	free(evidence->dir);
	free(evidence);
}

static void name_of(const struct finding *finding, char name[static NAME_BYTES])
{
	char subject[ADDRESS_TEXT_BYTES];
	address_format(&finding->subject, subject);
	for (char *c = subject; *c != '\0'; c++)
		if (*c == ':')
			*c = '-';
	(void)snprintf(name, NAME_BYTES, "%s%s_%s.pcapng", finding->drill ? "drill_" : "",
	    rule_name(finding->rule), subject); /* all parts are short */
}

static int compare_frames(const void *a, const void *b)
{
	const struct frame *x = a;
	const struct frame *y = b;
	return x->time_us < y->time_us ? -1 : x->time_us > y->time_us;
}

/* The finding's kept frames, the earliest first; the frames borrow their bytes from the samples. */
static size_t collect(const struct finding *finding, const struct samples *samples,
    struct frame frames[static FINDING_FRAMES_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < finding->frame_chains; i++) {
		uint32_t position = finding->frames[i];
		while (count < FINDING_FRAMES_MAX &&
		       samples_next(samples, &position, &frames[count]) != 0)
			count++;
	}
	if (count > 1)
		qsort(frames, count, sizeof *frames, compare_frames);
	return count;
}

static int write_frames(const struct frame *frames, size_t count, const struct finding *finding,
    FILE *out, struct complaint *complaint)
{
	struct pcap_writer writer;
	pcap_writer_init(&writer, out, PCAP_WRITE_NG);
	for (size_t i = 0; i < count; i++) {
		const char *comment = i == 0 ? rule_name(finding->rule) : NULL;
		int result = pcap_writer_add(&writer, &frames[i], comment, complaint);
		if (result != 0 && result != -EINVAL)
			return result; /* -EINVAL: a link type that pcapng cannot name is left out
					*/
	}
	return pcap_writer_finish(&writer, complaint);
}

static int write_one(const struct evidence_out *evidence, const struct samples *samples,
    const struct finding *finding, struct complaint *complaint)
{
	struct frame frames[FINDING_FRAMES_MAX];
	size_t count = collect(finding, samples, frames);
	if (count == 0)
		return 0;
	char name[NAME_BYTES];
	name_of(finding, name);
	int fd = openat(evidence->dir_fd, name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "wb");
	if (out == NULL) {
		int error = errno;
		if (fd >= 0)
			(void)close(fd); /* nothing was written */
		return complain(complaint, -error, "%s/%s: cannot be written (%s)", evidence->dir,
		    name, strerror(error));
	}
	struct complaint detail = {{0}};
	int result = write_frames(frames, count, finding, out, &detail);
	if (fclose(out) != 0 && result == 0)
		result = -errno;
	if (result != 0)
		return complain(complaint, result, "%s/%s: writing failed (%s)", evidence->dir,
		    name, detail.text[0] != '\0' ? detail.text : strerror(-result));
	return 0;
}

int evidence_out_write(struct evidence_out *evidence, const struct samples *samples,
    const struct finding *findings, size_t count, struct complaint *complaint)
{
	for (size_t i = 0; i < count; i++) {
		int result = write_one(evidence, samples, &findings[i], complaint);
		if (result != 0)
			return result;
	}
	return 0;
}
