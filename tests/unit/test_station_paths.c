/* A station's directory: what is opened, what is refused, and by which line. */
#include "cmd/station/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

enum {
	NOBODY = 65534
};

static char root[] = "/tmp/hinomi-test-paths-XXXXXX";

/* In the root, whose name changes: complaints are compared without it. */
static const char *at(const char *name)
{
	static char path[256];
	(void)snprintf(path, sizeof path, "%s/%s", root, name);
	return path;
}

static bool says(int error, int expected, const struct complaint *complaint, const char *text)
{
	const char *said = strstr(complaint->text, root);
	bool right = error == expected && said == complaint->text &&
		     strcmp(said + strlen(root) + 1, text) == 0;
	if (!right)
		printf("# %d: %s\n", error, complaint->text);
	return right;
}

static void put(const char *name, const char *text, mode_t mode)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchmod(fd, mode) != 0)
		printf("# %s cannot be made\n", name);
	if (fd >= 0)
		(void)close(fd); /* a test's file */
}

static void test_find(void)
{
	(void)unsetenv(STATION_DIR_VARIABLE);
	OK(strcmp(station_dir_find(NULL), "/var/lib/hinomi") == 0, "the default");
	(void)setenv(STATION_DIR_VARIABLE, "", 1);
	OK(strcmp(station_dir_find(""), "/var/lib/hinomi") == 0, "what is empty counts as unset");
	(void)setenv(STATION_DIR_VARIABLE, "/x", 1);
	OK(strcmp(station_dir_find(NULL), "/x") == 0, "the environment");
	OK(strcmp(station_dir_find("/y"), "/y") == 0, "the option comes first");
	(void)unsetenv(STATION_DIR_VARIABLE);
}

static int try_dir(const char *name, struct complaint *complaint)
{
	struct station_dir dir = {.fd = -1};
	complaint->text[0] = '\0';
	int error = station_dir_open(at(name), &dir, complaint);
	if (error == 0 && strcmp(dir.path, at(name)) != 0)
		error = -ESTALE;
	station_dir_close(&dir);
	return error;
}

/* What fails here fails the point that rests on it. */
static void attempt(int result)
{
	if (result != 0)
		perror("# attempt");
}

static void test_dirs(void)
{
	struct complaint complaint;
	char whole[sizeof root + 128];
	(void)mkdir(at("good"), 0750);
	OK(try_dir("good", &complaint) == 0, "a directory of ours");
	int error = try_dir("none", &complaint);
	(void)snprintf(whole, sizeof whole,
	    "none: no such directory, expected a station: `hinomi init %s` makes one", at("none"));
	OK(says(error, -ENOENT, &complaint, whole), "none");
	put("file", "", 0600);
	error = try_dir("file", &complaint);
	OK(says(error, -ENOTDIR, &complaint,
	       "file: Not a directory, expected a station's directory"),
	    "a file");
	(void)mkdir(at("open"), 0700);
	(void)chmod(at("open"), 0777);
	error = try_dir("open", &complaint);
	(void)snprintf(whole, sizeof whole,
	    "open: others may change it (mode 0777), expected 0750: chmod 750 %s", at("open"));
	OK(says(error, -EPERM, &complaint, whole), "to which others may write");
	(void)chmod(at("open"), 0770);
	OK(try_dir("open", &complaint) == -EPERM, "to which the group may write");
	attempt(symlink("good", at("link")));
	OK(try_dir("link", &complaint) == -ESTALE, "a link of ours is followed");

	if (geteuid() != 0) {
		printf("# not root: foreign owners are not tried\n");
		return;
	}
	(void)mkdir(at("foreign"), 0750);
	attempt(chown(at("foreign"), NOBODY, NOBODY));
	error = try_dir("foreign", &complaint);
	OK(says(error, -EPERM, &complaint,
	       "foreign: belongs to user 65534, expected root, hinomi or the user who runs this: "
	       "chown it, or run this as its owner"),
	    "of a stranger");
	attempt(symlink("good", at("lure")));
	attempt(lchown(at("lure"), NOBODY, NOBODY));
	error = try_dir("lure", &complaint);
	OK(says(error, -EPERM, &complaint,
	       "lure: is a symbolic link of user 65534, expected the directory itself"),
	    "behind a stranger's link");
}

static void test_length(void)
{
	struct station_dir dir = {.fd = -1};
	struct complaint complaint = {""};
	char name[STATION_DIR_BYTES + 1] = "";
	size_t used = strlen(root) + 1;
	memset(name, 'n', STATION_DIR_BYTES - 1 - used);
	name[STATION_DIR_BYTES - 1 - used] = '\0';
	(void)mkdir(at(name), 0700);
	OK(station_dir_open(at(name), &dir, NULL) == 0 &&
		strlen(dir.path) == STATION_DIR_BYTES - 1 &&
		strlen(dir.path) + strlen("/" STATION_SOCKET) == 107,
	    "the longest path, by which a socket just fits");
	station_dir_close(&dir);
	name[STATION_DIR_BYTES - 1 - used] = 'n';
	name[STATION_DIR_BYTES - used] = '\0';
	(void)mkdir(at(name), 0700);
	OK(station_dir_open(at(name), &dir, &complaint) == -ENAMETOOLONG &&
		strstr(complaint.text, "longer than 94 bytes") != NULL && dir.fd == -1,
	    "one byte longer is refused");
}

static int try_file(const char *name, bool is_secret, struct complaint *complaint)
{
	struct station_dir dir = {.fd = -1};
	int fd = -1;
	complaint->text[0] = '\0';
	int error = station_dir_open(at("good"), &dir, complaint);
	if (error == 0)
		error = (is_secret ? station_dir_open_secret : station_dir_open_file)(
		    &dir, name, &fd, complaint);
	if (fd >= 0)
		(void)close(fd); /* only opened */
	station_dir_close(&dir);
	return error;
}

/* Files in good/, and what is said of them. */
static void test_files(void)
{
	struct complaint complaint;
	char whole[512];
	put("good/a", "x", 0640);
	OK(try_file("a", false, &complaint) == 0, "a file");
	int error = try_file("a", true, &complaint);
	(void)snprintf(whole, sizeof whole,
	    "good/a: others may read it (mode 0640), expected 0600: chmod 600 %s", at("good/a"));
	OK(says(error, -EPERM, &complaint, whole), "a secret that the group may read");
	put("good/a", "x", 0604);
	OK(try_file("a", true, &complaint) == -EPERM, "a secret that others may read");
	put("good/a", "x", 0600);
	OK(try_file("a", true, &complaint) == 0, "a secret");
	(void)snprintf(whole, sizeof whole, "%s", at("good/a"));
	OK(try_file(whole, true, &complaint) == 0, "by its whole path");
	put("good/a", "x", 0666);
	error = try_file("a", false, &complaint);
	(void)snprintf(whole, sizeof whole,
	    "good/a: others may change it (mode 0666), expected 0640: chmod 640 %s", at("good/a"));
	OK(says(error, -EPERM, &complaint, whole), "a file that others may change");

	put("outside", "x", 0600);
	attempt(symlink("../outside", at("good/link")));
	error = try_file("link", false, &complaint);
	OK(says(error, -ELOOP, &complaint,
	       "good/link: is or lies behind a symbolic link, expected the file itself"),
	    "a link");
	attempt(symlink("..", at("good/keys")));
	error = try_file("keys/outside", true, &complaint);
	OK(says(error, -ELOOP, &complaint,
	       "good/keys/outside: is or lies behind a symbolic link, expected the file itself"),
	    "a file behind a link");
	error = try_file("../outside", false, &complaint);
	OK(says(error, -EXDEV, &complaint,
	       "good/../outside: leads out of the directory, expected a name inside, or one that "
	       "begins with /"),
	    "a path that leads out");
	(void)mkdir(at("good/dir"), 0700);
	error = try_file("dir", false, &complaint);
	OK(says(error, -EINVAL, &complaint, "good/dir: is no regular file, expected one"),
	    "a directory");
	(void)mkfifo(at("good/pipe"), 0600);
	error = try_file("pipe", false, &complaint);
	OK(says(error, -EINVAL, &complaint, "good/pipe: is no regular file, expected one"),
	    "a pipe, for which nobody waits");
	error = try_file("none", false, &complaint);
	OK(says(error, -ENOENT, &complaint,
	       "good/none: No such file or directory, expected a file that can be read"),
	    "none");
	error = try_file(STATION_FILE, false, &complaint);
	(void)snprintf(whole, sizeof whole,
	    "good/station.yaml: No such file or directory, expected a station: `hinomi init %s` "
	    "makes one",
	    at("good"));
	OK(says(error, -ENOENT, &complaint, whole), "a directory without a station");
	if (geteuid() == 0) {
		put("good/foreign", "x", 0600);
		attempt(chown(at("good/foreign"), NOBODY, NOBODY));
		error = try_file("foreign", false, &complaint);
		OK(says(error, -EPERM, &complaint,
		       "good/foreign: belongs to user 65534, expected root, hinomi or the user who "
		       "runs this: chown it, or run this as its owner"),
		    "a stranger's file");
	}
}

/* Another process takes the lock and says whether it could. */
static int lock_elsewhere(struct complaint *complaint)
{
	int pipes[2];
	if (pipe2(pipes, O_CLOEXEC) != 0)
		return -errno;
	pid_t child = fork();
	if (child == 0) {
		struct station_dir dir = {.fd = -1};
		struct complaint why = {""};
		int fd = -1;
		int error = station_dir_open(at("good"), &dir, &why);
		if (error == 0)
			error = station_dir_lock(&dir, &fd, &why);
		if (write(pipes[1], why.text, sizeof why.text) < 0)
			_exit(99);
		_exit(-error);
	}
	int status = 0;
	(void)close(pipes[1]);
	complaint->text[0] = '\0';
	if (read(pipes[0], complaint->text, sizeof complaint->text) < 0)
		complaint->text[0] = '\0';
	(void)close(pipes[0]);
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -ECHILD;
	return -WEXITSTATUS(status);
}

static bool is_untouched(void)
{
	struct stat status;
	return stat(at("outside"), &status) == 0 && status.st_size == 1;
}

static void test_lock(void)
{
	struct station_dir dir = {.fd = -1};
	struct complaint complaint = {""};
	char expected[512];
	char holder[32] = "";
	int fd = -1;
	bool good = station_dir_open(at("good"), &dir, &complaint) == 0;
	OK(good && lock_elsewhere(&complaint) == 0, "a lock that nobody holds");
	OK(good && station_dir_lock(&dir, &fd, &complaint) == 0 && fd >= 0,
	    "it was left, and is taken");
	OK(pread(fd, holder, sizeof holder - 1, 0) > 0 &&
		strtol(holder, NULL, 10) == (long)getpid(),
	    "its holder is written down");
	int error = lock_elsewhere(&complaint);
	(void)snprintf(expected, sizeof expected,
	    "good: the station is in use by process %d, expected it to be stopped", (int)getpid());
	OK(says(error, -EWOULDBLOCK, &complaint, expected), "others are told who holds it");
	if (ftruncate(fd, 0) != 0 || pwrite(fd, "x\x1b[31m", 6, 0) != 6)
		printf("# the lock file cannot be changed\n");
	error = lock_elsewhere(&complaint);
	OK(says(error, -EWOULDBLOCK, &complaint,
	       "good: the station is in use by process (not told), expected it to be stopped"),
	    "what is no number is not shown");
	(void)close(fd);
	OK(lock_elsewhere(&complaint) == 0, "closed, it is free");

	(void)unlink(at("good/lock"));
	attempt(symlink("../outside", at("good/lock")));
	error = station_dir_lock(&dir, &fd, &complaint);
	OK(error == -ELOOP && is_untouched(), "a link in its place is not followed");
	station_dir_close(&dir);
	station_dir_close(&dir);
}

static void test_paths(void)
{
	struct station_dir dir = {.fd = -1, .path = "/var/lib/hinomi"};
	char path[STATION_DIR_PATH_BYTES];
	station_dir_path(&dir, STATION_DATABASE, path);
	OK(strcmp(path, "/var/lib/hinomi/station.db") == 0, "a name inside");
	station_dir_path(&dir, "/etc/x", path);
	OK(strcmp(path, "/etc/x") == 0, "a name elsewhere");
	OK(station_owner_is_trusted(0) && station_owner_is_trusted(geteuid()) &&
		!station_owner_is_trusted(NOBODY),
	    "who is trusted");
}

int main(void)
{
	char command[128];
	if (mkdtemp(root) == NULL)
		return 1;
	test_find();
	test_dirs();
	test_length();
	test_files();
	test_lock();
	test_paths();
	(void)snprintf(command, sizeof command, "rm -rf '%s'", root);
	return system(command) == 0 ? test_done() : 1;
}
