import test from 'ava';
import {basic, makeAccessWorld} from './fixtures/access-world.ts';
import type {Route} from './route.ts';

/** A path that the route has; nothing is there that it means. */
function pathOf({table, path}: Route): string {
	const key = path.startsWith('/*image') ? '/docker-local' : '';
	const prefix = table.startsWith('/') || table === 'server' ? '' : `/${table}`;
	return prefix + key + path.replace(/[:*]\w+/g, 'missing');
}

test('T53: a page of another site changes nothing, whatever credentials a browser adds', async t => {
	const {routes, request} = await makeAccessWorld(t);
	const changing = routes.filter(({method}) => method !== 'GET');
	t.true(changing.length > 40);
	for (const route of changing) {
		for (const site of ['cross-site', 'same-site']) {
			const headers = {'sec-fetch-site': site, 'content-type': 'text/plain'};
			const response = await request(route.method, pathOf(route), basic('root'), {headers});
			t.is(response.status, 403, `${site} ${route.method} ${route.path}`);
			t.regex(await response.text(), /a page of another site/);
		}
	}
	for (const site of ['same-origin', 'none']) {
		const headers = {'sec-fetch-site': site};
		t.is((await request('POST', '/api/security/unlockAllUsers', basic('root'), {headers})).status, 200, site);
	}
	t.is((await request('GET', '/v2/', basic('root'), {headers: {'sec-fetch-site': 'cross-site'}})).status, 200);
});

test('T53: no cookie signs anybody in, none is set, and no answer leads a browser elsewhere', async t => {
	const {routes, request} = await makeAccessWorld(t);
	const cookie = `authorization=${encodeURIComponent(basic('root'))}; ACCESSTOKEN=x; SESSION=root`;
	const elsewhere = ['redirect', 'redirect_uri', 'redirectTo', 'returnUrl', 'next', 'url'].map(
		name => `${name}=${encodeURIComponent('//evil.example/')}`,
	);
	for (const route of routes.filter(({access}) => access !== 'public')) {
		const path = `${pathOf(route)}?${elsewhere.join('&')}`;
		const headers = {cookie, origin: 'https://evil.example', 'x-forwarded-host': 'evil.example'};
		const answers = [await request(route.method, path, undefined, {headers})];
		t.true([400, 401, 404].includes(answers[0]?.status ?? 0), `${route.method} ${route.path} ${answers[0]?.status}`);
		if (route.method === 'GET') {
			answers.push(await request('GET', path, basic('root'), {headers}));
		}
		for (const {headers: sent, redirected} of answers) {
			t.false(redirected, path);
			t.false(sent.has('set-cookie'), path);
			t.false(sent.has('access-control-allow-origin'), path);
			t.notRegex(sent.get('location') ?? '', /evil/, path);
			t.notRegex(sent.get('www-authenticate') ?? '', /evil/, path);
		}
	}
});
