/*
 * bulk_flows.c - many conversations side by side.
 *
 * A flow is a row of steps; at each packet's time one of the flows under way, drawn at random,
 * takes its next step, and one that has ended makes room for a new one. How many are under way
 * follows from the rate, so that a flow's packets lie some 50 ms apart.
 */
#include "decode/decode.h"
#include "drill/bulk.h"
#include "drill/payload.h"
#include "drill/talk.h"

enum {
	FLOWS_MAX = 4096,
	FLOW_GAP_NS = 50 * 1000 * 1000,
	CLIENTS_MAX = 1 << 24, /* addresses of 10/8 */
	SEGMENT_BYTES = 1400,
	ROUNDS_MAX = 6, /* of two segments and their acknowledgement */
	WINDOW = 64240,
	ICMP_ECHO = 8,
	ICMP_ECHO_REPLY = 0,
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PORT_DNS = 53,
	DEAD_SERVERS = 4, /* gone, or with a closed port */
};

#define CLIENT_NETWORK 0x0a000000U

/* One packet of a flow. */
struct step {
	bool by_server;
	uint8_t flags;  /* TCP */
	uint16_t bytes; /* of payload */
};

static const struct step https[] = {
    {false, FACTS_SYN, 0},
    {true, FACTS_SYN | FACTS_ACK, 0},
    {false, FACTS_ACK, 0},
    {false, FACTS_PSH | FACTS_ACK, 517},
    {true, FACTS_ACK, 0},
    {true, FACTS_ACK, SEGMENT_BYTES}, /* a round */
    {true, FACTS_PSH | FACTS_ACK, SEGMENT_BYTES},
    {false, FACTS_ACK, 0},
    {false, FACTS_FIN | FACTS_ACK, 0},
    {true, FACTS_FIN | FACTS_ACK, 0},
    {false, FACTS_ACK, 0},
};

static const struct step quic[] = {
    {false, 0, 1200},
    {true, 0, 1200},
    {true, 0, 1200}, /* a round */
    {true, 0, 900},
    {false, 0, 40},
};

static const struct step asked_and_answered[] = {{false, 0, 48}, {true, 0, 48}};
static const struct step refused[] = {{false, FACTS_SYN, 0}, {true, FACTS_RST | FACTS_ACK, 0}};
static const struct step unanswered[] = {
    {false, FACTS_SYN, 0}, {false, FACTS_SYN, 0}, {false, FACTS_SYN, 0}};

struct kind {
	const struct step *steps;
	uint8_t step_count;
	uint8_t round_first; /* step; with round_last 0 there are no rounds */
	uint8_t round_last;
	uint8_t protocol;
	uint16_t port;
	uint16_t share; /* of the flows, per thousand */
	bool is_dead;   /* its servers are apart from those that answer */
};

#define STEPS(steps) steps, sizeof steps / sizeof steps[0]

static const struct kind kinds[] = {
    {STEPS(https), 5, 7, PROTOCOL_TCP, 443, 400, false},
    {STEPS(https), 5, 7, PROTOCOL_TCP, 80, 60, false},
    {STEPS(https), 5, 7, PROTOCOL_TCP, 993, 40, false},
    {STEPS(quic), 2, 4, PROTOCOL_UDP, 443, 120, false},
    {STEPS(asked_and_answered), 0, 0, PROTOCOL_UDP, PORT_DNS, 300, false},
    {STEPS(asked_and_answered), 0, 0, PROTOCOL_UDP, 123, 40, false},
    {STEPS(asked_and_answered), 0, 0, PROTOCOL_ICMP, 0, 30, false},
    {STEPS(refused), 0, 0, PROTOCOL_TCP, 8080, 5, true},
    {STEPS(unanswered), 0, 0, PROTOCOL_TCP, 443, 5, true},
};

struct flow {
	const struct kind *kind; /* NULL: none is under way here */
	struct address client;
	struct address server;
	uint32_t client_seq;
	uint32_t server_seq;
	uint16_t client_port;
	uint8_t at; /* the next step */
	uint8_t rounds_left;
	uint8_t client_ttl;
	uint8_t server_ttl;
};

struct flows {
	struct actor actor;
	struct bulk_pace pace;
	uint64_t clients;
	uint64_t servers;
	uint64_t key;
	size_t flow_count;
	struct flow flows[FLOWS_MAX];
};

static const struct kind *draw_kind(struct stage *stage)
{
	uint64_t chance = stage_below(stage, 1000);
	const struct kind *kind = kinds;
	while (chance >= kind->share)
		chance -= kind++->share;
	return kind;
}

/* Numbers below 2^24 one to one over 10/8. */
static struct address client_address(uint64_t number, uint64_t key)
{
	uint32_t scattered = ((uint32_t)number * 0x9e3779b1U + (uint32_t)key) & (CLIENTS_MAX - 1);
	return address_from_v4_u32(CLIENT_NETWORK | scattered);
}

static void open_flow(struct stage *stage, struct flows *flows, struct flow *flow)
{
	const struct kind *kind = draw_kind(stage);
	uint64_t client = bulk_pick(stage, flows->clients);
	uint64_t server = kind->is_dead ? flows->servers + stage_below(stage, DEAD_SERVERS)
					: bulk_pick(stage, flows->servers);
	uint64_t chance = random_u64(&stage->random);
	*flow = (struct flow){
	    .kind = kind,
	    .client = client_address(client, flows->key),
	    .server = address_far(flows->key + server),
	    .client_seq = (uint32_t)chance,
	    .server_seq = (uint32_t)(chance >> 32),
	    .client_port = (uint16_t)(32768 + (chance >> 20) % 28232),
	    .rounds_left = (uint8_t)((chance >> 56) % ROUNDS_MAX),
	    .client_ttl = client % 4 == 0 ? 63 : 127,
	    .server_ttl = (uint8_t)(40 + server % 20),
	};
}

static void fill_tcp(struct packet *packet, struct flow *flow, const struct step *step)
{
	uint32_t *seq = step->by_server ? &flow->server_seq : &flow->client_seq;
	bool has_ack = (step->flags & FACTS_ACK) != 0;
	packet->kind = PACKET_TCP;
	packet->tcp_flags = step->flags;
	packet->seq = *seq;
	packet->ack = has_ack ? (step->by_server ? flow->client_seq : flow->server_seq) : 0;
	packet->window = WINDOW;
	if ((step->flags & FACTS_SYN) != 0)
		packet->options = has_ack ? PACKET_OPTIONS_MSS : PACKET_OPTIONS_WINDOWS;
	if (flow->kind->steps == unanswered)
		return; /* the same SYN again */
	*seq += step->bytes + ((step->flags & (FACTS_SYN | FACTS_FIN)) != 0 ? 1U : 0U);
}

static void fill_udp(struct packet *packet, const struct flow *flow, const struct step *step)
{
	packet->kind = PACKET_UDP;
	if (flow->kind->port != PORT_DNS)
		return;
	uint16_t id = (uint16_t)flow->server_seq;
	if (step->by_server)
		payload_set_dns_answer(packet, id, flow->client_seq, 0);
	else
		payload_set_dns_question(packet, id, flow->client_seq);
}

static void fill_echo(struct packet *packet, const struct flow *flow, const struct step *step)
{
	packet->kind = PACKET_ICMP;
	packet->icmp_type = step->by_server ? ICMP_ECHO_REPLY : ICMP_ECHO;
	packet->icmp_id = flow->client_port;
	packet->icmp_seq = 1;
}

static void fill_packet(struct packet *packet, struct flow *flow, const struct step *step)
{
	uint16_t port = flow->kind->port;
	packet->source = step->by_server ? flow->server : flow->client;
	packet->target = step->by_server ? flow->client : flow->server;
	packet->ttl = step->by_server ? flow->server_ttl : flow->client_ttl;
	packet->ip_id = (uint16_t)(flow->client_seq + flow->at);
	packet->dont_fragment = true;
	packet->payload_bytes = step->bytes;
	bulk_set_route(packet, step->by_server);
	packet->source_port = step->by_server ? port : flow->client_port;
	packet->target_port = step->by_server ? flow->client_port : port;
	switch (flow->kind->protocol) {
	case PROTOCOL_TCP:
		fill_tcp(packet, flow, step);
		break;
	case PROTOCOL_UDP:
		fill_udp(packet, flow, step);
		break;
	default:
		fill_echo(packet, flow, step);
		break;
	}
}

static void advance(struct flow *flow)
{
	const struct kind *kind = flow->kind;
	bool round_ends = kind->round_last != 0 && flow->at == kind->round_last;
	if (round_ends && flow->rounds_left > 0) {
		flow->rounds_left--;
		flow->at = kind->round_first;
		return;
	}
	flow->at++;
	if (flow->at == kind->step_count)
		flow->kind = NULL;
}

static int64_t flows_step(struct stage *stage, struct actor *actor)
{
	struct flows *flows = (struct flows *)actor;
	struct flow *flow = &flows->flows[stage_below(stage, flows->flow_count)];
	if (flow->kind == NULL)
		open_flow(stage, flows, flow);
	fill_packet(stage_send(stage), flow, &flow->kind->steps[flow->at]);
	advance(flow);
	return bulk_pace_next(&flows->pace, stage);
}

void bulk_flows_start(struct stage *stage, const struct bulk_plan *plan)
{
	struct flows *flows = stage_add_actor(stage, sizeof *flows, flows_step, stage->now_us);
	bulk_pace_init(&flows->pace, stage, plan);
	flows->servers = plan->sources / 4 + 1;
	flows->clients = plan->sources - plan->sources / 4;
	if (flows->clients > CLIENTS_MAX)
		flows->clients = CLIENTS_MAX;
	flows->key = random_u64(&stage->random);
	double under_way = FLOW_GAP_NS / flows->pace.mean_gap_ns;
	flows->flow_count = under_way < 1           ? 1
			    : under_way > FLOWS_MAX ? FLOWS_MAX
						    : (size_t)under_way;
}
