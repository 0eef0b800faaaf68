/** Whether `url` is answered with one of `statuses`. Connections that are refused or cut count as no. */
export async function answersHttp(url: string, statuses: readonly number[]): Promise<boolean> {
	try {
		const answer = await fetch(url, {signal: AbortSignal.timeout(2000), redirect: 'manual'});
		await answer.body?.cancel();
		return statuses.includes(answer.status);
	} catch {
		return false;
	}
}
