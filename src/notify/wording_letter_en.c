/* wording_letter_en.c - letters in English. For readers who run an office, not a network. */
#include "notify/wording_letter.h"

#define SECURITY_THEN_VENDOR                                                                       \
	"Whoever is in charge of information security, then the company that looks after your "    \
	"computers."
#define PROVIDER                                                                                   \
	"Your Internet provider or hosting company, if the service is slow or out of reach."
#define FIND_PROGRAM                                                                               \
	"Please find out which program does this and whether it is meant, and keep the logs of "   \
	"that time."
#define MAY_SPREAD                                                                                 \
	"If it is malware, it can spread to other machines, and others may block your addresses."
#define STRANGER_LEARNS                                                                            \
	"If nobody of yours does this, somebody else is learning what your machines offer, and "   \
	"may come back to use it."
#define LINE_SLOW                                                                                  \
	"The service, or your whole line, may be slow or out of reach for as long as it lasts."
#define DEVICE_VENDOR  "The vendor of the device, or the company that looks after your computers."
#define SERVICE_VENDOR "The vendor of the service, or whoever looks after it."
#define CLEAN_DEVICE                                                                               \
	"Please help us to find out whether the device is infected, and to clean and update it."
#define DEVICE_GOES_ON                                                                             \
	"If it is malware, it goes on looking for other devices, and may be used in attacks; "     \
	"others may then block your addresses."
#define MISUSED_GOES_ON                                                                            \
	"It may go on being used to flood others, and slow your line; others may block your "      \
	"address."
#define KEEPER       "Whoever looks after your computers."
#define FIND_SETTING "Please find out which setting or program does this, and correct it."
#define FIND_LOGIN                                                                                 \
	"Please find out who logged in to this machine and which program does this, and keep the " \
	"logs of that time."
#define HARMLESS_OR_SPREAD                                                                         \
	"If it is a setting or a program of yours, little: its packets get in the way of real "    \
	"warnings. If it is malware, it can spread to other machines."

const struct letter_vocabulary wording_letter_en = {
    .phrases =
	{
	    [PHRASE_TAG_DRILL] = "[DRILL] ",
	    [PHRASE_TAG_UPDATE] = "UPDATE: ",
	    [PHRASE_TAG_RELAPSE] = "AGAIN: ",
	    [PHRASE_TAG_REMINDER] = "NO ANSWER YET: ",
	    [PHRASE_TAG_ESCALATION] = "NOBODY ANSWERED: ",
	    [PHRASE_SUBJECT] = "{1}{2}, {3}: {4}, {5}",
	    [PHRASE_SUBJECT_QUIET] = "NOTHING NEW SEEN: {1}, {2}",
	    [PHRASE_SUBJECT_RETRACTION] = "TAKEN BACK: {1}, {2}",
	    [PHRASE_SUBJECT_WHO] = "{1} {2}",
	    [PHRASE_WHAT_MAYBE_FORGED] = "{1}, address may be forged",
	    [PHRASE_WHAT_PROBABLY_FORGED] = "{1}, address probably forged",
	    [PHRASE_HEADING_MACHINE] = "WHICH MACHINE",
	    [PHRASE_ADDRESS] = "Address: {1}",
	    [PHRASE_ADDRESS_NONE] =
		"As far as was seen, none of yours did anything. One of the misused addresses: {1}",
	    [PHRASE_SEEN_ONCE] = "Seen: {1}",
	    [PHRASE_SEEN_FIRST] = "First: {1}",
	    [PHRASE_SEEN_LAST] = "Last: {1}",
	    [PHRASE_LOGS_FROM] = "In your logs look for packets from {1} to {2}.",
	    [PHRASE_LOGS_TO] = "In your logs look for packets to {1}, {2}.",
	    [PHRASE_LOGS_ANSWERS] = "In your logs look for packets to {1} that come from {2}.",
	    [PHRASE_LOGS_SERVICE] = "In your logs look for packets to and from {1}, {2}.",
	    [PHRASE_HEADING_SURE] = "HOW SURE, AND WHY",
	    [PHRASE_HEADING_STEPS] = "WHAT TO DO NOW",
	    [PHRASE_HEADING_WHOM] = "WHOM TO CALL",
	    [PHRASE_PASTE] = "This can be sent to them as it is:",
	    [PHRASE_PASTE_BEGIN] = "{1} watches for attacks on networks and reports about ours:",
	    [PHRASE_PASTE_TIMES] = "First seen {1}, last seen {2}.",
	    [PHRASE_PASTE_ONCE] = "Seen {1}.",
	    [PHRASE_PASTE_SOURCE_PORTS] = "Source {2:port|ports}: {1}.",
	    [PHRASE_PASTE_DESTINATIONS] = "Sent to {1} {1:address|addresses}, {2}.",
	    [PHRASE_PASTE_REFERENCE] = "Our reference: incident {1}.",
	    [PHRASE_HEADING_NEGLECT] = "IF NOTHING IS DONE",
	    [PHRASE_HEADING_ANSWER] = "PLEASE ANSWER",
	    [PHRASE_ANSWER] = "By this link, without a password; do not pass it on:",
	    [PHRASE_ANSWER_CHOICES] =
		"We are on it - fixed - not ours - a known, harmless machine - send us no more "
		"about this.",
	    [PHRASE_HEADING_NUMBERS] = "NUMBERS",
	    [PHRASE_INCIDENT] = "Incident {1}, rule {2}.",
	    [PHRASE_HEADING_PROGRAMS] = "FOR PROGRAMS",
	    [PHRASE_ATTACHED] = "The attached file finding.json says the same for programs.",
	    [PHRASE_HEADING_CHANGED] = "WHAT IS NEW",
	    [PHRASE_CHANGED_SEVERITY] = "It is now rated {1}; before, {2}.",
	    [PHRASE_CHANGED_SPREAD] =
		"{1} {1:address is|addresses are} involved by now; before, {2}.",
	    [PHRASE_CHANGED_PORTS] = "{1} {1:port is|ports are} involved by now; before, {2}.",
	    [PHRASE_CHANGED_LASTING] = "It still goes on, {1} after it was first seen.",
	    [PHRASE_CHANGED_SINCE] = "We last wrote about it at {1}.",
	    [PHRASE_QUIET] = "Nothing more has been seen of this since {1}.",
	    [PHRASE_QUIET_ABOUT] = "What we had written:",
	    [PHRASE_HEADING_MEANING] = "WHAT IT MEANS",
	    [PHRASE_QUIET_ACTOR_MEANS] =
		"That alone does not show that the cause is gone: the machine may only be switched "
		"off, or go on where we do not watch.",
	    [PHRASE_QUIET_ACTOR_MENDED] =
		"If you found the cause and mended it, nothing more is to be done.",
	    [PHRASE_QUIET_ACTOR_OPEN] =
		"If you did not find it, please still take the steps of our first letter.",
	    [PHRASE_QUIET_VICTIM_MEANS] =
		"The flood has ended, or goes on where we do not watch. Such floods often come "
		"back.",
	    [PHRASE_QUIET_VICTIM_STEP] =
		"See whether the service works again. Nothing more is to be done.",
	    [PHRASE_QUIET_FORGED_MEANS] =
		"Packets bearing these addresses have stopped, or go where we do not watch.",
	    [PHRASE_QUIET_FORGED_STEP] = "Nothing is to be done.",
	    [PHRASE_QUIET_AGAIN] = "If it begins again, we write again.",
	    [PHRASE_RELAPSE] =
		"Nothing had been seen of it since {1}; now it has begun again ({2} {2:time|times} "
		"so far).",
	    [PHRASE_RELAPSE_LOOK] =
		"If something was done about it before, it did not last, or the cause is another.",
	    [PHRASE_HEADING_UNANSWERED] = "NO ANSWER SO FAR",
	    [PHRASE_REMINDER] =
		"We wrote about this at {1}, and nobody has said that it is being looked after. "
		"Please look at it now, or tell us who does.",
	    [PHRASE_ESCALATION] =
		"The contacts of {1} who come first were told at {2} and reminded, and nobody has "
		"answered. You are the next in line: please see to it, or call them.",
	    [PHRASE_EGRESS] =
		"Several organisations share the address {1}. Whose machine it was stands in this "
		"log: {2}. Look there for the times, ports and addresses above, and pass this "
		"notice on to whom it is about.",
	    [PHRASE_RETRACTION] = "We take back our notice of {1} (incident {2}).",
	    [PHRASE_RETRACTION_ALL] =
		"We take back all our notices about incident {2}; the last was of {1}.",
	    [PHRASE_RETRACTION_SORRY] = "We are sorry for the trouble.",
	    [PHRASE_HEADING_RETRACTION] = "WHY WE TAKE IT BACK",
	    [PHRASE_RETRACTION_LATER] =
		"More has been seen since. Taken together, it does not bear out what we wrote.",
	    [PHRASE_RETRACTION_FORGED] =
		"Many of your addresses appeared as senders at the same time, each with only a few "
		"packets. Most probably somebody else forged them: nothing shows that this machine "
		"sent anything.",
	    [PHRASE_RETRACTION_ROUTER] =
		"This machine is a router, or gives out addresses (DHCP). Asking for many "
		"addresses is part of its work.",
	    [PHRASE_RETRACTION_OTHER] =
		"It is something else: {1}. If that needs anything to be done, another letter says "
		"so.",
	    [PHRASE_RETRACTION_EXCEPTION] = "It was entered as known and wanted.",
	    [PHRASE_RETRACTION_NOTE] = "It was entered as known and wanted, with this note: {1}",
	    [PHRASE_RETRACTION_NOTHING] = "Nothing need be done.",
	    [PHRASE_RETRACTION_DONE] =
		"If something was done already (a machine taken off the network, a vendor called), "
		"it does no harm, and what was switched off can be used again. Please tell {1} "
		"what was done.",
	    [PHRASE_SENT_MEMBER] =
		"Sent by {1}, where this address is entered as a contact of {2}.",
	    [PHRASE_SENT_OPERATOR] =
		"Sent by {1}, where this address is entered as its operator's.",
	    [PHRASE_SENT_NEW] = "Sent by {1}.",
	    [PHRASE_DESK] = "Questions, or not for you? Please tell {1}.",
	    [PHRASE_DESK_UNKNOWN] = "whoever runs the station",
	    [PHRASE_STATION] = "the Hinomi station",
	    [PHRASE_PRINT_INCIDENT] = "Incident {1}",
	    [PHRASE_PRINT_WRITTEN] = "Written {1}",
	    [PHRASE_PRINT_STATION] = "From: {1}",
	    [PHRASE_PRINT_DESK] = "Call back: {1}",
	    [PHRASE_VERIFY_SUBJECT] = "Please confirm: notices about {1} to this address",
	    [PHRASE_VERIFY_SUBJECT_OPERATOR] =
		"Please confirm: alarms of the station itself to this address",
	    [PHRASE_VERIFY] =
		"From now on {1} wants to write to this address when a machine of {2} attacks "
		"others, is attacked, or seems to be set up wrongly. Before it does, somebody who "
		"reads here must agree.",
	    [PHRASE_VERIFY_OPERATOR] =
		"From now on {1} wants to write to this address when something is wrong with "
		"itself: no packets, a full disk, notices that do not arrive. Before it does, "
		"somebody who reads here must agree.",
	    [PHRASE_HEADING_CODE] = "THE CODE",
	    [PHRASE_VERIFY_UNTIL] = "It is good until {1}.",
	    [PHRASE_VERIFY_YES] = "If you agree: tell this code to {1}.",
	    [PHRASE_VERIFY_NO] =
		"If you do not, or know nothing of it: do nothing. No other letter is sent to this "
		"address before the code has come back.",
	    [PHRASE_CANARY_SUBJECT] = "Test message {1}, nothing to be done",
	    [PHRASE_CANARY] = "This is test message {1} of {2}. Nothing is to be done.",
	    [PHRASE_CANARY_MEANING] =
		"Every {1} a made-up machine is put in where packets arrive, and goes the whole "
		"way of a real warning, up to this letter. When one does not come through in time, "
		"an alarm is given by another way.",
	    [PHRASE_CANARY_ON_DEMAND] =
		"Somebody asked for it. A made-up machine was put in where packets arrive, and "
		"went the whole way of a real warning, up to this letter.",
	    [PHRASE_HEADING_TIMES] = "TIMES",
	    [PHRASE_CANARY_MADE] = "Put in: {1}",
	    [PHRASE_CANARY_FOUND] = "Found: {1}",
	    [PHRASE_CANARY_WRITTEN] = "Written: {1}",
	    [PHRASE_ALARM_SUBJECT] = "STATION ALARM: {1}",
	    [PHRASE_CERTIFICATE_SUBJECT] = "CERTIFICATE: {1}",
	    [PHRASE_ALARM_SUBJECT_OVER] = "Station alarm over: {1}",
	    [PHRASE_ALARM_OVER] = "This alarm is over: {1}. It began at {2} and lasted {3}.",
	    [PHRASE_ALARM_DETAIL] = "What was reported: {1}",
	    [PHRASE_SUMMARY_SUBJECT] = "MANY AT ONCE: {1}, {2} more {2:incident|incidents}",
	    [PHRASE_SUMMARY] =
		"{1} {1:incident was|incidents were} found since {2}, besides {3} that we wrote "
		"to you about one by one.",
	    [PHRASE_SUMMARY_WHY] =
		"They come in one letter so that nothing is buried. Each is kept, and none has to "
		"be looked for elsewhere: the next letters are about what changes.",
	    [PHRASE_HEADING_KINDS] = "WHAT THEY ARE",
	    [PHRASE_SUMMARY_KIND] = "{1}: {2}",
	    [PHRASE_HEADING_URGENT] = "THE MOST URGENT",
	    [PHRASE_SUMMARY_STEP_COMMON] =
		"Look whether one cause lies behind them: one network, one kind of machine, one "
		"thing that was changed today, or a range that is called unused and is not.",
	    [PHRASE_SUMMARY_STEP_URGENT] =
		"Begin with the most urgent ones below; take machines off the network that search "
		"for others.",
	    [PHRASE_SUMMARY_STEP_ASK] =
		"Tell {1} what it was: many incidents can be closed at once.",
	    [PHRASE_SUMMARY_TABLE] =
		"Attached as a table (CSV): {1} of {2}, the most urgent first.",
	    [PHRASE_DIGEST_SUBJECT] = "Report for {1}: alive, {2} {2:packet|packets} seen",
	    [PHRASE_DIGEST_SUBJECT_BLIND] = "Report for {1}: NO PACKETS SEEN",
	    [PHRASE_DIGEST_ALIVE] = "We are alive and saw {1} {1:packet|packets} from {2} to {3}.",
	    [PHRASE_DIGEST_BLIND] =
		"The station runs, but saw not a single packet from {1} to {2}. It is probably not "
		"connected to what it should watch, and would miss any attack. Please tell {3}.",
	    [PHRASE_HEADING_WATCH] = "HOW WELL WE WATCHED",
	    [PHRASE_DIGEST_DARK] = "{1} unused {1:address was|addresses were} watched.",
	    [PHRASE_DIGEST_JUDGED] =
		"About machines of {1}, {2} {2:packet was|packets were} judged: attempts to "
		"connect, answers that nobody had asked for, and the like.",
	    [PHRASE_DIGEST_JUDGED_NONE] = "About machines of {1}, no packet had to be judged.",
	    [PHRASE_DIGEST_NO_GAP] = "We watched for {1}, without a gap.",
	    [PHRASE_DIGEST_GAPS] =
		"We watched for {1}. {2} {2:time|times}, for {3} in all, not everything was "
		"watched: what happened there then is not known.",
	    [PHRASE_DIGEST_LOST] =
		"{1} {1:packet was|packets were} lost before {1:it|they} could be judged.",
	    [PHRASE_DIGEST_CANARIES] = "{1} of {2} test messages came through.",
	    [PHRASE_HEADING_INCIDENTS] = "INCIDENTS",
	    [PHRASE_DIGEST_NOTHING] = "Nothing was found, and nothing is open.",
	    [PHRASE_DIGEST_INCIDENTS] = "{1} new, {2} closed, {3} open.",
	    [PHRASE_DIGEST_INCIDENT] = "Incident {1}: {2}",
	    [PHRASE_HEADING_SMALL] = "SMALL THINGS, NO HURRY",
	    [PHRASE_DIGEST_LINE] = "[{1}] {2}: {3} ({4}), since {5}",
	    [PHRASE_DIGEST_NONE] = "None.",
	    [PHRASE_DIGEST_MORE] = "And {1} more.",
	    [PHRASE_HEADING_ABSENCE] = "IF THIS REPORT DOES NOT COME",
	    [PHRASE_DIGEST_ABSENCE_DAILY] =
		"It comes every day. If one is missing, the station may be dead, and no warning "
		"would come either. Please tell {2} then.",
	    [PHRASE_DIGEST_ABSENCE] =
		"It comes every {1} {1:day|days}. If one is missing, the station may be dead, and "
		"no warning would come either. Please tell {2} then.",
	},
    .whats =
	{
	    [RULE_SCAN_DARK] = "search of the network (scan)",
	    [RULE_SCAN_SWEEP] = "search of the local network (scan)",
	    [RULE_SCAN_LIVE] = "search of the network (scan)",
	    [RULE_DDOS_VICTIM] = "signs of an attack on it (DDoS)",
	    [RULE_DDOS_INCOMING] = "flood of packets to it (DDoS)",
	    [RULE_DDOS_REFLECTOR] = "service misused for attacks",
	    [RULE_CONFIG_STRAY] = "probably a wrong setting",
	    [RULE_SPOOF_MEMBER] = "addresses forged by somebody",
	},
    .urgencies =
	{
	    [SEVERITY_INFO] = "for information",
	    [SEVERITY_LOW] = "no hurry",
	    [SEVERITY_MEDIUM] = "look at it this week",
	    [SEVERITY_HIGH] = "look at it today",
	    [SEVERITY_CRITICAL] = "act at once",
	},
    .whom =
	{
	    [ADVICE_LOOKING] = KEEPER,
	    [ADVICE_MONITORING] = KEEPER,
	    [ADVICE_PRINTER] = KEEPER,
	    [ADVICE_DATABASE] = SECURITY_THEN_VENDOR,
	    [ADVICE_LOGIN] = SECURITY_THEN_VENDOR,
	    [ADVICE_ROUTER] = DEVICE_VENDOR,
	    [ADVICE_REMOTE_DESKTOP] = SECURITY_THEN_VENDOR,
	    [ADVICE_REFLECTOR_DNS] = SERVICE_VENDOR,
	    [ADVICE_REFLECTOR_NTP] = SERVICE_VENDOR,
	    [ADVICE_REFLECTOR_MEMCACHED] = SERVICE_VENDOR,
	    [ADVICE_REFLECTOR_DEVICE] = DEVICE_VENDOR,
	    [ADVICE_DEVICE] = DEVICE_VENDOR,
	    [ADVICE_WINDOWS] = SECURITY_THEN_VENDOR,
	    [ADVICE_MACHINE] = SECURITY_THEN_VENDOR,
	    [ADVICE_TOOL] = SECURITY_THEN_VENDOR,
	    [ADVICE_PROBE] = SECURITY_THEN_VENDOR,
	    [ADVICE_FORGED] = "Whoever looks after your firewall or router: only its log can tell "
			      "whether the packets came from this machine.",
	    [ADVICE_SWEEP] = SECURITY_THEN_VENDOR,
	    [ADVICE_VICTIM] = PROVIDER,
	    [ADVICE_FLOODED] = PROVIDER,
	    [ADVICE_REFLECTED] = PROVIDER,
	    [ADVICE_REFLECTOR] = SERVICE_VENDOR,
	    [ADVICE_STRAY] = "Whoever set the machine up. There is no hurry.",
	    [ADVICE_FORGED_MEMBER] =
		"Nobody in a hurry. Should somebody complain about these addresses, the text below "
		"answers "
		"them.",
	    [ADVICE_STRANGER] = "Nobody.",
	},
    .asks =
	{
	    [ADVICE_LOOKING] = FIND_SETTING,
	    [ADVICE_MONITORING] = FIND_PROGRAM,
	    [ADVICE_PRINTER] = FIND_SETTING,
	    [ADVICE_DATABASE] = FIND_PROGRAM,
	    [ADVICE_LOGIN] = FIND_LOGIN,
	    [ADVICE_ROUTER] = CLEAN_DEVICE,
	    [ADVICE_REMOTE_DESKTOP] = FIND_LOGIN,
	    [ADVICE_REFLECTOR_DNS] = "Please close the recursion of this name server to outsiders, "
				     "and install its updates.",
	    [ADVICE_REFLECTOR_NTP] =
		"Please switch off what this time service answers besides the time (monlist), "
		"close it to outsiders, and install its updates.",
	    [ADVICE_REFLECTOR_MEMCACHED] = "Please close this memcached to the outside, switch off "
					   "its UDP, and see whether what lay in it was changed.",
	    [ADVICE_REFLECTOR_DEVICE] =
		"Please close this service to the outside, and install the device's updates.",
	    [ADVICE_DEVICE] = CLEAN_DEVICE,
	    [ADVICE_WINDOWS] = FIND_PROGRAM,
	    [ADVICE_MACHINE] = FIND_PROGRAM,
	    [ADVICE_TOOL] =
		"Please find out who runs this program and why, and keep the logs of that time.",
	    [ADVICE_PROBE] = FIND_PROGRAM,
	    [ADVICE_FORGED] =
		"Please look in the logs whether these packets really came from this machine, and "
		"tell us.",
	    [ADVICE_SWEEP] = FIND_PROGRAM,
	    [ADVICE_VICTIM] =
		"Please tell us whether you see an attack on it, and filter it if you do.",
	    [ADVICE_FLOODED] = "Please filter it.",
	    [ADVICE_REFLECTED] = "Please filter it.",
	    [ADVICE_REFLECTOR] =
		"Please limit the service to those who need it, and install its updates.",
	    [ADVICE_STRAY] =
		"Please look for a setting that names a machine which is no longer there, and "
		"correct it.",
	    [ADVICE_FORGED_MEMBER] =
		"Packets that bear these addresses were sent by somebody else, as far as was seen.",
	    [ADVICE_STRANGER] = "Nothing is asked for.",
	},
    .neglects =
	{
	    [ADVICE_LOOKING] = HARMLESS_OR_SPREAD,
	    [ADVICE_MONITORING] = HARMLESS_OR_SPREAD,
	    [ADVICE_PRINTER] = HARMLESS_OR_SPREAD,
	    [ADVICE_DATABASE] = MAY_SPREAD,
	    [ADVICE_LOGIN] = "If somebody else has its password, they can come back at any time "
			     "and attack others from it; others may then block your addresses.",
	    [ADVICE_ROUTER] = DEVICE_GOES_ON,
	    [ADVICE_REMOTE_DESKTOP] = "If somebody else controls it, they may reach your other "
				      "machines within hours, and lock or copy what they hold.",
	    [ADVICE_REFLECTOR_DNS] = MISUSED_GOES_ON,
	    [ADVICE_REFLECTOR_NTP] = MISUSED_GOES_ON,
	    [ADVICE_REFLECTOR_MEMCACHED] = MISUSED_GOES_ON,
	    [ADVICE_REFLECTOR_DEVICE] = MISUSED_GOES_ON,
	    [ADVICE_DEVICE] = DEVICE_GOES_ON,
	    [ADVICE_WINDOWS] =
		"If it is malware, it can spread to other Windows machines within hours, and lock "
		"or copy what they hold.",
	    [ADVICE_MACHINE] = MAY_SPREAD,
	    [ADVICE_TOOL] = STRANGER_LEARNS,
	    [ADVICE_PROBE] = STRANGER_LEARNS,
	    [ADVICE_FORGED] =
		"If the packets did come from this machine, whatever sends them goes on. If they "
		"did not, nothing happens to it.",
	    [ADVICE_SWEEP] = MAY_SPREAD,
	    [ADVICE_VICTIM] =
		"The service may be slow or out of reach. Such floods do not infect the machine.",
	    [ADVICE_FLOODED] = LINE_SLOW,
	    [ADVICE_REFLECTED] = LINE_SLOW,
	    [ADVICE_REFLECTOR] = MISUSED_GOES_ON,
	    [ADVICE_STRAY] =
		"Little: something of yours does not work as it should, and its packets get in the "
		"way of real warnings.",
	    [ADVICE_FORGED_MEMBER] = "Nothing. It ends when those who forge the addresses stop.",
	    [ADVICE_STRANGER] = "Nothing.",
	},
    .alarms =
	{
	    [ALARM_CANARY_LATE] =
		{
		    "a test message did not come through",
		    "The test message of {4} has not come through for {2}.",
		    "As long as that is so, a real warning may not come through either.",
		    {
			"Run `hinomi check --end-to-end`: it names the place where test messages "
			"stop.",
			"If that is the delivery: see whether the mail server, or the other side "
			"of the webhook, takes messages.",
			"Until they come through again, look for incidents yourself: `hinomi "
			"incident list`.",
		    },
		},
	    [ALARM_DELIVERY_FAILING] =
		{
		    "notices to {1} are not accepted",
		    "Since {4}, for {2}, notices to {1} could not be delivered; {3} "
		    "{3:waits|wait}.",
		    "Whoever reads there knows nothing of the incidents in them.",
		    {
			"Tell them by telephone: `hinomi incident list` says what it is about.",
			"See what the other side answered: `hinomi notice list`.",
			"Correct the address or the mail server. What waits is tried again by "
			"itself, for five days.",
		    },
		},
	    [ALARM_INTERFACE_SILENT] =
		{
		    "{1} hears nothing",
		    "Since {4}, for {2}, the interface {1} has received next to nothing, unlike "
		    "before.",
		    "What happens there is not seen. Often a cable was pulled, or a switch no "
		    "longer mirrors.",
		    {
			"See whether the cable is plugged in and the switch still mirrors to it.",
			"See whether anything arrives: `tcpdump -i {1}`.",
			"If the silence is meant, take the source out of station.yaml.",
		    },
		},
	    [ALARM_INTERFACE_DOWN] =
		{
		    "{1} is down",
		    "Since {4}, for {2}, the interface {1} has been down or gone.",
		    "What happens there is not seen.",
		    {
			"See whether it is there and up: `ip link show {1}`.",
			"See whether the cable and the switch are in order.",
			"When it comes back, it is watched again by itself.",
		    },
		},
	    [ALARM_PACKETS_LOST] =
		{
		    "packets are lost on {1}",
		    "Within {2}, {3} {3:packet was|packets were} lost on {1} before {3:it|they} "
		    "could be "
		    "judged (since {4}).",
		    "Findings may be missing.",
		    {
			"See where they are lost, and how many come: `hinomi stats`.",
			"See what else the machine is busy with.",
			"Give the station a faster machine, or less to watch.",
		    },
		},
	    [ALARM_DISK_FILLING] =
		{
		    "the disk fills up",
		    "Only {3} % of the disk of {1} is free (since {4}).",
		    "Statistics are given up first to make room; open incidents never are. Once it "
		    "is full, nothing new can be kept.",
		    {
			"Make room on the disk, or give it more.",
			"See what of it is the station's: `du -sh {1}`.",
			"Shorten how long things are kept, in station.yaml.",
		    },
		},
	    [ALARM_DISK_FULL] =
		{
		    "nothing can be stored",
		    "Since {4}, for {2}, the station cannot write to {1}.",
		    "What is found now can be neither kept nor told until writing works again.",
		    {
			"Make room on the disk, or see whether it is damaged.",
			"It goes on by itself once it can write; `hinomi check` says whether it "
			"can.",
			NULL,
		    },
		},
	    [ALARM_STORE_DAMAGED] =
		{
		    "the database is damaged",
		    "Since {4} the database {1} is not on the disk as the station wrote it: it was "
		    "removed, replaced or written over.",
		    "The station goes on, but what it knows may be gone when it is started again.",
		    {
			"While it still runs, make a copy: `hinomi backup`.",
			"See whether the disk is failing: `journalctl -k`.",
			"Stop the station, and put that copy, or the last good one, in place: "
			"`hinomi restore --replace`.",
		    },
		},
	    [ALARM_DUTY_FAILING] =
		{
		    "{1} ends again and again",
		    "The part {1} of the station ended {3} {3:time|times} within {2}, and was "
		    "started anew each time (since {4}).",
		    "Each time, what it was just working on is lost, and noted as a gap.",
		    {
			"See why: `journalctl -u hinomi`.",
			"If it does not stop: `systemctl restart hinomi`.",
			"Report it to Hinomi's makers, with those lines.",
		    },
		},
	    [ALARM_STATION_DOWN] =
		{
		    "the station did not run",
		    "From {4} on, for {2}, the station did not run.",
		    "What happened on the network in that time was not seen.",
		    {
			"See why: `journalctl -u hinomi`.",
			"If nobody switched it off, see whether the machine's power and disk are "
			"sound.",
			NULL,
		    },
		},
	    [ALARM_CLOCK_STEPPED] =
		{
		    "the clock jumped",
		    "At {4} the clock of the station jumped by {2}.",
		    "Times told in notices may be wrong by that much; what is found is not, since "
		    "it goes by the time of the packets.",
		    {
			"See whether the clock is kept right: `timedatectl`.",
			"If it was wrong before, tell those who got notices in that time.",
			NULL,
		    },
		},
	    [ALARM_WATCHER_LOST] =
		{
		    "the outside watcher is out of reach",
		    "Since {4}, for {2}, {1} could not be told that the station is alive.",
		    "Should the station die now, nobody would hear of it.",
		    {
			"See whether the station reaches the Internet.",
			"See whether the watcher's address in station.yaml is still right.",
			NULL,
		    },
		},
	    [ALARM_NOTICES_HELD] =
		{
		    "too many notices for {1}",
		    "Within {2}, {3} {3:notice was|notices were} due for {1}: more than is sent "
		    "(since {4}).",
		    "The most urgent were sent. The others are held back, and kept.",
		    {
			"See all of them: `hinomi incident list`.",
			"See whether one cause lies behind them, and tell {1} of it by telephone.",
			NULL,
		    },
		},
	    [ALARM_PEER_SILENT] =
		{
		    "no sign of life from {1}",
		    "From {4} on, for {2}, the station {1} did not report to this one.",
		    "{1} may be down or cut off. Then what happens on its network is not seen, and "
		    "it "
		    "can tell nobody.",
		    {
			"Tell whoever looks after {1}, by telephone: its own alarms may not get "
			"out.",
			"There, see whether it runs (`systemctl status hinomi`), and whether the "
			"address in `heartbeat.url` of its station.yaml is still right.",
			NULL,
		    },
		},
	    [ALARM_ANSWERED_NOT_OURS] =
		{
		    "answered: not ours ({1})",
		    "On {4} a contact answered about {1} that the machine is not theirs. The "
		    "incident is closed.",
		    "The address is registered for a member who does not have it. Then they get "
		    "letters about another's machine, and whoever has it gets none.",
		    {
			"Find out whose address it is, and put the member's ranges right: `hinomi "
			"member change`.",
			"Tell whoever has it, where they are no member: the letter says what was "
			"seen (`hinomi incident show`).",
			NULL,
		    },
		},
	    [ALARM_ANSWERED_HARMLESS] =
		{
		    "answered: known and harmless ({1})",
		    "On {4} a contact answered about {1} that it is a known machine and does what "
		    "it should. The incident is closed.",
		    "Without an exception it is told again when it does worse, or later than a "
		    "month from now. An exception also hides what is no longer harmless: make it "
		    "as narrow as it can be.",
		    {
			"See what was seen, and whether the answer explains it: `hinomi incident "
			"show`.",
			"If it does: `hinomi exception add`, with the address, the rule and an "
			"end.",
			"If it does not, call them.",
		    },
		},
	    [ALARM_MAIL_UNSIGNED] =
		{
		    "mail goes out unsigned",
		    "Since {4}, for {2}, {3} {3:letter|letters} went out without a signature.",
		    "They arrive all the same, but their readers cannot see that they are from "
		    "this station.",
		    {
			"See whether the key and the certificate are in order: `hinomi check`.",
			"See why the signer does not sign: `journalctl -u hinomi`.",
			"If it does not come back: `systemctl restart hinomi`.",
		    },
		},
	    [ALARM_INCIDENTS_MANY] =
		{
		    "too many open incidents",
		    "Since {4}, nearly as many incidents are open as the station can follow: {3}.",
		    "Past that, what is found and is no graver than what is open is not told of, "
		    "and for what is graver the least urgent incident is closed, whose history "
		    "says so.",
		    {
			"See what they have in common: `hinomi incident list`. Behind so many "
			"there "
			"is mostly one cause, such as a range that is not the member's.",
			"Enter what is known and harmless as an exception: `hinomi exception add`.",
			"Close what was dealt with: `hinomi incident close`.",
		    },
		},
	},
    .certificates =
	{
	    [LETTER_CERTIFICATE_OWN] =
		{
		    "the certificate that signs mail ends in {2} {2:day|days}",
		    "the certificate that signs mail has ended",
		    "The certificate by which this station signs its mail ({1}) ends: {3}.",
		    "The certificate by which this station signed its mail ({1}) ended: {3}.",
		    "After that, mail goes out unsigned, and its readers can no longer see that it "
		    "is from this station.",
		    "Mail now goes out unsigned: its readers cannot see that it is from this "
		    "station.",
		    {
			"Get a new one from whoever issued it: `hinomi key request` writes what "
			"they ask for.",
			"Put it in the place of the old one (mail.sign.certificate in "
			"station.yaml), then: `systemctl reload hinomi`.",
			NULL,
		    },
		},
	    [LETTER_CERTIFICATE_YOURS] =
		{
		    "your certificate ends in {2} {2:day|days}",
		    "your certificate has ended",
		    "The certificate to which our mail to {1} is encrypted ends: {3}.",
		    "The certificate to which our mail to {1} was encrypted ended: {3}.",
		    "After that our mail to you is no longer encrypted, so that warnings still "
		    "arrive.",
		    "Our mail to you is no longer encrypted, so that warnings still arrive.",
		    {
			"Send a new certificate for this address (S/MIME) to {4}.",
			NULL,
			NULL,
		    },
		},
	    [LETTER_CERTIFICATE_CONTACT] =
		{
		    "the certificate of {1} ends in {2} {2:day|days}",
		    "the certificate of {1} has ended",
		    "The certificate to which mail to {1} ({6}) is encrypted ends: {3}.",
		    "The certificate to which mail to {1} ({6}) was encrypted ended: {3}.",
		    "After that, mail to this contact is no longer encrypted, so that warnings "
		    "still arrive.",
		    "Mail to this contact is no longer encrypted, so that warnings still arrive.",
		    {
			"Ask the contact for a new certificate; it was told as well.",
			"Then: `hinomi contact change {5} --certificate FILE`.",
			NULL,
		    },
		},
	},
};
