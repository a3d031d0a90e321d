#include "drill/office.h"

#include <assert.h>
#include <string.h>

#include "drill/lan.h"

enum {
	SITES = 400,
	PORT_PUSH = 5228,
	PORT_HTTPS = 443,
	MINUTES_TO_ARRIVE = 5, /* PCs are started within so long; phones later */
	HOURS_FOR_PHONES = 2,
};

static void init_host(struct stage *stage, struct office *office, struct host *host,
    unsigned number, enum stack stack)
{
	static const struct address v6 = {.bytes = {0x20, 0x01, 0x0d, 0xb8, 0x02, 0, 0, 1}};
	static const struct address v6_local = {.bytes = {0xfe, 0x80}};
	host_init(host, stage, address_from_v4_u32(office->plan.network | number), stack);
	if (stack == STACK_DEVICE)
		return;
	host->v6 = v6;
	host->v6_local = v6_local;
	/* RFC 4291 appendix A: the interface's number follows from its MAC. */
	uint8_t interface[8] = {(uint8_t)(host->mac[0] ^ 2), host->mac[1], host->mac[2], 0xff, 0xfe,
	    host->mac[3], host->mac[4], host->mac[5]};
	memcpy(host->v6.bytes + 8, interface, sizeof interface);
	memcpy(host->v6_local.bytes + 8, interface, sizeof interface);
}

struct host *office_find_host(struct office *office, const struct address *address)
{
	struct host *const few[] = {
	    &office->router, &office->dhcp, &office->monitor, &office->nas, &office->printer};
	for (size_t i = 0; i < sizeof few / sizeof few[0]; i++) {
		if (address_equal(&few[i]->v4, address))
			return few[i];
	}
	for (unsigned i = 0; i < office->plan.pcs; i++) {
		if (address_equal(&office->pcs[i].v4, address))
			return &office->pcs[i];
	}
	for (unsigned i = 0; i < office->plan.phones; i++) {
		if (address_equal(&office->phones[i].v4, address))
			return &office->phones[i];
	}
	return NULL;
}

/* A machine that comes up once and then acts again and again. */
struct dweller {
	struct actor actor;
	struct office *office;
	struct host *host;
	bool has_arrived;
};

static int64_t arrive(struct stage *stage, struct dweller *dweller)
{
	struct office *office = dweller->office;
	int64_t when_us = lan_lease(stage, stage->now_us, dweller->host, &office->dhcp);
	when_us = lan_arrive(stage, when_us, dweller->host);
	when_us = talk_arp(stage, when_us, dweller->host, &office->router, office->router.v4);
	if (!address_is_unspecified(&dweller->host->v6_local))
		when_us = talk_nd(stage, when_us, dweller->host, &office->router);
	dweller->has_arrived = true;
	return when_us + stage_between(stage, 1, 20) * WHEN_SECOND_US;
}

static int64_t pc_step(struct stage *stage, struct actor *actor)
{
	struct dweller *pc = (struct dweller *)actor;
	if (!pc->has_arrived)
		return arrive(stage, pc);
	office_act(stage, pc->office, pc->host);
	return stage_after(stage, pc->office->plan.desk_gap_us);
}

/* A phone asks its push service now and then, and is used little. */
static int64_t phone_step(struct stage *stage, struct actor *actor)
{
	struct dweller *phone = (struct dweller *)actor;
	struct office *office = phone->office;
	if (!phone->has_arrived)
		return arrive(stage, phone);

	struct host server;
	bool pushes = stage_one_in(stage, 2);
	host_init_far(
	    &server, &office->router, office->key + (pushes ? SITES : stage_below(stage, SITES)));
	struct talk talk = {
	    .client = phone->host,
	    .server = &server,
	    .server_port = pushes ? PORT_PUSH : PORT_HTTPS,
	    .round_trip_us = stage_between(stage, 20000, 90000),
	    .up_bytes = 500,
	    .down_bytes = pushes ? 200 : 6000,
	};
	lan_refresh(stage, stage->now_us, phone->host, &office->router);
	talk_tcp(stage, stage->now_us + 1000, &talk);
	return stage_after(stage, 8 * WHEN_MINUTE_US);
}

/* The router announces its IPv6 prefix, and keeps its table of neighbours fresh. */
static int64_t router_step(struct stage *stage, struct actor *actor)
{
	struct office *office = ((struct dweller *)actor)->office;
	if (stage_one_in(stage, 12))
		lan_advertise(stage, stage->now_us, &office->router);
	struct host *pc = &office->pcs[stage_below(stage, office->plan.pcs)];
	if (stage->now_us > stage->start_us + 2 * MINUTES_TO_ARRIVE * WHEN_MINUTE_US)
		lan_refresh(stage, stage->now_us, &office->router, pc);
	return stage_after(stage, 25 * WHEN_SECOND_US);
}

static void add_dweller(struct stage *stage, struct office *office, struct host *host,
    int64_t (*step)(struct stage *stage, struct actor *actor), int64_t first_us)
{
	struct dweller *dweller = stage_add_actor(stage, sizeof *dweller, step, first_us);
	dweller->office = office;
	dweller->host = host;
}

static void start_machines(struct stage *stage, struct office *office)
{
	const struct office_plan *plan = &office->plan;
	for (unsigned i = 0; i < plan->pcs; i++) {
		enum stack stack = i % 8 == 7 ? STACK_LINUX : STACK_WINDOWS;
		init_host(stage, office, &office->pcs[i], OFFICE_PC_FIRST + i, stack);
		add_dweller(stage, office, &office->pcs[i], pc_step,
		    stage->now_us + stage_between(stage, 5 * WHEN_SECOND_US,
					MINUTES_TO_ARRIVE * WHEN_MINUTE_US));
	}
	for (unsigned i = 0; i < plan->phones; i++) {
		init_host(stage, office, &office->phones[i], OFFICE_PHONE_FIRST + i, STACK_LINUX);
		add_dweller(stage, office, &office->phones[i], phone_step,
		    stage->now_us + stage_between(stage, MINUTES_TO_ARRIVE * WHEN_MINUTE_US,
					HOURS_FOR_PHONES * WHEN_HOUR_US));
	}
}

/* Machines that are always on are heard first. */
static void start_services(struct stage *stage, struct office *office)
{
	init_host(stage, office, &office->router, OFFICE_ROUTER, STACK_LINUX);
	init_host(stage, office, &office->dhcp, OFFICE_DHCP, STACK_LINUX);
	init_host(stage, office, &office->monitor, OFFICE_MONITOR, STACK_LINUX);
	init_host(stage, office, &office->nas, OFFICE_NAS, STACK_LINUX);
	init_host(stage, office, &office->printer, OFFICE_PRINTER, STACK_DEVICE);
	const struct host *const services[] = {
	    &office->router, &office->dhcp, &office->monitor, &office->nas, &office->printer};
	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
		lan_announce(stage, stage->now_us + (int64_t)i * 200000, services[i]);
	lan_advertise(stage, stage->now_us + WHEN_SECOND_US, &office->router);
	add_dweller(stage, office, NULL, router_step, stage->now_us + 2 * WHEN_SECOND_US);
}

struct office *office_start(struct stage *stage, const struct office_plan *plan)
{
	assert(plan->pcs <= OFFICE_PCS_MAX && plan->phones <= OFFICE_PHONES_MAX);
	struct office *office = stage_get_memory(stage, sizeof *office);
	office->plan = *plan;
	office->key = random_u64(&stage->random);
	start_services(stage, office);
	start_machines(stage, office);
	if (plan->has_extras)
		office_start_extras(stage, office);
	return office;
}
