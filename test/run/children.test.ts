import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {Children} from './children.ts';

const running = (pid: number) => {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
};

async function untilGone(pid: number): Promise<boolean> {
	for (let tries = 0; running(pid) && tries < 100; tries += 1) {
		await sleep(20);
	}
	return !running(pid);
}

test('the exit status and every line of a program come back', async t => {
	const lines: string[] = [];
	const status = await new Children().run(['sh', '-c', 'printf "one\\ntwo"; exit 3'], {
		onLine: line => lines.push(line),
	});
	t.is(status, 3);
	t.deepEqual(lines, ['one', 'two']);
});

test('a program that cannot be started gives 127', async t => {
	t.is(await new Children().run(['/nonexistent/program']), 127);
});

test('what a program leaves running is ended with it', async t => {
	const lines: string[] = [];
	// The background process closes its output: nothing but its process group tells of it.
	await new Children().run(['sh', '-c', 'sleep 60 >/dev/null 2>&1 & echo $!'], {onLine: line => lines.push(line)});
	t.true(await untilGone(Number(lines[0])));
});

test('ending them ends what runs and starts nothing more', async t => {
	const children = new Children();
	const status = children.run(['sleep', '60']);
	await sleep(100);
	await children.end();
	t.is(await status, 128);
	t.is(await children.run(['true']), 130);
});
