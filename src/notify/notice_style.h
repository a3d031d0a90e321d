/*
 * notice_style.h - the forms that a notice takes for programs: what a chat service or a collector
 * of logs reads.
 */
#ifndef NOTIFY_NOTICE_STYLE_H
#define NOTIFY_NOTICE_STYLE_H

/* Of web hooks, and of collectors (syslog). */
enum notice_style {
	NOTICE_STYLE_OWN, /* JSON of our own (notify/webhook.h); of a collector RFC 5424 */
	NOTICE_STYLE_SLACK,
	NOTICE_STYLE_TEAMS,
	NOTICE_STYLE_MATTERMOST,
	NOTICE_STYLE_DISCORD,
	NOTICE_STYLE_GOOGLE_CHAT,
	NOTICE_STYLE_PLAIN, /* text */
	NOTICE_STYLE_RFC5424,
	NOTICE_STYLE_CEF,
	NOTICE_STYLE_COUNT,
};

enum notice_style_channel {
	NOTICE_STYLE_OF_WEBHOOK,
	NOTICE_STYLE_OF_SYSLOG,
};

/* "" is NOTICE_STYLE_OWN of each channel; -1 for a name that the channel has none of. */
int notice_style_find(const char *name, enum notice_style_channel channel);
/* "slack, teams, ...": for messages. */
const char *notice_style_names(enum notice_style_channel channel);

#endif
