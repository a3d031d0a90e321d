/* The colours of the picture: the style sheet has them (style/tower.css), so that light, dark and high
   contrast are in one place. */
export const KINDS = ["request", "reply", "probe", "flood"];

const NAMES = ["ground", "disc", "grid", "grid-strong", "rim", "shaded", "label", "label-strong", "live-low", "live-high", "declared",
	"learned", "unknown", "request", "reply", "probe", "flood", "alarm", "alarm-text", "warn", "flash", "heat", "choice"];

export function readPalette(element) {
	const style = getComputedStyle(element);
	const palette = {font: style.fontFamily};
	for (const name of NAMES)
		palette[name] = style.getPropertyValue(`--tower-${name}`).trim() || "#888888";
	return palette;
}

function channels(hex) {
	return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

/* Between two colours of the form #rrggbb. */
export function mix(from, to, share) {
	const [a, b] = [channels(from), channels(to)];
	return `rgb(${a.map((value, i) => Math.round(value + (b[i] - value) * share)).join(" ")})`;
}

export function rgb(hex) {
	return channels(hex);
}
