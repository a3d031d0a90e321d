/* http.c - connections: who is let in, who must make room, and libmicrohttpd in our loop. */
#include "web/http.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/http_internal.h"

enum {
	ACCEPTS_AT_ONCE = 64, /* between which what is connected has its turn */
	V6_SITE_BYTES = 8,    /* of one network, all of whose addresses one host can take */
};

#define TICK_US         INT64_C(1000000)
#define ACCEPT_AGAIN_US INT64_C(200000)

/* ---- Libmicrohttpd's turns ---- */

static void on_run(void *context, uint32_t what);

void http_run_soon(struct http *http)
{
	const struct loop_call call = {on_run, http};
	if (http->run_timer == 0)
		(void)loop_add_timer(http->options.loop, 0, 0, call, &http->run_timer);
}

static void run_daemon(struct http *http)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;
	(void)MHD_run(http->daemon); /* fails only for a daemon with threads of its own */
	/* It has no timeouts: 0 says that there is more to do at once. */
	if (MHD_get_timeout(http->daemon, &wait_ms) == MHD_YES && wait_ms == 0)
		http_run_soon(http);
}

static void on_run(void *context, uint32_t what)
{
	struct http *http = context;
	(void)what;
	http->run_timer = 0;
	run_daemon(http);
}

static void on_daemon(void *context, uint32_t what)
{
	(void)what;
	run_daemon(context);
}

/* ---- Room ---- */

/* Streams have limits of their own. */
static bool is_there(const struct http_slot *slot)
{
	return slot->fd >= 0 && !slot->is_ending && !slot->is_stream;
}

/* One address; of IPv6 a network, since a host there has as many as it likes. */
static bool is_same_peer(const struct address *a, const struct address *b)
{
	const size_t bytes = address_is_v4(a) ? ADDRESS_BYTES : V6_SITE_BYTES;
	return memcmp(a->bytes, b->bytes, bytes) == 0;
}

/* How many this peer has, and the one that was there longest. */
static size_t count_of(struct http *http, const struct address *peer, struct http_slot **ret_oldest)
{
	size_t count = 0;
	*ret_oldest = NULL;
	for (size_t i = 0; i < HTTP_SLOTS; i++) {
		struct http_slot *slot = &http->slots[i];
		if (!is_there(slot) || !is_same_peer(&slot->peer, peer))
			continue;
		count++;
		if (*ret_oldest == NULL || slot->since_us < (*ret_oldest)->since_us)
			*ret_oldest = slot;
	}
	return count;
}

bool http_may_stream(const struct http_request *request)
{
	const struct http *http = request->http;
	size_t all = 0;
	size_t of_peer = 0;
	for (size_t i = 0; i < HTTP_SLOTS; i++) {
		const struct http_slot *slot = &http->slots[i];
		if (slot->fd < 0 || !slot->is_stream)
			continue;
		all++;
		of_peer += is_same_peer(&slot->peer, &request->slot->peer);
	}
	return all < HTTP_STREAMS_MAX && of_peer < HTTP_ADDRESS_STREAMS_MAX;
}

/* What libmicrohttpd then reads is its end, and it cleans up. */
static void end_connection(struct http_slot *slot)
{
	slot->is_ending = true;
	(void)shutdown(slot->fd, SHUT_RDWR); /* where it has ended already nothing is lost */
}

static struct http_slot *oldest_of_most(struct http *http)
{
	struct http_slot *chosen = NULL;
	size_t most = 0;
	for (size_t i = 0; i < HTTP_SLOTS; i++) {
		struct http_slot *oldest;
		if (!is_there(&http->slots[i]))
			continue;
		const size_t count = count_of(http, &http->slots[i].peer, &oldest);
		if (count > most) {
			most = count;
			chosen = oldest;
		}
	}
	return chosen;
}

static size_t count_all(const struct http *http)
{
	size_t count = 0;
	for (size_t i = 0; i < HTTP_SLOTS; i++)
		count += is_there(&http->slots[i]);
	return count;
}

/* For one more of this peer. */
static void make_room(struct http *http, const struct address *peer)
{
	struct http_slot *oldest;
	const bool is_crowd = count_of(http, peer, &oldest) >= HTTP_ADDRESS_MAX;
	if (!is_crowd && count_all(http) < HTTP_CONNECTIONS_MAX)
		return;
	struct http_slot *leaving = is_crowd ? oldest : oldest_of_most(http);
	end_connection(leaving);
	http->counts.displaced++;
}

static struct http_slot *find_slot(struct http *http)
{
	for (size_t i = 0; i < HTTP_SLOTS; i++)
		if (http->slots[i].fd < 0)
			return &http->slots[i];
	return NULL;
}

/* ---- New connections ---- */

/* Where libmicrohttpd takes a connection, and where it has closed it. */
static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
    enum MHD_ConnectionNotificationCode what)
{
	struct http *http = context;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		struct http_slot *slot = *socket_context;
		if (slot != NULL)
			slot->fd = -1;
		return;
	}
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	for (size_t i = 0; info != NULL && i < HTTP_SLOTS; i++)
		if (http->slots[i].fd == info->connect_fd)
			*socket_context = &http->slots[i];
}

static bool read_peer(const struct sockaddr_storage *from, struct address *ret_address)
{
	if (from->ss_family == AF_INET) {
		struct sockaddr_in v4;
		uint8_t bytes[4];
		memcpy(&v4, from, sizeof v4);
		memcpy(bytes, &v4.sin_addr, sizeof bytes);
		*ret_address = address_from_v4(bytes);
		return true;
	}
	if (from->ss_family == AF_INET6) {
		struct sockaddr_in6 v6;
		memcpy(&v6, from, sizeof v6);
		memcpy(ret_address->bytes, &v6.sin6_addr, sizeof ret_address->bytes);
		return true;
	}
	return false;
}

static void add_connection(
    struct http *http, int fd, const struct sockaddr_storage *from, socklen_t from_bytes)
{
	struct address peer;
	if (!read_peer(from, &peer)) {
		(void)close(fd); /* of no family that we listen by */
		return;
	}
	make_room(http, &peer);
	struct http_slot *slot = find_slot(http);
	if (slot == NULL) {
		run_daemon(http); /* takes leave of those that were told to end */
		slot = find_slot(http);
	}
	if (slot == NULL) {
		(void)close(fd); /* of more newcomers at once than there is room for */
		http->counts.displaced++;
		return;
	}
	*slot = (struct http_slot){.http = http,
	    .fd = fd,
	    .peer = peer,
	    .since_us = loop_monotonic_us(http->options.loop)};
	const void *address = from;
	if (MHD_add_connection(http->daemon, fd, address, from_bytes) == MHD_YES)
		http->counts.accepted++;
	else
		slot->fd = -1; /* it has closed it */
}

static void on_newcomers(void *context, uint32_t what);

static void on_accept_again(void *context, uint32_t what)
{
	struct http *http = context;
	(void)what;
	http->accept_timer = 0;
	(void)loop_change_watch(http->options.loop, http->listen_watch, EPOLLIN);
}

/* Without descriptors or memory the newcomer stays at the door, and would wake us on and on. */
static void pause_accepting(struct http *http)
{
	const struct loop_call call = {on_accept_again, http};
	if (loop_add_timer(http->options.loop, ACCEPT_AGAIN_US, 0, call, &http->accept_timer) == 0)
		(void)loop_change_watch(http->options.loop, http->listen_watch, 0);
}

static bool is_passing(int error)
{
	/* accept(2): what was wrong with a connection that is gone */
	return error == ECONNABORTED || error == EINTR || error == EPROTO || error == ENETDOWN ||
	       error == ENOPROTOOPT || error == EHOSTDOWN || error == ENONET ||
	       error == EHOSTUNREACH || error == EOPNOTSUPP || error == ENETUNREACH;
}

static void on_newcomers(void *context, uint32_t what)
{
	struct http *http = context;
	(void)what;
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		struct sockaddr_storage from = {.ss_family = AF_UNSPEC};
		socklen_t bytes = sizeof from;
		void *address = &from;
		const int fd =
		    accept4(http->listen_fd, address, &bytes, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0) {
			add_connection(http, fd, &from, bytes);
			continue;
		}
		if (is_passing(errno))
			continue;
		if (errno != EAGAIN)
			pause_accepting(http);
		break;
	}
	run_daemon(http);
}

/* Its reader takes nothing, or it has been told to end and has not. */
static bool is_stuck(const struct http_slot *slot, int64_t now_us)
{
	return slot->fd >= 0 && !slot->is_ending && slot->is_stream && slot->request != NULL &&
	       !http_stream_tick(slot->request->stream, now_us);
}

static bool is_late(const struct http_slot *slot, int64_t now_us)
{
	return is_there(slot) && now_us - slot->since_us >= HTTP_PATIENCE_US;
}

/* Whoever takes too long has had his time. */
static void on_tick(void *context, uint32_t what)
{
	struct http *http = context;
	const int64_t now_us = loop_monotonic_us(http->options.loop);
	(void)what;
	for (size_t i = 0; i < HTTP_SLOTS; i++) {
		struct http_slot *slot = &http->slots[i];
		const bool is_of_stream = is_stuck(slot, now_us);
		if (!is_of_stream && !is_late(slot, now_us))
			continue;
		end_connection(slot);
		if (is_of_stream)
			http_stream_stop(slot->request->stream);
		http->counts.expired++;
	}
	run_daemon(http);
}

/* ---- The whole ---- */

/* Paths stay as they came (web/route.h). */
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *text)
{
	(void)context;
	(void)connection;
	return strlen(text);
}

/* It reads them when it starts, and changes neither. */
static void *text_of(const char *text)
{
	union {
		const char *text;
		void *taken;
	} source = {.text = text};
	return source.taken;
}

static struct MHD_Daemon *start_daemon(struct http *http)
{
	struct MHD_OptionItem tls[] = {
	    {MHD_OPTION_HTTPS_MEM_CERT, 0, text_of(http->options.certificate)},
	    {MHD_OPTION_HTTPS_MEM_KEY, 0, text_of(http->options.key)},
	    {MHD_OPTION_HTTPS_PRIORITIES, 0, text_of("NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2")},
	    {MHD_OPTION_END, 0, NULL},
	};
	const bool is_tls = http->options.certificate != NULL;
	const unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME;
	return MHD_start_daemon(flags | (is_tls ? MHD_USE_TLS : 0), 0, NULL, NULL, http_on_request,
	    http, MHD_OPTION_NOTIFY_CONNECTION, on_connection, http, MHD_OPTION_NOTIFY_COMPLETED,
	    http_on_completed, http, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_SLOTS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)HTTP_MEMORY_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, 0U,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, is_tls ? tls : &tls[3],
	    MHD_OPTION_END);
}

static int watch_all(struct http *http)
{
	struct loop *loop = http->options.loop;
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	const struct loop_call newcomers = {on_newcomers, http};
	const struct loop_call daemon = {on_daemon, http};
	const struct loop_call tick = {on_tick, http};
	if (info == NULL)
		return -ENOSYS;
	int result = loop_add_watch(loop, http->listen_fd, EPOLLIN, newcomers, &http->listen_watch);
	if (result == 0)
		result = loop_add_watch(loop, info->epoll_fd, EPOLLIN, daemon, &http->daemon_watch);
	if (result == 0)
		result = loop_add_timer(loop, TICK_US, TICK_US, tick, &http->tick_timer);
	return result;
}

int http_new(const struct http_options *options, int listen_fd, struct http **ret_http,
    struct complaint *complaint)
{
	struct http *http = calloc(1, sizeof *http);
	if (http == NULL) {
		(void)close(listen_fd); /* nobody came by it */
		return complain(complaint, -ENOMEM, "http: out of memory");
	}
	for (size_t i = 0; i < options->route_count; i++)
		assert(options->routes[i].body_max_bytes <= HTTP_BODY_MAX_BYTES);
	for (size_t i = 0; i < HTTP_SLOTS; i++)
		http->slots[i].fd = -1;
	http->options = *options;
	http->listen_fd = listen_fd;
	http->daemon = start_daemon(http);
	int result = http->daemon == NULL ? -ENOMEM : watch_all(http);
	if (result == 0) {
		*ret_http = http;
		return 0;
	}
	http_free(http);
	return complain(complaint, result, "http: %s", strerror(-result));
}

void http_free(struct http *http)
{
	if (http == NULL)
		return;
	struct loop *loop = http->options.loop;
	loop_remove(loop, http->listen_watch);
	loop_remove(loop, http->daemon_watch);
	loop_remove(loop, http->tick_timer);
	loop_remove(loop, http->accept_timer);
	if (http->daemon != NULL) {
		http_give_up(http);
		(void)MHD_run(http->daemon); /* what was given up goes on, as it must before */
		MHD_stop_daemon(http->daemon);
	}
	loop_remove(loop, http->run_timer); /* what was given up has set it again */
	(void)close(http->listen_fd);       /* nobody comes by it any more */
	http_packed_release(http);
	free(http);
}

void http_get_counts(const struct http *http, struct http_counts *ret_counts)
{
	*ret_counts = http->counts;
	ret_counts->connections = count_all(http);
	for (size_t i = 0; i < HTTP_SLOTS; i++)
		ret_counts->streams += http->slots[i].fd >= 0 && http->slots[i].is_stream;
}
