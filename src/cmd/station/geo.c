#include "cmd/station/geo.h"

#include <errno.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

enum {
	PATH_BYTES = 32, /* "/proc/self/fd/2147483647" */
};

struct base {
	MMDB_s mmdb;
	bool is_open;
	int failure; /* of libmaxminddb, that was not told of yet; 0: none */
};

struct answer {
	struct address address;
	struct geo_place place;
	bool is_used;
};

struct geo {
	struct base bases[GEO_DATABASES];
	uint64_t seed;
	struct answer answers[GEO_CACHE_PLACES];
};

static const char *const names[GEO_DATABASES] = {
    [GEO_COUNTRY] = "geo.country",
    [GEO_NETWORK] = "geo.network",
};

const char *geo_database_name(enum geo_database database)
{
	return names[database];
}

static int copy_bytes(int from, int to, off_t size)
{
	off_t at = 0;
	while (at < size) {
		ssize_t copied = sendfile(to, from, &at, (size_t)(size - at));
		if (copied < 0 && errno == EINTR)
			continue;
		if (copied <= 0)
			return copied < 0 ? -errno : -EIO; /* it shrank meanwhile */
	}
	return 0;
}

int geo_copy(int fd)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return -errno;
	if (status.st_size > GEO_DATABASE_MAX_BYTES)
		return -EFBIG;
	int copy = memfd_create("hinomi-geo", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (copy < 0)
		return -errno;
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
	int result = copy_bytes(fd, copy, status.st_size);
	if (result == 0 && fcntl(copy, F_ADD_SEALS, seals) != 0)
		result = -errno;
	if (result == 0)
		return copy;
	(void)close(copy); /* memory only */
	return result;
}

int geo_new(struct geo **ret_geo)
{
	struct geo *geo = calloc(1, sizeof *geo);
	if (geo == NULL)
		return -ENOMEM;
	geo->seed = hash_seed_random();
	*ret_geo = geo;
	return 0;
}

void geo_free(struct geo *geo)
{
	if (geo == NULL)
		return;
	for (size_t i = 0; i < GEO_DATABASES; i++)
		if (geo->bases[i].is_open)
			MMDB_close(&geo->bases[i].mmdb);
	free(geo);
}

int geo_add(struct geo *geo, enum geo_database database, int fd, struct complaint *complaint)
{
	struct base *base = &geo->bases[database];
	char path[PATH_BYTES];
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd); /* a number fits */
	int status = base->is_open ? MMDB_SUCCESS : MMDB_open(path, 0, &base->mmdb);
	(void)close(fd); /* memory only, which is mapped by now */
	if (status == MMDB_SUCCESS) {
		base->is_open = true;
		return 0;
	}
	return complain(complaint, status == MMDB_OUT_OF_MEMORY_ERROR ? -ENOMEM : -EINVAL,
	    "%s: %s; statistics do without it", names[database], MMDB_strerror(status));
}

bool geo_has(const struct geo *geo, enum geo_database database)
{
	return geo != NULL && geo->bases[database].is_open;
}

/* It is damaged: it is not asked again. */
static void give_up(struct base *base, int failure)
{
	MMDB_close(&base->mmdb);
	base->is_open = false;
	base->failure = failure;
}

/* False when the database has nothing of this address, or is given up. */
static bool look_up(struct base *base, const struct address *address, MMDB_entry_s *ret_entry)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	const bool is_v4 = address_is_v4(address);
	const struct sockaddr *any =
	    is_v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6;
	int error = MMDB_SUCCESS;
	if (!base->is_open || (!is_v4 && base->mmdb.metadata.ip_version == 4))
		return false;
	memcpy(&v4.sin_addr, address->bytes + 12, 4);
	memcpy(&v6.sin6_addr, address->bytes, ADDRESS_BYTES);
	MMDB_lookup_result_s result = MMDB_lookup_sockaddr(&base->mmdb, any, &error);
	if (error != MMDB_SUCCESS) {
		give_up(base, error);
		return false;
	}
	*ret_entry = result.entry;
	return result.found_entry;
}

/* A value at a path of at most two names. False when it is not there, or the base is given up. */
static bool get_value(struct base *base, MMDB_entry_s *entry, const char *const path[static 3],
    MMDB_entry_data_s *ret_data)
{
	if (!base->is_open)
		return false;
	int status = MMDB_aget_value(entry, ret_data, path);
	const bool is_absent = status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR ||
			       status == MMDB_INVALID_LOOKUP_PATH_ERROR;
	if (status != MMDB_SUCCESS && !is_absent)
		give_up(base, status);
	return status == MMDB_SUCCESS && ret_data->has_data;
}

static bool is_letter(char c)
{
	return c >= 'A' && c <= 'Z';
}

static void find_country(struct geo *geo, const struct address *address, struct geo_place *place)
{
	/* of MaxMind and DB-IP; where the owner is elsewhere or nowhere; of IPinfo */
	static const char *const paths[][3] = {
	    {"country", "iso_code", NULL},
	    {"registered_country", "iso_code", NULL},
	    {"country_code", NULL, NULL},
	};
	struct base *base = &geo->bases[GEO_COUNTRY];
	MMDB_entry_s entry;
	if (!look_up(base, address, &entry))
		return;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		MMDB_entry_data_s data;
		if (!get_value(base, &entry, paths[i], &data))
			continue;
		if (data.type != MMDB_DATA_TYPE_UTF8_STRING || data.data_size != 2 ||
		    !is_letter(data.utf8_string[0]) || !is_letter(data.utf8_string[1]))
			continue;
		memcpy(place->country, data.utf8_string, 2);
		return;
	}
}

static void find_network(struct geo *geo, const struct address *address, struct geo_place *place)
{
	static const char *const path[3] = {"autonomous_system_number", NULL, NULL};
	struct base *base = &geo->bases[GEO_NETWORK];
	MMDB_entry_s entry;
	MMDB_entry_data_s data;
	if (look_up(base, address, &entry) && get_value(base, &entry, path, &data) &&
	    data.type == MMDB_DATA_TYPE_UINT32)
		place->network = data.uint32;
}

struct geo_place geo_find(struct geo *geo, const struct address *address)
{
	static const struct geo_place unknown;
	if (geo == NULL || (!geo->bases[GEO_COUNTRY].is_open && !geo->bases[GEO_NETWORK].is_open) ||
	    address_is_private(address) || address_is_loopback(address))
		return unknown;
	struct answer *answer = &geo->answers[hash_address(address, geo->seed) % GEO_CACHE_PLACES];
	if (answer->is_used && address_equal(&answer->address, address))
		return answer->place;
	*answer = (struct answer){.address = *address, .is_used = true};
	find_country(geo, address, &answer->place);
	find_network(geo, address, &answer->place);
	return answer->place;
}

bool geo_take_failure(struct geo *geo, struct complaint *ret_complaint)
{
	for (size_t i = 0; geo != NULL && i < GEO_DATABASES; i++) {
		const int failure = geo->bases[i].failure;
		if (failure == 0)
			continue;
		geo->bases[i].failure = 0;
		(void)complain(ret_complaint, 0, "%s: %s; statistics do without it from now on",
		    names[i], MMDB_strerror(failure));
		return true;
	}
	return false;
}
