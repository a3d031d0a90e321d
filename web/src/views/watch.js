export async function show({ outlet }) {
	outlet.replaceChildren();
}
