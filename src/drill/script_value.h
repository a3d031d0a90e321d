/* script_value.h - numbers and addresses of a script, which may change with the counter i. */
#ifndef DRILL_SCRIPT_VALUE_H
#define DRILL_SCRIPT_VALUE_H

#include "base/complaint.h"
#include "drill/stage.h"

/* +Ki/D%M: adds K * (i / D % M). */
struct script_step {
	uint32_t factor; /* 0: nothing is added */
	uint32_t divisor;
	uint32_t modulus; /* 0: none */
};

struct script_number {
	uint64_t base;
	struct script_step step;
	bool is_given;
	bool is_random; /* any value of its field */
};

struct script_place {
	struct prefix prefix; /* a whole prefix: any address in it; else a single address */
	struct script_step step;
	struct script_number port;
};

/* "40000+i", "random", "0x12". Values above `max` are refused; those reached by i wrap. */
int script_parse_number(
    const char *text, uint64_t max, struct script_number *ret_number, const char **ret_why);

/* "192.0.2.1+i:445", "198.18.0.0/16:445", "[2001:db8::1+i]:80", and without port. */
int script_parse_place(
    const char *text, bool has_port, struct script_place *ret_place, const char **ret_why);

/* "1.5", "1.5s", "20ms", "3us", "2m", "1h", as microseconds. */
int script_parse_time(const char *text, int64_t *ret_us, const char **ret_why);

uint64_t script_number_at(const struct script_number *number, uint32_t i, struct stage *stage);
struct address script_place_at(const struct script_place *place, uint32_t i, struct stage *stage);

#endif
