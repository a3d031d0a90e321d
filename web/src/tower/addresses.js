/*
 * Where an address is: within a range, and on the disc that stands for the whole internet.
 *
 * The disc is IPv4 along a Hilbert curve, on which neighbours in number are neighbours in place, laid
 * from its square onto a disc (elliptical mapping, Fong 2015), so that the borders of the /8 networks
 * become meridians and parallels. IPv6 is the rim around it: once around is 2000::/3, which holds all of
 * it that is in use.
 */
const ORDER = 8; /* 256 by 256 places, each a /16 */
export const SIDE = 1 << ORDER;
/* 2000::/3 is at an angle by its next 16 bits. */
const V6_START = 0x2000;
const V6_COUNT = 0x2000;

function parseV4(text) {
	const parts = text.split(".");
	if (parts.length !== 4)
		return null;
	let value = 0;
	for (const part of parts) {
		if (!/^\d{1,3}$/.test(part) || Number(part) > 255)
			return null;
		value = value * 256 + Number(part);
	}
	return value;
}

function parseV6(text) {
	const halves = text.split("::");
	if (halves.length > 2)
		return null;
	const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":")));
	const rest = tail ?? [];
	const missing = 8 - head.length - rest.length;
	if (halves.length === 1 ? missing !== 0 : missing < 1)
		return null;
	let value = 0n;
	for (const group of [...head, ...new Array(missing).fill("0"), ...rest]) {
		if (!/^[0-9a-f]{1,4}$/i.test(group))
			return null;
		value = (value << 16n) | BigInt(Number.parseInt(group, 16));
	}
	return value;
}

/* {isV4, value: Number or BigInt, bits}; null for what is none. */
export function parsePrefix(text) {
	if (typeof text !== "string")
		return null;
	const [address, length] = text.split("/");
	const isV4 = !address.includes(":");
	const value = isV4 ? parseV4(address) : parseV6(address);
	const most = isV4 ? 32 : 128;
	const bits = length === undefined ? most : Number(length);
	if (value === null || !Number.isInteger(bits) || bits < 0 || bits > most)
		return null;
	return {isV4, value, bits};
}

/* How far into a range an address is, from 0 to below 1; -1 where it is not in it. */
export function shareWithin(range, address) {
	if (range.isV4 !== address.isV4)
		return -1;
	if (range.isV4) {
		const size = 2 ** (32 - range.bits);
		const at = (address.value - range.value) / size;
		return at >= 0 && at < 1 ? at : -1;
	}
	const left = 128n - BigInt(range.bits);
	if (address.value >> left !== range.value >> left)
		return -1;
	const kept = left > 32n ? 32n : left;
	return Number((address.value & ((1n << left) - 1n)) >> (left - kept)) / 2 ** Number(kept);
}

/* Along the curve: the place of the n-th of SIDE * SIDE. */
export function hilbert(n) {
	let x = 0;
	let y = 0;
	for (let s = 1; s < SIDE; s *= 2) {
		const rx = (n >> 1) & 1;
		const ry = (n ^ rx) & 1;
		if (ry === 0) {
			if (rx === 1) {
				x = s - 1 - x;
				y = s - 1 - y;
			}
			[x, y] = [y, x];
		}
		x += s * rx;
		y += s * ry;
		n >>= 2;
	}
	return [x, y];
}

/* From the square of -1 to 1 onto the unit disc. */
export function onDisc(x, y) {
	return [x * Math.sqrt(1 - (y * y) / 2), y * Math.sqrt(1 - (x * x) / 2)];
}

/* Of the square of places: where on the unit disc. */
export function placeOnDisc(column, row) {
	return onDisc((2 * column) / SIDE - 1, (2 * row) / SIDE - 1);
}

export function v6Angle(value) {
	const top = Number(value >> 112n);
	const share = Math.min(1, Math.max(0, (top - V6_START) / V6_COUNT));
	const fine = Number((value >> 104n) & 0xffn) / 256 / V6_COUNT;
	return -Math.PI / 2 + 2 * Math.PI * (share + fine);
}

/* {x, y, column, row} of a stranger on the unit disc; IPv6 lies on the rim, at `rim`. */
export function strangerPlace(address, rim) {
	if (!address.isV4) {
		const angle = v6Angle(address.value);
		return {x: rim * Math.cos(angle), y: rim * Math.sin(angle), column: -1, row: -1};
	}
	const [column, row] = hilbert(Math.floor(address.value / 65536));
	/* within its /16 by what follows, so that not all of it is one dot */
	const [x, y] = placeOnDisc(column + ((address.value >> 12) & 15) / 16, row + ((address.value >> 8) & 15) / 16);
	return {x, y, column, row};
}
