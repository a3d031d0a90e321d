/* What a port, a protocol or a country is called. */
import {has, language, t} from "../i18n.js";

const SERVICES = {
	tcp: {21: "FTP", 22: "SSH", 23: "Telnet", 25: "SMTP", 53: "DNS", 80: "HTTP", 81: "HTTP", 102: "S7", 110: "POP3", 111: "RPC", 135: "RPC", 139: "NetBIOS",
		143: "IMAP", 389: "LDAP", 443: "HTTPS", 445: "SMB", 502: "Modbus", 554: "RTSP", 587: "SMTP", 993: "IMAP", 1080: "SOCKS", 1433: "SQL Server",
		1521: "Oracle", 1723: "PPTP", 1883: "MQTT", 2222: "SSH", 2323: "Telnet", 2375: "Docker", 3128: "HTTP proxy", 3306: "MySQL", 3389: "RDP", 5060: "SIP",
		5432: "PostgreSQL", 5555: "ADB", 5900: "VNC", 5985: "WinRM", 6379: "Redis", 7547: "TR-069", 8080: "HTTP", 8081: "HTTP", 8443: "HTTPS", 8728: "MikroTik",
		8888: "HTTP", 9200: "Elasticsearch", 10250: "Kubernetes", 11211: "memcached", 27017: "MongoDB", 37215: "Huawei HG532", 52869: "Realtek UPnP"},
	udp: {53: "DNS", 67: "DHCP", 69: "TFTP", 111: "RPC", 123: "NTP", 137: "NetBIOS", 161: "SNMP", 389: "CLDAP", 443: "QUIC", 500: "IKE", 1194: "OpenVPN",
		1434: "SQL Server", 1900: "SSDP", 3702: "WS-Discovery", 5060: "SIP", 5353: "mDNS", 11211: "memcached", 47808: "BACnet", 51820: "WireGuard"},
};
const ICMP = {0: "echo reply", 3: "unreachable", 5: "redirect", 8: "echo", 11: "time exceeded"};

export function protocolName(proto) {
	return typeof proto === "number" ? t("watch.protocol", {n: proto}) : proto.toUpperCase();
}

/* "TCP 445" and "SMB". */
export function portName(row) {
	if (row.port === null)
		return {port: protocolName(row.proto), service: row.proto === "tcp" || row.proto === "udp" ? t("watch.otherports") : ""};
	if (row.proto === "icmp" || row.proto === "icmp6")
		return {port: `${protocolName(row.proto)} ${row.port}`, service: row.proto === "icmp" ? (ICMP[row.port] ?? "") : ""};
	return {port: `${protocolName(row.proto)} ${row.port}`, service: SERVICES[row.proto]?.[row.port] ?? ""};
}

let names = {language: null, of: null};

export function countryName(code) {
	if (code === null)
		return t("watch.unknown");
	if (names.language !== language())
		names = {language: language(), of: new Intl.DisplayNames([language()], {type: "region", fallback: "code"})};
	try {
		return names.of.of(code);
	} catch {
		return code;
	}
}

export function kindName(kind) {
	return has(`watch.kind.${kind}`) ? t(`watch.kind.${kind}`) : kind;
}
