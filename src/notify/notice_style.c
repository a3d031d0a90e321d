#include "notify/notice_style.h"

#include <string.h>

static const struct {
	const char *name;
	enum notice_style_channel channel;
} rows[NOTICE_STYLE_COUNT] = {
    [NOTICE_STYLE_OWN] = {"", NOTICE_STYLE_OF_WEBHOOK},
    [NOTICE_STYLE_SLACK] = {"slack", NOTICE_STYLE_OF_WEBHOOK},
    [NOTICE_STYLE_TEAMS] = {"teams", NOTICE_STYLE_OF_WEBHOOK},
    [NOTICE_STYLE_MATTERMOST] = {"mattermost", NOTICE_STYLE_OF_WEBHOOK},
    [NOTICE_STYLE_DISCORD] = {"discord", NOTICE_STYLE_OF_WEBHOOK},
    [NOTICE_STYLE_GOOGLE_CHAT] = {"google-chat", NOTICE_STYLE_OF_WEBHOOK},
    [NOTICE_STYLE_PLAIN] = {"plain", NOTICE_STYLE_OF_WEBHOOK},
    [NOTICE_STYLE_RFC5424] = {"rfc5424", NOTICE_STYLE_OF_SYSLOG},
    [NOTICE_STYLE_CEF] = {"cef", NOTICE_STYLE_OF_SYSLOG},
};

int notice_style_find(const char *name, enum notice_style_channel channel)
{
	if (name[0] == '\0')
		return NOTICE_STYLE_OWN;
	for (int i = 0; i < NOTICE_STYLE_COUNT; i++)
		if (rows[i].channel == channel && strcmp(rows[i].name, name) == 0)
			return i;
	return -1;
}

const char *notice_style_names(enum notice_style_channel channel)
{
	return channel == NOTICE_STYLE_OF_WEBHOOK
		   ? "slack, teams, mattermost, discord, google-chat, plain"
		   : "rfc5424, cef";
}
