/*
 * The picture itself: three canvases one above the other. The lowest stands still and is drawn anew
 * when members change; the second shows, twice a second, where strangers came from lately; the third is
 * drawn for each frame, with all that moves.
 *
 * It keeps to a budget: where frames take too long, first the upper canvas gets coarser, then fewer
 * flights are shown (what is not shown is counted and said). Hidden, it does nothing; for whoever
 * wants no motion, nothing flies, and once a second what was touched lately is marked.
 */
import {parsePrefix, strangerPlace} from "./addresses.js";
import {Heat} from "./heat.js";
import {FLIGHTS_MAX, Flights} from "./flights.js";
import {Pace} from "./pace.js";
import {readPalette} from "./palette.js";
import {Raster} from "./raster.js";
import {Still} from "./still.js";
import {BELT, RIM, drawDisc, drawNames, drawRings, ringGeometry} from "./rings.js";
import {alarmSign, makeSprites, warnSign} from "./sprites.js";
import {layOut} from "./layout.js";
import {angleOf} from "./town.js";

const FLAG_DARK = 1;
const FLAG_DRILL = 2;
const FLAG_SUM = 4;
/* What lies in the upper canvas; more is only scaled up. */
const LIVE_PIXELS_MAX = 1_700_000;
const LATE_S = 3;        /* flights that wait longer for a frame were of a time when nobody looked */
const PULSES_MAX = 120;

export class Stage {
	/* `names`: {reserved, darknet}. `isStill()`: whether nothing may move. */
	constructor(element, {names, isStill}) {
		this.element = element;
		this.names = names;
		this.isStill = isStill;
		this.canvases = ["base", "heat", "live"].map((name) => {
			const canvas = document.createElement("canvas");
			canvas.className = `tower-canvas tower-canvas-${name}`;
			canvas.setAttribute("aria-hidden", "true");
			element.append(canvas);
			return canvas;
		});
		[this.base, this.heatContext, this.live] = this.canvases.map((canvas) => canvas.getContext("2d"));
		this.flights = new Flights();
		this.heat = new Heat();
		this.pace = new Pace();
		this.still = new Still();
		this.town = null;
		this.layout = null;
		this.chosen = -1;
		this.frame = 0;
		this.last = 0;
		this.shown = {marks: 0, left: 0};
		this.hasChanged = true;
		this.drawn = 0;
	}

	setTown(town) {
		const isSame = this.town !== null && this.town.members.length === town.members.length;
		this.town = town;
		if (!isSame)
			this.resize();
		else
			this.drawBase();
	}

	setFrame(frame) {
		this.frameInset = frame;
		this.resize();
	}

	/* The size of the element, or the colours, are others. */
	resize() {
		const box = this.element.getBoundingClientRect();
		if (this.town === null || box.width < 40 || box.height < 40)
			return;
		const inset = this.frameInset ?? {top: 0, right: 0, bottom: 0, left: 0};
		this.width = box.width;
		this.height = box.height;
		this.palette = readPalette(this.element);
		this.layout = layOut({x: inset.left, y: inset.top, width: box.width - inset.left - inset.right,
			height: box.height - inset.top - inset.bottom}, this.town.members.length);
		this.scale = Math.max(1, Math.min(2.4, Math.min(box.width, box.height) / 900));
		this.flights.clear();
		this.drawBase();
		this.#sizeLive();
		this.heat.resize(this.heatContext, this.canvases[1], this.layout, this.palette);
	}

	#size(canvas, ratio) {
		canvas.width = Math.round(this.width * ratio);
		canvas.height = Math.round(this.height * ratio);
	}

	#sizeLive() {
		const most = Math.sqrt(LIVE_PIXELS_MAX / (this.width * this.height));
		this.ratio = Math.min(devicePixelRatio || 1, most) * this.pace.fineness;
		this.#size(this.canvases[2], this.ratio);
		this.raster = new Raster(this.canvases[2].width, this.canvases[2].height);
		this.sprites = makeSprites(this.palette, this.scale, this.ratio);
		this.hasChanged = true;
	}

	drawBase() {
		if (this.layout === null)
			return;
		const ratio = devicePixelRatio || 1;
		this.#size(this.canvases[0], ratio);
		const context = this.base;
		context.setTransform(ratio, 0, 0, ratio, 0, 0);
		drawDisc(context, this.layout, this.palette, this.names);
		drawRings(context, this.layout, this.town, this.palette);
		this.#drawSigns(context, ratio);
		drawNames(context, this.layout, this.town, this.palette, this.names, this.scale);
		this.hasChanged = true;
	}

	/* ---- What comes in ---- */

	#ringPoint(at, address, towards) {
		const node = this.layout.nodes[at];
		const {middle} = ringGeometry(this.layout.r);
		const angle = angleOf(this.town.members[at], address) ?? Math.atan2(towards.y - node.y, towards.x - node.x);
		return {x: node.x + middle * Math.cos(angle), y: node.y + middle * Math.sin(angle)};
	}

	#discPoint(address) {
		const {cx, cy, disc} = this.layout;
		const place = strangerPlace(address, RIM);
		return {x: cx + place.x * disc, y: cy + place.y * disc, column: place.column, row: place.row};
	}

	/* On the belt around the disc: somewhere that is not told. */
	#beltPoint(towards) {
		const {cx, cy, disc} = this.layout;
		const angle = Math.atan2(towards.y - cy, towards.x - cx);
		return {x: cx + disc * BELT * Math.cos(angle), y: cy + disc * BELT * Math.sin(angle)};
	}

	#end(member, address, isDark, towards) {
		const at = member === null ? -1 : (this.town.known.get(member) ?? -1);
		if (at >= 0)
			return this.#ringPoint(at, address, towards);
		if (member === null && isDark && this.town.darknet >= 0 && (address === null || this.#isInDarknet(address)))
			return this.#ringPoint(this.town.darknet, address, towards);
		return address === null ? this.#beltPoint(towards) : this.#discPoint(address);
	}

	#isInDarknet(address) {
		return angleOf(this.town.members[this.town.darknet], address) !== null;
	}

	/* `news`: what the event `sparks` brings. */
	take(news) {
		this.shown.left += news.left?.sightings ?? 0;
		if (this.layout === null || document.hidden)
			return;
		for (const spark of news.list)
			this.#takeOne(spark, news.over_ms / 1000);
	}

	#takeOne([fromMember, fromText, toMember, toText, kind, , , packets, , flags], overS) {
		const isSum = (flags & FLAG_SUM) !== 0;
		const isDark = (flags & FLAG_DARK) !== 0;
		const [fromAddress, toAddress] = [parsePrefix(fromText), parsePrefix(toText)];
		const centre = {x: this.layout.cx, y: this.layout.cy};
		let target = toMember;
		if (isSum && toMember === null && this.town.onlyDark >= 0)
			target = this.town.members[this.town.onlyDark].key;
		let from = this.#end(fromMember, fromAddress, false, centre);
		const to = this.#end(target, toAddress, isDark, from);
		if (fromMember === null && fromAddress === null)
			from = this.#beltPoint(to);
		if (from.column >= 0)
			this.heat.add(from.column, from.row, packets);
		if (this.isStill()) {
			this.still.note(to, kind, isDark);
			return;
		}
		if (this.flights.count >= this.pace.budget) {
			this.shown.left++;
			return;
		}
		const way = Math.hypot(to.x - from.x, to.y - from.y);
		this.flights.launch({kind, from, to, packets, isDark, isDrill: (flags & FLAG_DRILL) !== 0,
			seconds: 0.9 + 0.9 * Math.min(1.6, way / (this.height * 0.6)), delay: Math.random() * overS,
			bow: 0.06 + 0.1 * Math.random()});
		this.shown.marks++;
	}

	/* ---- Frames ---- */

	start() {
		if (this.frame === 0)
			this.frame = requestAnimationFrame((now) => this.#tick(now));
	}

	stop() {
		cancelAnimationFrame(this.frame);
		this.frame = 0;
		this.last = 0;
	}

	#tick(now) {
		this.frame = requestAnimationFrame((next) => this.#tick(next));
		if (this.layout === null)
			return;
		const seconds = this.last === 0 ? 0 : (now - this.last) / 1000;
		this.last = now;
		if (seconds > LATE_S)
			this.flights.clear();
		this.heat.draw(now);
		if (this.isStill()) {
			if (this.hasChanged || this.still.isDue(now))
				this.#drawStill(now);
			return;
		}
		this.flights.step(Math.min(seconds, 0.1));
		const isMoving = this.flights.count > 0 || this.flights.lit > 0 || this.town.alarmed.length > 0;
		if (!isMoving && !this.hasChanged)
			return;
		const began = performance.now();
		this.#drawLive(now);
		if (this.pace.note(seconds * 1000, performance.now() - began, this.flights.count))
			this.#sizeLive();
	}

	/* All that moves is pixels of our own, so that the canvas has one thing to do. */
	#drawLive(now) {
		this.raster.clear();
		this.#drawPulses(now / 1000);
		this.flights.draw(this.raster, this.sprites, this.ratio);
		this.#drawChoice();
		this.#showPixels();
	}

	#drawStill(now) {
		this.raster.clear();
		this.still.draw(this.raster, this.sprites, this.ratio, now);
		this.#drawChoice();
		this.#showPixels();
	}

	#showPixels() {
		this.live.putImageData(this.raster.image, 0, 0);
		this.hasChanged = false;
		this.drawn++;
	}

	/* ---- Alarms ---- */

	/* A ring that widens: of a critical one faster and stronger. */
	#drawPulses(seconds) {
		const {ratio, raster} = this;
		for (const at of this.town.alarmed.slice(0, PULSES_MAX)) {
			const {x, y} = this.layout.nodes[at];
			const isCritical = this.town.members[at].severity === 4;
			const share = (seconds / (isCritical ? 1.1 : 2.2) + at * 0.137) % 1;
			const radius = this.layout.r * (1.02 + 0.5 * share) + 2 * this.scale;
			raster.circle(x * ratio, y * ratio, radius * ratio, this.sprites.alarm, Math.floor(255 * (1 - share)), isCritical ? 2 : 1);
		}
	}

	/* Signs stand still, in the middle of their rings. */
	#drawSigns(context, ratio) {
		const size = Math.max(17 * this.scale, Math.min(this.layout.r * 0.8, 64 * this.scale));
		const warn = Math.max(8 * this.scale, this.layout.r * 0.26);
		const signs = [null, {image: warnSign(warn, this.palette, ratio), size: warn}, null, {image: alarmSign(size, this.palette, ratio), size},
			{image: alarmSign(size * 1.25, this.palette, ratio), size: size * 1.25}];
		signs[2] = signs[1];
		const drill = {image: alarmSign(size, this.palette, ratio, true), size};
		const signOf = (member) => (member.drill >= 3 && member.severity < 3 ? drill : signs[member.severity]);
		const places = this.town.members.map((member, at) => ({sign: signOf(member), node: this.layout.nodes[at], severity: member.severity}))
			.filter(({sign}) => sign).sort((a, b) => a.severity - b.severity);
		for (const {sign, node} of places)
			context.drawImage(sign.image, node.x - sign.size / 2, node.y - sign.size / 2, sign.size, sign.size);
	}

	/* ---- Choosing ---- */

	#drawChoice() {
		if (this.chosen < 0 || this.chosen >= this.layout.nodes.length)
			return;
		const {x, y} = this.layout.nodes[this.chosen];
		const {ratio} = this;
		this.raster.circle(x * ratio, y * ratio, (this.layout.r + 5 * this.scale) * ratio, this.sprites.choice, 255, 2);
	}

	choose(at) {
		if (this.chosen === at)
			return;
		this.chosen = at;
		this.hasChanged = true;
	}

	/* The member whose ring is there, or -1. */
	find(x, y) {
		if (this.layout === null)
			return -1;
		const reach = this.layout.r + 4;
		let found = -1;
		let nearest = reach;
		this.layout.nodes.forEach((node, at) => {
			const distance = Math.hypot(node.x - x, node.y - y);
			if (distance < nearest) {
				nearest = distance;
				found = at;
			}
		});
		return found;
	}

	/* Since this was asked last: marks that flew, sightings that were left out. */
	takeShown() {
		const {shown} = this;
		this.shown = {marks: 0, left: 0};
		return shown;
	}

	end() {
		this.stop();
		for (const canvas of this.canvases)
			canvas.remove();
	}
}

export {FLIGHTS_MAX};
