#include "source/interface.h"

#include <assert.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	NAMES_BYTES = 256
};

static int look(int fd, const char *name, struct interface_state *ret_state)
{
	struct interface_state state = {0};
	struct ifreq request = {0};
	memcpy(request.ifr_name, name, strlen(name) + 1);
	if (ioctl(fd, SIOCGIFINDEX, &request) != 0)
		return -errno;
	state.index = request.ifr_ifindex;
	if (ioctl(fd, SIOCGIFFLAGS, &request) != 0)
		return -errno;
	state.is_up = (request.ifr_flags & IFF_UP) != 0 && (request.ifr_flags & IFF_RUNNING) != 0;
	if (ioctl(fd, SIOCGIFHWADDR, &request) != 0)
		return -errno;
	state.arp = request.ifr_hwaddr.sa_family;
	*ret_state = state;
	return 0;
}

int interface_look(const char *name, struct interface_state *ret_state)
{
	if (strlen(name) >= IF_NAMESIZE)
		return -ENODEV;
	/* any socket will do: this one needs no privilege and can reach nobody */
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int result = look(fd, name, ret_state);
	(void)close(fd); /* nothing is written through it */
	return result;
}

int interface_complain_unknown(const char *kind, const char *name, struct complaint *complaint)
{
	char names[NAMES_BYTES] = "";
	struct if_nameindex *all = if_nameindex();
	size_t used = 0;
	for (size_t i = 0; all != NULL && all[i].if_index != 0; i++) {
		int length = snprintf(names + used, sizeof names - used, "%s%s",
		    used > 0 ? ", " : "", all[i].if_name);
		assert(length >= 0);
		used += (size_t)length;
		if (used >= sizeof names)
			break; /* cut, and that is enough of them */
	}
	if_freenameindex(all);
	return complain(complaint, -ENODEV, "%s:%.*s: no such interface; expected one of: %s", kind,
	    (int)strcspn(name, "?"), name, names);
}
