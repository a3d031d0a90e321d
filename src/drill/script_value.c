#include "drill/script_value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drill/script.h"

enum {
	PLACE_BYTES = 128 /* the longest address with steps and port has some 100 */
};

/* Reads digits (or 0x and hexadecimal digits) at `*at` and moves it behind them. */
static int read_digits(const char **at, uint64_t *ret_value)
{
	char *end = NULL;
	if (**at < '0' || **at > '9')
		return -EINVAL;
	int base = (*at)[0] == '0' && (*at)[1] == 'x' ? 16 : 10;
	errno = 0;
	unsigned long long value = strtoull(*at, &end, base);
	if (errno != 0)
		return -EINVAL;
	*at = end;
	*ret_value = value;
	return 0;
}

static int read_part(const char **at, uint32_t *ret_value)
{
	uint64_t value = 0;
	if (read_digits(at, &value) != 0 || value == 0 || value > UINT32_MAX)
		return -EINVAL;
	*ret_value = (uint32_t)value;
	return 0;
}

/* Everything after the '+': [K]i[/D][%M]. */
static int parse_step(const char *text, struct script_step *ret_step, const char **ret_why)
{
	struct script_step step = {.factor = 1, .divisor = 1};
	int error = 0;
	if (*text != 'i')
		error = read_part(&text, &step.factor);
	if (error == 0 && *text++ != 'i')
		error = -EINVAL;
	if (error == 0 && *text == '/') {
		text++;
		error = read_part(&text, &step.divisor);
	}
	if (error == 0 && *text == '%') {
		text++;
		error = read_part(&text, &step.modulus);
	}
	if (error != 0 || *text != '\0') {
		*ret_why = "expected +i, +4i, +i/3, +i%10 or the like";
		return -EINVAL;
	}
	*ret_step = step;
	return 0;
}

int script_parse_number(
    const char *text, uint64_t max, struct script_number *ret_number, const char **ret_why)
{
	struct script_number number = {.is_given = true};
	if (strcmp(text, "random") == 0) {
		number.is_random = true;
		*ret_number = number;
		return 0;
	}
	if (read_digits(&text, &number.base) != 0 || number.base > max ||
	    (*text != '\0' && *text != '+')) {
		*ret_why = "expected a number of its field's size, such as 64, 1000+i or random";
		return -EINVAL;
	}
	if (*text == '+' && parse_step(text + 1, &number.step, ret_why) != 0)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

/* Cuts the port off the end. Without one, *ret_port is NULL. */
static int split_port(char *text, char **ret_address, char **ret_port)
{
	char *port = NULL;
	if (text[0] == '[') {
		char *end = strchr(text, ']');
		if (end == NULL || (end[1] != ':' && end[1] != '\0'))
			return -EINVAL;
		if (end[1] == ':')
			port = end + 2;
		*end = '\0';
		text++;
	} else {
		char *first = strchr(text, ':');
		bool is_v4 = first != NULL && strchr(first + 1, ':') == NULL;
		if (is_v4) {
			*first = '\0';
			port = first + 1;
		}
	}
	*ret_address = text;
	*ret_port = port;
	return 0;
}

int script_parse_place(
    const char *text, bool has_port, struct script_place *ret_place, const char **ret_why)
{
	struct script_place place = {0};
	char copy[PLACE_BYTES];
	char *address = NULL, *port = NULL;
	int bytes = snprintf(copy, sizeof copy, "%s", text);
	if (bytes < 0 || (size_t)bytes >= sizeof copy || split_port(copy, &address, &port) != 0 ||
	    (port != NULL) != has_port) {
		*ret_why = has_port ? "expected ADDRESS:PORT or [IPV6]:PORT"
				    : "expected an address without a port";
		return -EINVAL;
	}
	char *plus = strchr(address, '+');
	if (plus != NULL) {
		*plus = '\0';
		if (parse_step(plus + 1, &place.step, ret_why) != 0)
			return -EINVAL;
	}
	if (prefix_parse(address, &place.prefix, ret_why) != 0)
		return -EINVAL;
	if (has_port && script_parse_number(port, UINT16_MAX, &place.port, ret_why) != 0)
		return -EINVAL;
	*ret_place = place;
	return 0;
}

int script_parse_time(const char *text, int64_t *ret_us, const char **ret_why)
{
	static const struct {
		const char *name;
		double us;
	} units[] = {{"", 1e6}, {"s", 1e6}, {"ms", 1e3}, {"us", 1}, {"m", 60e6}, {"h", 3600e6}};
	*ret_why = "expected a time such as 1.5, 20ms, 3s, 2m or 1h, ten years at most";
	char *end = NULL;
	if (strspn(text, "0123456789.") == 0)
		return -EINVAL;
	double value = strtod(text, &end);
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (strcmp(end, units[i].name) != 0)
			continue;
		double us = value * units[i].us + 0.5;
		if (!(us >= 0 && us <= (double)SCRIPT_SECONDS_MAX * 1e6))
			return -EINVAL;
		*ret_us = (int64_t)us;
		return 0;
	}
	return -EINVAL;
}

static uint64_t step_at(const struct script_step *step, uint32_t i)
{
	if (step->factor == 0)
		return 0;
	uint32_t count = i / step->divisor;
	if (step->modulus != 0)
		count %= step->modulus;
	return (uint64_t)step->factor * count;
}

uint64_t script_number_at(const struct script_number *number, uint32_t i, struct stage *stage)
{
	if (number->is_random)
		return random_u64(&stage->random);
	return number->base + step_at(&number->step, i);
}

/* Fills the last `128 - bits` bits. */
static void set_host_bits(struct address *address, unsigned bits, uint64_t chance)
{
	for (unsigned bit = ADDRESS_BYTES * 8; bit > bits && bit > 64; bit--, chance >>= 1) {
		if ((chance & 1) != 0)
			address->bytes[(bit - 1) / 8] |= (uint8_t)(0x80U >> (bit - 1) % 8);
	}
}

struct address script_place_at(const struct script_place *place, uint32_t i, struct stage *stage)
{
	struct address address = place->prefix.address;
	if (place->prefix.bits < ADDRESS_BYTES * 8)
		set_host_bits(&address, place->prefix.bits, random_u64(&stage->random));
	uint64_t carry = step_at(&place->step, i);
	bool is_v4 = address_is_v4(&address);
	for (int at = ADDRESS_BYTES - 1; at >= (is_v4 ? 12 : 0) && carry != 0; at--) {
		carry += address.bytes[at];
		address.bytes[at] = (uint8_t)carry;
		carry >>= 8;
	}
	return address;
}
