/* wording_en.c - English. Plain words; what was seen, never more. */
#include "notify/wording_internal.h"

#define CALL                                                                                       \
	"Call whoever is in charge of information security, or the company that looks after your " \
	"computers, and say: "
#define TAKE_OFF_HOW                                                                               \
	": pull out the network cable, switch off its wireless. Do not switch the machine itself " \
	"off, since its memory shows what happened."

#define SAY_SEARCH "\"{1} has been searching for {2} since {3}.\""
#define UNEXPLAINED                                                                                \
	"If nobody can explain this, take the machine off the network without switching it off, "  \
	"call whoever is in charge of information security and say: " SAY_SEARCH
#define MISUSED_UPDATE                                                                             \
	"Install the maker's updates. The machine need not be infected, and need not be switched " \
	"off."
#define BORDER_ROUTER                                                                              \
	"Have whoever looks after your border router see that it lets nothing out that bears "     \
	"others' addresses, and nothing in that bears yours (a check of source addresses, called " \
	"uRPF or BCP 38)."

const struct vocabulary wording_en = {
    .messages =
	{
	    [MESSAGE_JOINT] = " ",
	    [MESSAGE_ITEM_JOINT] = ", ",
	    [MESSAGE_WHO_MEMBER] = "{1} of {2}",
	    [MESSAGE_WHO_LOCAL] = "{1} of the local network",
	    [MESSAGE_WHO_STRANGER] = "{1} (an outside address)",
	    [MESSAGE_LOCAL] = "the local network",
	    [MESSAGE_SAYS_DIRECT] = "{1} is {2}.",
	    [MESSAGE_SAYS_ONE_WAY] = "Packets bearing the address {1} are {2}.",
	    [MESSAGE_SAYS_POSSIBLY_FORGED] =
		"Packets bearing the address {1}, which may be forged, are {2}.",
	    [MESSAGE_SAYS_LIKELY_FORGED] =
		"Packets bearing the address {1}, which is probably forged, are {2}.",
	    [MESSAGE_SAYS_VICTIM] = "{1} ({2}) is being flooded with packets from forged addresses "
				    "(a DDoS attack), or its address is being misused.",
	    [MESSAGE_SAYS_FLOODED] =
		"{1} is being flooded with packets from very many addresses ({2}).",
	    [MESSAGE_SAYS_REFLECTED] = "{1} is being flooded with answers that it never asked for "
				       "({2}): a reflection attack.",
	    [MESSAGE_SAYS_FORGED_CROWD] =
		"Somebody is forging addresses of {1}: packets bearing {2} of them were seen.",
	    [MESSAGE_SAYS_FORGED_UNCOUNTED] = "Somebody is forging addresses of {1}.",
	    [MESSAGE_DOING_SEARCH] = "searching the network for {1} ({2})",
	    [MESSAGE_DOING_SEARCH_INSIDE] = "searching your own networks for {1} ({2})",
	    [MESSAGE_DOING_VERTICAL] =
		"trying {1} {1:port|ports} of one machine to see what it offers ({2})",
	    [MESSAGE_DOING_BLOCK] = "trying {1} {1:port|ports} on {2} {2:machine|machines} to see "
				    "what they offer ({3})",
	    [MESSAGE_DOING_PROTOCOL] =
		"trying {1} IP {1:protocol|protocols} to see which of them a machine speaks",
	    [MESSAGE_DOING_DARK] = "knocking on addresses that nobody uses ({1})",
	    [MESSAGE_DOING_LIVE] = "trying many addresses that do not answer ({1})",
	    [MESSAGE_DOING_SWEEP] =
		"searching the local network: {1} {1:address was|addresses were} asked for ({2})",
	    [MESSAGE_DOING_REFLECT] = "answering addresses that never asked ({1}), as a service "
				      "does that is misused to attack others",
	    [MESSAGE_DOING_STRAY] = "trying again and again to reach a machine that is not there "
				    "({1}), probably because of a wrong setting",
	    [MESSAGE_PORT_TCP] = "TCP {1}",
	    [MESSAGE_PORT_UDP] = "UDP {1}",
	    [MESSAGE_PORT_SCTP] = "SCTP {1}",
	    [MESSAGE_PORT_ICMP] = "ICMP type {1}",
	    [MESSAGE_PORT_ICMP6] = "ICMPv6 type {1}",
	    [MESSAGE_PORT_PING] = "ICMP echo",
	    [MESSAGE_PORT_PING6] = "ICMPv6 echo",
	    [MESSAGE_PORT_ARP] = "ARP",
	    [MESSAGE_PORT_ND] = "IPv6 neighbour discovery",
	    [MESSAGE_PORT_OTHER] = "port {1} of IP protocol {2}",
	    [MESSAGE_PORT_BARE] = "IP protocol {1}",
	    [MESSAGE_PORT_NAMED] = "{1} ({2})",
	    [MESSAGE_PORTS_MORE] = "{1} and {2} more",
	    [MESSAGE_PORTS_NONE] = "port not known",
	    [MESSAGE_SOUGHT] = "{1} ({2})",
	    [MESSAGE_LABEL_WHEN] = "When",
	    [MESSAGE_LABEL_SURE] = "How sure",
	    [MESSAGE_LABEL_STEPS] = "Do first",
	    [MESSAGE_LABEL_NUMBERS] = "Numbers",
	    [MESSAGE_DRILL_TAG] = "[DRILL]",
	    [MESSAGE_DRILL_NOTE] = "This is an exercise: the packets were made for it.",
	    [MESSAGE_SEVERITY_TAG] = "[{1}]",
	    [MESSAGE_STAMP] = "{1} ({2})",
	    [MESSAGE_WHEN_ONCE] = "Once   {1}",
	    [MESSAGE_WHEN_FIRST] = "First  {1}",
	    [MESSAGE_WHEN_LAST] = "Last   {1}",
	    [MESSAGE_WHEN_LONG] = "Lasted {1}",
	    [MESSAGE_WHEN_EVENTS] = "It came in {1} bouts:",
	    [MESSAGE_EVENT] = "{1}, {2}: {3} {3:packet|packets}, {4} {4:address|addresses}",
	    [MESSAGE_EVENTS_MORE] = "and {1} more",
	    [MESSAGE_DAYS] = "{1} {1:day|days} {2} h",
	    [MESSAGE_HOURS] = "{1} h {2} min",
	    [MESSAGE_MINUTES] = "{1} min {2} s",
	    [MESSAGE_SECONDS] = "{1} s",
	    [MESSAGE_DAYS_EVEN] = "{1} {1:day|days}",
	    [MESSAGE_HOURS_EVEN] = "{1} h",
	    [MESSAGE_MINUTES_EVEN] = "{1} min",
	    [MESSAGE_NO_SECOND] = "less than a second",
	    [MESSAGE_SURE_CERTAIN] = "Nearly certain ({1} %).",
	    [MESSAGE_SURE_VERY_LIKELY] = "Very likely ({1} %).",
	    [MESSAGE_SURE_LIKELY] = "Likely ({1} %).",
	    [MESSAGE_SURE_POSSIBLE] = "Possible ({1} %).",
	    [MESSAGE_SENDERS_NOT_ACCUSED] =
		"The senders are not accused of anything: in such floods addresses are often "
		"forged, or belong to machines that are misused themselves.",
	    [MESSAGE_DARK_PARTLY_INFERRED] =
		"Of these, {2} {2:is|are} taken as unused only because {2:it was|they were} never "
		"seen to send anything.",
	    [MESSAGE_TTL_ONE] = "Its packets all came over the same distance (TTL {1}).",
	    [MESSAGE_NUMBERS_SENT] = "{1} {1:packet|packets} to {2} {2:address|addresses}.",
	    [MESSAGE_NUMBERS_DARK] = "Nobody uses {1} of them.",
	    [MESSAGE_NUMBERS_ANSWERED] =
		"{1} {1:answer|answers} to {2} {2:address|addresses} that had not asked.",
	    [MESSAGE_NUMBERS_RECEIVED] = "{1} {1:packet|packets} from {2} {2:sender|senders}.",
	    [MESSAGE_NUMBERS_RATE] = "Up to {1} packets per second were seen.",
	    [MESSAGE_NUMBERS_TOOL] = "{1} {1:packet bears|packets bear} the mark of {2}.",
	    [MESSAGE_NUMBERS_ROLE] = "Role: {1}.",
	    [MESSAGE_NUMBERS_SHAPE] = "Pattern: {1}.",
	    [MESSAGE_NUMBERS_PORT] = "{1}: {2} {2:packet|packets}, {3} {3:address|addresses}",
	    [MESSAGE_NUMBERS_PORT_PACKETS] = "{1}: {2} {2:packet|packets}",
	    [MESSAGE_NUMBERS_PORTS_MORE] = "and {1} more",
	    [MESSAGE_NUMBERS_SOURCE_PORTS] =
		"Source {2:port|ports}: {1}. With the times above they find the machine in the log "
		"of a NAT router or a proxy.",
	    [MESSAGE_OVERVIEW] = "{1} {1:finding|findings}, the most urgent first: {2}",
	    [MESSAGE_OVERVIEW_PART] = "{1} {2}",
	    [MESSAGE_NO_FINDING] = "No finding.",
	    [MESSAGE_NO_FINDING_MEMBERS] =
		"Nothing was found on your members' machines that calls for action.",
	    [MESSAGE_NO_FINDING_LOCAL] =
		"Nothing was found on the local network (private addresses) that calls for action. "
		"Name your own ranges with --member NAME=PREFIX to have them judged as yours.",
	    [MESSAGE_STRANGERS] = "Outside addresses: {1} {1:finding|findings}, the largest first",
	    [MESSAGE_COLUMN_ADDRESS] = "Address",
	    [MESSAGE_COLUMN_WHAT] = "What was seen",
	    [MESSAGE_COLUMN_PACKETS] = "Packets",
	    [MESSAGE_COLUMN_TARGETS] = "Addresses",
	    [MESSAGE_COLUMN_PORTS] = "Ports",
	    [MESSAGE_STRANGERS_MORE] =
		"{1} more {1:is|are} not shown; see all with --all or --format json.",
	    [MESSAGE_WATCH] = "Too little for an alarm, to be watched ({1})",
	    [MESSAGE_WATCH_LINE] = "{1} ({2}), from {3}: {4}",
	    [MESSAGE_WATCH_MORE] =
		"{1} more {1:is|are} not shown; see all with --all or --format json.",
	    [MESSAGE_LABEL_READ] = "What was read",
	    [MESSAGE_READ] = "{1} {1:file|files}, {2} {2:packet|packets} ({3} {3:byte|bytes}); {4} "
			     "{4:address was|addresses were} seen sending.",
	    [MESSAGE_READ_SPAN] = "From {1} to {2}: {3}.",
	    [MESSAGE_READ_NOTHING] = "No packet was read from {1} {1:file|files}.",
	    [MESSAGE_FILTERED] = "The filter kept out {1} more {1:packet|packets}.",
	    [MESSAGE_UNREAD] = "{1} {1:packet|packets} could not be read in full: {2} cut short, "
			       "{3} damaged, {4} of a kind that is not supported.",
	    [MESSAGE_UNREAD_LINK] = "{1} {1:packet|packets} came from a kind of link that is not "
				    "supported (link type {2}).",
	    [MESSAGE_DROPPED] =
		"{1} {1:packet was|packets were} lost before {1:it|they} could be judged: "
		"findings may be missing.",
	    [MESSAGE_EVICTED] = "{1} {1:record was|records were} given up to stay within the "
				"memory limit: slow searches may have been missed (--memory).",
	    [MESSAGE_OMITTED] = "{1} {1:finding|findings} of the least weight, outside addresses "
				"first, {1:is|are} not told of to stay within the memory limit "
				"(--memory).",
	    [MESSAGE_FORGED] =
		"{1} {1:packet|packets} bore a sender's address that no machine can have.",
	    [MESSAGE_CLOCK] = "The clock of the capture jumped {1} {1:time|times}.",
	    [MESSAGE_DARK] = "{1} IPv4 {1:address that was|addresses that were} declared unused "
			     "(dark) {1:was|were} watched.",
	    [MESSAGE_DARK_REACH] =
		"A machine that searches the whole Internet at random with 100 packets a second "
		"meets one of them after {1} on average, and within {2} in 95 of 100 cases.",
	    [MESSAGE_DARK_V6] = "IPv6 addresses that were declared unused (dark) were watched.",
	    [MESSAGE_DARK_INFERRED] =
		"Unused (dark) addresses were inferred: addresses of the watched ranges that never "
		"sent a packet in this capture. A machine that only kept quiet looks unused, so "
		"declared ranges (--dark) make findings surer.",
	    [MESSAGE_DARK_NONE] =
		"No unused (dark) address was watched. Only contacts that failed can show a "
		"search, so one that meets answers everywhere stays unseen (--dark, --infer-dark).",
	    [MESSAGE_COUNTED_STRANGERS] =
		"About {1} outside {1:address|addresses} sent {2} {2:packet|packets} to unused "
		"addresses.",
	    [MESSAGE_COUNTED_STRANGERS_MOST] =
		"At most about {1} outside {1:address|addresses} sent {2} {2:packet|packets} to "
		"unused addresses.",
	    [MESSAGE_COUNTED_MEANING] =
		"Such packets are usual on the Internet and no sign of anything wrong with your "
		"members' machines. Without --all-hosts they are counted, not judged.",
	    [MESSAGE_COUNTED_PORTS] = "Most often asked for:",
	    [MESSAGE_COUNTED_PORT] = "{1}: {2} of the packets, about {3} {3:sender|senders}",
	    [MESSAGE_SHARE] = "{1} %",
	    [MESSAGE_SHARE_BELOW] = "less than {1} %",
	    [MESSAGE_COUNTED_IN_SUMS] =
		"Memory for outside addresses ran short, and some are kept only in sums per "
		"network: {1}. No packet is missing from the total, but numbers of senders and "
		"ports may be less exact; a larger --memory keeps them apart. Members' machines "
		"have memory of their own.",
	    [MESSAGE_COUNTED_FOLDED] = "{1} {1:record|records}",
	    [MESSAGE_COUNTED_REFUSED] = "{1} {1:answer|answers} from addresses seldom seen",
	},
    .severities =
	{
	    [SEVERITY_INFO] = "INFO",
	    [SEVERITY_LOW] = "LOW",
	    [SEVERITY_MEDIUM] = "MEDIUM",
	    [SEVERITY_HIGH] = "HIGH",
	    [SEVERITY_CRITICAL] = "CRITICAL",
	},
    .titles =
	{
	    [RULE_SCAN_DARK] = "scan, unused addr.",
	    [RULE_SCAN_SWEEP] = "local sweep",
	    [RULE_SCAN_LIVE] = "scan",
	    [RULE_DDOS_VICTIM] = "under attack (DDoS)",
	    [RULE_DDOS_INCOMING] = "flood arriving",
	    [RULE_DDOS_REFLECTOR] = "misused reflector",
	    [RULE_CONFIG_STRAY] = "wrong setting",
	    [RULE_SPOOF_MEMBER] = "forged addresses",
	},
    .roles =
	{
	    [ROLE_ACTOR] = "sender",
	    [ROLE_VICTIM] = "attacked machine",
	},
    .shapes =
	{
	    [SHAPE_NONE] = "none in particular",
	    [SHAPE_HORIZONTAL] = "few ports on many addresses (horizontal)",
	    [SHAPE_VERTICAL] = "many ports of one address (vertical)",
	    [SHAPE_BLOCK] = "many ports on several addresses (block)",
	    [SHAPE_PROTOCOL] = "many IP protocols (protocol)",
	},
    .attributions =
	{
	    [ATTRIBUTION_ONE_WAY] =
		"Only packets bearing the address were seen, nothing that proves who sent them.",
	    [ATTRIBUTION_TWO_WAY] = "The machine was seen to answer under its address.",
	    [ATTRIBUTION_HANDSHAKE] =
		"The machine was seen to complete a connection under its address.",
	},
    .spoofs =
	{
	    [SPOOF_UNLIKELY] = "A forged address is unlikely.",
	    [SPOOF_POSSIBLE] = "The address may be forged.",
	    [SPOOF_LIKELY] = "The address is probably forged.",
	},
    .reasons =
	{
	    [REASON_DARK_TARGETS] = "Packets went to {1} {1:address|addresses} that nobody uses "
				    "(dark addresses), where nothing legitimate is sent.",
	    [REASON_DARK_WATCH] = "Packets went to {1} {1:address|addresses} that nobody uses "
				  "(dark addresses): too few for an alarm.",
	    [REASON_MARK] = "{1} {1:packet bears|packets bear} the mark of {2}; by chance one "
			    "packet in 4 billion would.",
	    [REASON_NET_FAILURES] =
		"Of the addresses tried, {2} refused or kept silent and {3} answered; on one port "
		"failures outran answers by {1}. In ordinary use nearly all answer.",
	    [REASON_NET_FAILURES_ALL] =
		"Of the addresses tried, {2} refused or kept silent and {3} answered; on all ports "
		"together failures outran answers by {1}. In ordinary use nearly all answer.",
	    [REASON_WATCH_FAILURES] =
		"Of the addresses tried, {2} refused or kept silent and {3} answered; failures "
		"outran answers by {1}, too few for an alarm.",
	    [REASON_PORTS_OF_TARGET] = "{1} {1:port|ports} of one address were refused or silent; "
				       "{2} {2:address was|addresses were} treated so.",
	    [REASON_PROTOCOLS] = "{1} IP {1:protocol was|protocols were} tried on one address.",
	    [REASON_ADDRESS_ORDER] =
		"The addresses were gone through in order ({1} % of the steps).",
	    [REASON_DENSITY] = "The addresses lie close together: {1} of {2} in one network.",
	    [REASON_PEER_TO_PEER] =
		"It looks like peer-to-peer software (file sharing, calls, games): {1} % answered, "
		"and {2} {2:machine|machines} exchanged data with one and the same port of it.",
	    [REASON_WEB_CLIENT] =
		"It looks like ordinary use of the web: {1} {1:server|servers} did not answer.",
	    [REASON_RETRIES] = "It looks like retries: the same {1} {1:address|addresses} again "
			       "and again, one at a time.",
	    [REASON_INFERRED] =
		"That nobody uses these addresses was only inferred, since they were "
		"never seen to send anything; that makes it less sure.",
	    [REASON_UNHELD] = "On the local network {1} {1:address was|addresses were} asked for "
			      "that no machine holds, within {2} {2:minute|minutes}.",
	    [REASON_ROUTER] =
		"It is a router or a DHCP server; these ask on behalf of other machines.",
	    [REASON_BACKSCATTER] =
		"{1} {1:answer|answers} that nobody had asked for came within {2}, up to {3} in "
		"one minute. Such answers (backscatter) come from a machine that is being flooded "
		"under forged addresses; they are no sign of an infection.",
	    [REASON_BACKSCATTER_WIDE] =
		"{1} {1:answer|answers} that nobody had asked for went to {2} different "
		"{2:address|addresses}. Such answers (backscatter) come from a machine that is "
		"being flooded under forged addresses; they are no sign of an infection.",
	    [REASON_REAL_RATE] = "Judging by the {2} {2:address|addresses} watched, the whole "
				 "flood is about {1} packets per second.",
	    [REASON_FORGED_NETWORKS] = "The answers went to {1} different {1:network|networks} "
				       "(/16), as happens when senders are forged at random.",
	    [REASON_FLOOD_SENDERS] =
		"Within a minute {1} {1:sender|senders} came that it had never contacted, {3} "
		"packets per second; {2} % of them went on to a real exchange.",
	    [REASON_FLOOD_REPLIES] = "Within a minute {1} {1:sender|senders} sent answers that it "
				     "had never asked for, {2} packets per second.",
	    [REASON_REFLECTED_DARK] = "{1} {1:answer|answers} went to {2} {2:address|addresses} "
				      "that nobody uses, within {3}; these cannot have asked.",
	    [REASON_STRAY] =
		"{2} {2:packet|packets} went to {1} unused {1:address|addresses}, again and again "
		"over {3}, as from a printer, monitoring or server setting that is out of date.",
	    [REASON_MEMBER_CROWD] = "{1} {1:address|addresses} of the same organisation, each with "
				    "very few packets, did the same "
				    "at once ({2} % of its addresses that sent anything then).",
	    [REASON_EXTRAPOLATED_RATE] =
		"Judging by the {2} {2:address|addresses} watched, it sends about {1} packets per "
		"second to the whole Internet.",
	},
    .spoof_reasons =
	{
	    [SPOOF_HANDSHAKE_SEEN] = "It completed a connection, which a forged address cannot.",
	    [SPOOF_TWO_WAY_SEEN] = "It answered, or held its address on the local network.",
	    [SPOOF_TTL_STEADY] =
		"Its packets all came over nearly the same distance (TTL {1} to {2}).",
	    [SPOOF_TTL_SPREAD] = "Its packets came over very different distances (TTL {1} to {2}).",
	    [SPOOF_MANY_PACKETS] =
		"It sent {1} {1:packet|packets}, while forgers spread theirs over many addresses.",
	    [SPOOF_FEW_PACKETS] =
		"It sent only {1} {1:packet|packets}, as each address in a forged flood does.",
	    [SPOOF_CROWD_OF_MEMBER] =
		"{1} {1:address|addresses} of the same organisation did the same at once.",
	    [SPOOF_TOOL_NEEDS_REPLY] = "A scanner under a forged address would learn nothing.",
	},
    .tools =
	{
	    [TOOL_MIRAI] = "the Mirai family of malware",
	    [TOOL_ZMAP] = "the scanning program ZMap",
	    [TOOL_MASSCAN] = "the scanning program Masscan",
	    [TOOL_NMAP] = "the scanning program Nmap",
	    [TOOL_UNICORNSCAN] = "the scanning program Unicornscan",
	},
    .services =
	{
	    [SERVICE_OTHER] = "service not known",
	    [SERVICE_FTP] = "file transfer, FTP",
	    [SERVICE_SSH] = "remote login, SSH",
	    [SERVICE_TELNET] = "remote login, Telnet",
	    [SERVICE_MAIL] = "mail",
	    [SERVICE_DNS] = "name lookup, DNS",
	    [SERVICE_WEB] = "web",
	    [SERVICE_NTP] = "time, NTP",
	    [SERVICE_WINDOWS_SHARE] = "Windows file sharing, SMB",
	    [SERVICE_WINDOWS_NAME] = "Windows names, NetBIOS",
	    [SERVICE_WINDOWS_REMOTE] = "Windows remote control",
	    [SERVICE_REMOTE_DESKTOP] = "remote desktop, RDP",
	    [SERVICE_REMOTE_SCREEN] = "remote screen, VNC",
	    [SERVICE_SNMP] = "network management, SNMP",
	    [SERVICE_SYSLOG] = "log server, syslog",
	    [SERVICE_PRINTER] = "printing",
	    [SERVICE_DATABASE] = "database",
	    [SERVICE_DIRECTORY] = "directory, LDAP",
	    [SERVICE_SSDP] = "device discovery, SSDP",
	    [SERVICE_DISCOVERY] = "device discovery",
	    [SERVICE_TELEPHONY] = "Internet telephony, SIP",
	    [SERVICE_ANDROID] = "Android debugging, ADB",
	    [SERVICE_ROUTER] = "remote maintenance of routers",
	    [SERVICE_MEMCACHED] = "memcached",
	    [SERVICE_INDUSTRY] = "control of buildings and plants",
	    [SERVICE_MQTT] = "messages of devices, MQTT",
	    [SERVICE_CONTAINER] = "container control",
	    [SERVICE_VPN] = "VPN",
	    [SERVICE_DHCP] = "address assignment, DHCP",
	    [SERVICE_PING] = "ping",
	},
    .sought =
	{
	    [SERVICE_OTHER] = "open services",
	    [SERVICE_FTP] = "FTP file servers",
	    [SERVICE_SSH] = "machines that accept SSH logins",
	    [SERVICE_TELNET] = "devices that accept Telnet logins, such as cameras and recorders",
	    [SERVICE_MAIL] = "mail servers",
	    [SERVICE_DNS] = "name servers",
	    [SERVICE_WEB] = "web servers",
	    [SERVICE_NTP] = "time servers",
	    [SERVICE_WINDOWS_SHARE] = "Windows file shares",
	    [SERVICE_WINDOWS_NAME] = "Windows machines by name",
	    [SERVICE_WINDOWS_REMOTE] = "Windows machines that can be controlled remotely",
	    [SERVICE_REMOTE_DESKTOP] = "Windows remote desktops",
	    [SERVICE_REMOTE_SCREEN] = "machines that share their screen",
	    [SERVICE_SNMP] = "network devices that can be managed remotely",
	    [SERVICE_SYSLOG] = "log servers",
	    [SERVICE_PRINTER] = "printers",
	    [SERVICE_DATABASE] = "databases",
	    [SERVICE_DIRECTORY] = "directory servers",
	    [SERVICE_SSDP] = "devices that announce themselves",
	    [SERVICE_DISCOVERY] = "devices that announce themselves",
	    [SERVICE_TELEPHONY] = "Internet telephones",
	    [SERVICE_ANDROID] = "Android devices with open debugging access",
	    [SERVICE_ROUTER] = "routers with open remote maintenance",
	    [SERVICE_MEMCACHED] = "memcached servers",
	    [SERVICE_INDUSTRY] = "control systems of buildings and plants",
	    [SERVICE_MQTT] = "message servers of devices",
	    [SERVICE_CONTAINER] = "container hosts",
	    [SERVICE_VPN] = "VPN gateways",
	    [SERVICE_DHCP] = "DHCP servers",
	    [SERVICE_PING] = "machines that answer a ping",
	},
    .steps =
	{
	    [ADVICE_LOOKING] =
		{
		    "Find the machine that uses {1}. Nearly always this is harmless: Windows or a "
		    "telephone that looks for a printer, a shared folder or a screen.",
		    "See whether it was brought here from another network, or whether its settings "
		    "still name a printer or server that was moved or removed, and correct that.",
		    UNEXPLAINED,
		},
	    [ADVICE_MONITORING] =
		{
		    "Find the machine that uses {1} and ask whoever looks after it whether a "
		    "monitoring or inventory program runs there: such programs ask one address "
		    "after another.",
		    "If one does, limit it in its settings to addresses that are in use, or have "
		    "it entered as known by whoever runs this station. Then these notices end.",
		    UNEXPLAINED,
		},
	    [ADVICE_PRINTER] =
		{
		    "Find the machine that uses {1} and see whether it looks for a printer: a "
		    "printer driver or print management searches like this, often after a printer "
		    "was moved. That is harmless.",
		    "If so, correct the printer's address in its settings, or remove the printer "
		    "there.",
		    UNEXPLAINED,
		},
	    [ADVICE_DATABASE] =
		{
		    "Find the machine that uses {1}, usually a server, and ask whoever looks after "
		    "it whether a backup, monitoring or an inventory runs there.",
		    "If nobody can explain this, take the machine off the network" TAKE_OFF_HOW,
		    CALL SAY_SEARCH
		    " Then have them see whether programs run on it that nobody knows.",
		},
	    [ADVICE_LOGIN] =
		{
		    "Find the machine that uses {1}, usually a server or a storage box (NAS), and "
		    "ask whoever looks after it whether a program of theirs does this.",
		    "If nobody can explain this, take the machine off the network" TAKE_OFF_HOW,
		    CALL SAY_SEARCH
		    " Then have them see who has logged in to it of late, and replace its "
		    "passwords and keys from another machine.",
		},
	    [ADVICE_ROUTER] =
		{
		    "Find the device that uses {1}: often a router, a camera or a recorder. Behind "
		    "a router that shares one address (NAT), look in its log for the times and "
		    "source ports given here.",
		    "Unplug it from the network, then switch it off and on. Before you connect it "
		    "again, install the maker's update, change its password, and switch off its "
		    "remote maintenance from the Internet and UPnP.",
		    "If there is no update, or it begins again, leave it unplugged, call its "
		    "vendor and say: " SAY_SEARCH,
		},
	    [ADVICE_REMOTE_DESKTOP] =
		{
		    "Find the machine that uses {1} and take it off the network at "
		    "once" TAKE_OFF_HOW,
		    CALL SAY_SEARCH,
		    "Have them see who has logged in to it from outside, replace its passwords "
		    "from another machine, and let remote desktops be reached from the Internet "
		    "only through a VPN.",
		},
	    [ADVICE_DEVICE] =
		{
		    "Find the device that uses {1}: often a camera, a recorder or a router. Behind "
		    "a router that shares one address (NAT), look in its log for the times and "
		    "source ports given here.",
		    "Unplug it from the network, then switch it off and on: malware of this kind "
		    "usually lives in memory only. Before you connect it again, install the "
		    "maker's update and change its password.",
		    "If there is no update, or it begins again, leave it unplugged, call its "
		    "vendor and say: \"{1} has been searching for {2} since {3}.\"",
		},
	    [ADVICE_WINDOWS] =
		{
		    "Find the machine that uses {1} and take it off the network at "
		    "once" TAKE_OFF_HOW,
		    CALL "\"{1} has been searching for {2} since {3}.\"",
		    "Until they answer, use and change nothing on it, and see whether other "
		    "machines of the same network are reported as well.",
		},
	    [ADVICE_MACHINE] =
		{
		    "Find the machine that uses {1} and ask its user whether a test or a "
		    "monitoring program runs there.",
		    "If nobody can explain this, take the machine off the network" TAKE_OFF_HOW,
		    CALL "\"{1} has been searching for {2} since {3}.\"",
		},
	    [ADVICE_TOOL] =
		{
		    "A scanning program runs under {1}. Ask the machine's user whether that is "
		    "meant, for example as a security test.",
		    "If nobody can explain this, take the machine off the network" TAKE_OFF_HOW,
		    CALL "\"A scanning program on {1} has been searching for {2} since {3}.\"",
		},
	    [ADVICE_PROBE] =
		{
		    "Find the machine that uses {1} and ask its user whether a security test or a "
		    "monitoring program runs there: those look just like this.",
		    "If nobody can explain this, take the machine off the network" TAKE_OFF_HOW,
		    CALL "\"{1} has been trying one port or protocol after another on other "
			 "machines since {3}.\"",
		},
	    [ADVICE_FORGED] =
		{
		    "Do not act against the machine yet: somebody else may have used the address "
		    "{1}.",
		    "Look in the log of your firewall or router whether {1} sent packets to {4} "
		    "from {3} on. If it did, take the machine off the network without switching "
		    "it off, and call whoever is in charge of information security.",
		    "If it did not, nothing needs to be done on the machine. " BORDER_ROUTER,
		},
	    [ADVICE_SWEEP] =
		{
		    "Find the machine that uses {1} on this local network and ask its user whether "
		    "an inventory, a management tool, a search for printers or monitoring runs "
		    "there; many such cases turn out harmless.",
		    "If nobody can explain this, take the machine off the network" TAKE_OFF_HOW,
		    CALL
		    "\"{1} has been searching our local network for other machines since {3}.\"",
		},
	    [ADVICE_VICTIM] =
		{
		    "Leave the machine running and see whether its service works ({4}). Nothing "
		    "here says that it is infected.",
		    "If it is slow or out of reach, call your Internet provider or hosting company "
		    "and say: \"{1} ({4}) seems to have been under a DDoS attack since {3}.\"",
		    "Keep the logs of the machine and of the firewall from that time.",
		},
	    [ADVICE_FLOODED] =
		{
		    "Leave the machine running and see whether its service works ({4}).",
		    "If it is slow or out of reach, call your Internet provider or hosting company "
		    "and say: \"{1} ({4}) has been under a DDoS attack since {3}. Please filter "
		    "it.\"",
		    "Keep the logs of that time, and do nothing against the senders.",
		},
	    [ADVICE_REFLECTED] =
		{
		    "Leave the machine running and see whether its service works.",
		    "If it is slow or out of reach, call your Internet provider and say: \"Since "
		    "{3} answers that nobody asked for are flooding {1} (from {4}). Please filter "
		    "them.\"",
		    "Keep the logs of that time, and do nothing against the senders: they are "
		    "usually misused themselves.",
		},
	    [ADVICE_REFLECTOR] =
		{
		    "Find the service on {1} ({4}) and limit it, in its settings or at the "
		    "firewall, to those who need it: it answers anybody on the Internet.",
		    "If you cannot, call the vendor or whoever looks after it and say: \"The "
		    "service on {1} ({4}) has been misused for reflection attacks since {3}. "
		    "Please "
		    "close it to the outside.\"",
		    MISUSED_UPDATE,
		},
	    [ADVICE_REFLECTOR_DNS] =
		{
		    "Find the name server (DNS) on {1} ({4}): it answers anybody on the Internet. "
		    "In its settings allow recursion to your own networks only, or close UDP 53 "
		    "from outside at the firewall.",
		    "If you cannot, call the vendor or whoever looks after it and say: \"The name "
		    "server on {1} ({4}) has been misused for reflection attacks since {3}. Please "
		    "close "
		    "its recursion to outsiders (open resolver).\"",
		    MISUSED_UPDATE,
		},
	    [ADVICE_REFLECTOR_NTP] =
		{
		    "Find the time service (NTP) on {1} ({4}): it answers questions of anybody on "
		    "the Internet. In its settings refuse all but the time itself (monlist off, "
		    "\"restrict default noquery\"), or close UDP 123 from outside at the firewall.",
		    "If you cannot, call the vendor or whoever looks after it and say: \"The time "
		    "service on {1} ({4}) has been misused for reflection attacks since {3}. "
		    "Please "
		    "switch off monlist and close it to the outside.\"",
		    MISUSED_UPDATE,
		},
	    [ADVICE_REFLECTOR_MEMCACHED] =
		{
		    "Find the memcached on {1} ({4}): it has no password, and answers anybody on "
		    "the Internet. Close port 11211 from outside at the firewall at once, and "
		    "switch off its UDP (-U 0).",
		    "If you cannot, call whoever looks after it and say: \"The memcached on {1} "
		    "({4}) has been misused for reflection attacks since {3}. Please close it to "
		    "the "
		    "outside.\"",
		    "What lay in it may have been read or changed by strangers: have whoever looks "
		    "after it check that.",
		},
	    [ADVICE_REFLECTOR_DEVICE] =
		{
		    "Find the device that uses {1} ({4}), often a router, a printer or a camera. "
		    "In its settings switch off what answers there (UPnP, SSDP, SNMP, discovery) "
		    "towards the Internet, or close it at the firewall.",
		    "If you cannot, call the vendor or whoever looks after it and say: \"The "
		    "device {1} ({4}) has been misused for reflection attacks since {3}. Please "
		    "close "
		    "that service to the outside.\"",
		    MISUSED_UPDATE,
		},
	    [ADVICE_STRAY] =
		{
		    "Look in the settings of {1} for a printer, server or monitoring system that "
		    "was moved or removed ({4}).",
		    "Correct the address there, or remove the entry.",
		    "There is no hurry, and no sign of an infection.",
		},
	    [ADVICE_FORGED_MEMBER] =
		{
		    "Nothing needs to be done on the machines with these addresses.",
		    "If somebody complains about them, answer that the addresses were forged, and "
		    "attach this report.",
		    BORDER_ROUTER,
		},
	    [ADVICE_STRANGER] =
		{
		    "Nothing needs to be done if {1} is not yours: attacks and searches are seen "
		    "on the Internet all the time.",
		    "If it is yours, name its range with --member NAME=PREFIX and read again: then "
		    "the steps for it are given.",
		    NULL,
		},
	},
};
